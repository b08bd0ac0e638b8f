#include "engine/model/json_text.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace katip::engine {
namespace {

TEST(ParseJson, NamesTheFileAndThePlaceOfAFault) {
  for (const char* text : {"", "{", "{} x", "[1,]", "{\"a\":}", "\xff", "nul"}) {
    const auto value = parse_json(text, "config.json", {});
    ASSERT_FALSE(value.has_value()) << text;
    EXPECT_EQ(value.error().code, ErrorCode::kCorruptData);
    EXPECT_EQ(value.error().message.find("config.json"), 0u) << value.error().message;
  }
  EXPECT_TRUE(parse_json(" {\"a\": [1, 2.5, null]} \n", "config.json", {}));
}

TEST(ParseJson, RefusesDeepNesting) {
  const std::string deep(100'000, '[');
  EXPECT_FALSE(parse_json(deep + std::string(100'000, ']'), "config.json", {}));
}

TEST(ParseJsonObject, RefusesOtherValues) {
  EXPECT_FALSE(parse_json_object("[1]", "config.json"));
  EXPECT_TRUE(parse_json_object("{}", "config.json"));
}

TEST(JsonInt, ChecksPresenceTypeAndLimits) {
  const auto object = parse_json_object(
      R"({"good": 5, "exact": 5.0, "half": 0.5, "text": "5", "huge": 1e30, "null": null})", "f");
  ASSERT_TRUE(object.has_value());
  EXPECT_EQ(json_int(*object, "good", 1, 5).value(), 5);
  EXPECT_EQ(json_int(*object, "exact", 1, 5).value(), 5);
  EXPECT_FALSE(json_int(*object, "good", 6, 9));
  EXPECT_FALSE(json_int(*object, "good", 1, 4));
  for (const char* key : {"half", "text", "huge", "null", "missing"}) {
    const auto value = json_int(*object, key, 0, 9);
    ASSERT_FALSE(value.has_value()) << key;
    EXPECT_NE(value.error().message.find(key), std::string::npos);
  }
}

TEST(JsonIntList, IsEmptyWhenMissingOrNull) {
  const auto object =
      parse_json_object(R"({"good": [1, 2], "null": null, "text": "x", "mixed": [1, "2"]})", "f");
  ASSERT_TRUE(object.has_value());
  EXPECT_EQ(json_int_list(*object, "good", 0, 9).value(), (std::vector<int>{1, 2}));
  EXPECT_TRUE(json_int_list(*object, "null", 0, 9).value().empty());
  EXPECT_TRUE(json_int_list(*object, "missing", 0, 9).value().empty());
  EXPECT_FALSE(json_int_list(*object, "text", 0, 9));
  EXPECT_FALSE(json_int_list(*object, "mixed", 0, 9));
  EXPECT_FALSE(json_int_list(*object, "good", 0, 1));
}

}  // namespace
}  // namespace katip::engine
