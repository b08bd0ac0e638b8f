#include "http/schema.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::http {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::HasSubstr;

/// "place: what is wrong" of each.
std::vector<std::string> wrongs(const std::vector<FieldError>& errors) {
  std::vector<std::string> all;
  for (const FieldError& error : errors) {
    all.push_back(fmt::format("{}: {}", error.pointer, error.message));
  }
  return all;
}

std::vector<std::string> check(const Schema& schema, std::string_view text) {
  std::vector<FieldError> errors;
  schema.check(json::parse(text), "", errors);
  return wrongs(errors);
}

std::vector<std::string> check_text(const Schema& schema, std::string_view text) {
  std::vector<FieldError> errors;
  schema.check_text(text, "x", errors);
  return wrongs(errors);
}

TEST(SchemaTest, EachKindTakesItsOwnAndNamesItself) {
  const std::vector<std::pair<Schema, std::string>> kinds = {{Schema::object({}), "{}"},
                                                             {Schema::array(Schema::any()), "[]"},
                                                             {Schema::string(), "\"a\""},
                                                             {Schema::integer(), "7"},
                                                             {Schema::boolean(), "true"}};
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    for (std::size_t j = 0; j < kinds.size(); ++j) {
      EXPECT_EQ(check(kinds[i].first, kinds[j].second).empty(), i == j) << i << " " << j;
    }
    EXPECT_EQ(check(kinds[i].first, "null").size(), 1U);
    EXPECT_EQ(check(kinds[i].first.nullable(), "null").size(), 0U);
    EXPECT_EQ(check(Schema::any(), kinds[i].second).size(), 0U);
  }
  EXPECT_THAT(check(Schema::integer(), "7.5"), ElementsAre(": must be a whole number"));
  EXPECT_THAT(check(Schema::number(), "7"), ElementsAre());
  EXPECT_THAT(check(Schema::number(), "\"7\""), ElementsAre(": must be a number"));
}

TEST(SchemaTest, ObjectsNameEveryFieldThatIsWrong) {
  const Schema schema = Schema::object(
      {{"name", Schema::string().length(1, 3), Need::kRequired},
       {"a/b~c", Schema::array(Schema::object({{"n", Schema::integer().range(1, 9)}}))}});
  EXPECT_THAT(check(schema, R"({"name":"abc","a/b~c":[]})"), ElementsAre());
  EXPECT_THAT(check(schema, "{}"), ElementsAre("/name: is needed"));
  EXPECT_THAT(
      check(schema, R"({"nmae":"a"})"),
      ElementsAre("/name: is needed", "/nmae: there is no such field. Did you mean `name`?"));
  EXPECT_THAT(check(schema, R"({"name":"","a/b~c":[{"n":1},{"n":0},3]})"),
              ElementsAre("/name: must have 1 to 3 characters", "/a~1b~0c/1/n: must be 1 to 9",
                          "/a~1b~0c/2: must be an object"));
  EXPECT_THAT(check(schema.open(), R"({"name":"a","other":1})"), ElementsAre());
}

TEST(SchemaTest, CharactersAreCountedAndNotBytes) {
  const Schema schema = Schema::string().length(2, 2);
  EXPECT_THAT(check(schema, "\"\xC3\xA7\xC5\x9F\""), ElementsAre());
  EXPECT_THAT(check(schema, "\"a\""), ElementsAre(": must have 2 to 2 characters"));
  EXPECT_THAT(check(Schema::string(), R"("a\u0000b")"),
              ElementsAre(": must be UTF-8 without the character U+0000"));
  EXPECT_THAT(check_text(Schema::string(), "\xFF"),
              ElementsAre("x: must be UTF-8 without the character U+0000"));
}

TEST(SchemaTest, ValuesOfAListAreSuggested) {
  const Schema schema = Schema::string().one_of({"asc", "desc"});
  EXPECT_THAT(check(schema, "\"asc\""), ElementsAre());
  EXPECT_THAT(check(schema, "\"dsec\""),
              ElementsAre(": must be one of asc, desc. Did you mean `desc`?"));
}

TEST(SchemaTest, FormatsAreChecked) {
  const Schema time = Schema::string().format("date-time");
  for (const char* good : {"2026-03-01T12:00:00Z", "2024-02-29T23:59:60.123456Z",
                           "2026-03-01T12:00:00+05:30", "0001-01-01T00:00:00-23:59"}) {
    EXPECT_THAT(check_text(time, good), ElementsAre()) << good;
  }
  for (const char* bad :
       {"", "2026-03-01", "2026-03-01T12:00:00", "2026-03-01 12:00:00Z", "2026-3-01T12:00:00Z",
        "2026-03-01T12:00:00.Z", "2026-03-01T12:00:00ZZ", "2026-13-01T12:00:00Z",
        "2026-02-29T12:00:00Z", "2026-03-00T12:00:00Z", "2026-03-01T24:00:00Z",
        "2026-03-01T12:60:00Z", "2026-03-01T12:00:00+24:00", "2026-03-01T12:00:00+0530"}) {
    EXPECT_THAT(check_text(time, bad), ElementsAre("x: must be a date-time")) << bad;
  }
  EXPECT_THAT(check_text(Schema::string().format("uuid"), "0190f3a2-7c1e-7001-8a3b-5f6e7d8c9b0a"),
              ElementsAre());
  EXPECT_THAT(check_text(Schema::string().format("uuid"), "1"), ElementsAre("x: must be a uuid"));
  EXPECT_THAT(check_text(Schema::string().format("uri"), "https://a"), ElementsAre());
  EXPECT_THAT(check_text(Schema::string().format("uri"), "javascript:x"),
              ElementsAre("x: must be an http or https address"));
}

TEST(SchemaTest, TextsOfQueriesAreReadAsTheirKind) {
  EXPECT_THAT(check_text(Schema::integer().range(1, 100), "7"), ElementsAre());
  EXPECT_THAT(check_text(Schema::integer().range(1, 100), "0"), ElementsAre("x: must be 1 to 100"));
  for (const char* bad : {"", " 7", "7 ", "+7", "7.0", "0x7", "99999999999999999999"}) {
    EXPECT_THAT(check_text(Schema::integer(), bad), ElementsAre("x: must be a whole number"))
        << bad;
  }
  EXPECT_THAT(check_text(Schema::number(), "-7.5e3"), ElementsAre());
  EXPECT_THAT(check_text(Schema::number(), "7,5"), ElementsAre("x: must be a number"));
  EXPECT_THAT(check_text(Schema::boolean(), "true"), ElementsAre());
  EXPECT_THAT(check_text(Schema::boolean(), "yes"), ElementsAre("x: must be true or false"));
  EXPECT_THAT(check_text(Schema::array(Schema::integer()), "x"),
              ElementsAre("x: must be a whole number"));
}

TEST(SchemaTest, NumbersThatAreNoneAreRefusedWithoutLimitsToo) {
  for (const char* bad : {"nan", "inf", "-inf"}) {
    EXPECT_THAT(check_text(Schema::number(), bad),
                ElementsAre("x: must be a number that is finite"));
    EXPECT_THAT(check_text(Schema::number().range(0, 1), bad), ElementsAre("x: must be 0 to 1"));
  }
}

TEST(SchemaTest, WhatIsWrongEverywhereIsNotListedForEver) {
  std::string text = "[";
  for (int i = 0; i < 5'000; ++i) text += "\"x\",";
  text += "1]";
  EXPECT_EQ(check(Schema::array(Schema::integer()), text).size(), Schema::kErrorCountMax);
  text = "{";
  for (int i = 0; i < 5'000; ++i) text += fmt::format("\"x{}\":1,", i);
  text += "\"y\":1}";
  EXPECT_EQ(check(Schema::object({}), text).size(), Schema::kErrorCountMax);
}

TEST(SchemaTest, ListsHaveLimits) {
  const Schema schema = Schema::array(Schema::integer()).length(1, 2);
  EXPECT_THAT(check(schema, "[]"), ElementsAre(": must have 1 to 2 entries"));
  EXPECT_THAT(check(schema, "[1,2]"), ElementsAre());
  EXPECT_THAT(check(schema, "[1,2,3]"), ElementsAre(": must have 1 to 2 entries"));
}

TEST(SchemaTest, ShowsItselfAsOpenApiWritesIt) {
  const Schema schema =
      Schema::object({{"name", Schema::string().length(1, 9).described("who"), Need::kRequired},
                      {"order", Schema::string().one_of({"asc"}).nullable()},
                      {"ids", Schema::array(Schema::string().format("uuid")).length(0, 3)},
                      {"share", Schema::number().range(0, 1)},
                      {"any", Schema::any()}});
  EXPECT_EQ(schema.to_json(), json::parse(R"({
    "type": "object", "required": ["name"], "additionalProperties": false,
    "properties": {
      "name": {"type": "string", "minLength": 1, "maxLength": 9, "description": "who"},
      "order": {"type": ["string", "null"], "enum": ["asc", null]},
      "ids": {"type": "array", "maxItems": 3, "minItems": 0,
              "items": {"type": "string", "format": "uuid"}},
      "share": {"type": "number", "minimum": 0.0, "maximum": 1.0},
      "any": {}}})"))
      << json::serialize(schema.to_json());
  EXPECT_FALSE(schema.open().to_json().as_object().contains("additionalProperties"));
}

}  // namespace
}  // namespace katip::http
