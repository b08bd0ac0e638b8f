#include "store/value.h"

#include <limits>

#include <gtest/gtest.h>

namespace katip::store {
namespace {

TEST(Value, KnowsWhatItIs) {
  EXPECT_EQ(Value().type_name(), "null");
  EXPECT_EQ(Value(7).type_name(), "integer");
  EXPECT_EQ(Value(true), Value(1));
  EXPECT_EQ(Value(0.5).type_name(), "real");
  EXPECT_EQ(Value("kâtip"), Value(std::string("kâtip")));
  EXPECT_EQ(Value(Bytes{std::byte{1}}).type_name(), "bytes");
  EXPECT_TRUE(Value(std::optional<int>()).is_null());
  EXPECT_EQ(Value(std::optional<int>(3)), Value(3));
}

TEST(Value, IsReadAsWhatItIsOrNotAtAll) {
  EXPECT_EQ(Value(7).to<std::int64_t>(), 7);
  EXPECT_EQ(Value(7).to<double>(), 7.0);
  EXPECT_EQ(Value("x").to<std::string>(), "x");
  EXPECT_EQ(Value(1).to<bool>(), true);
  EXPECT_EQ(Value().to<std::optional<std::string>>().value(), std::nullopt);
  EXPECT_EQ(Value("x").to<std::optional<std::string>>().value(), "x");
  for (const Result<std::int64_t>& wrong :
       {Value().to<std::int64_t>(), Value("7").to<std::int64_t>(), Value(7.0).to<std::int64_t>()}) {
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, ErrorCode::kCorruptData);
  }
  EXPECT_FALSE(Value(2).to<bool>());
  EXPECT_FALSE(Value(2).to<std::optional<std::string>>());
}

TEST(CheckParameters, TakesEveryCharacterOfUnicode) {
  EXPECT_TRUE(check_parameters({}));
  const std::vector<Value> good = {nullptr,        "",
                                   "ışğüöç İ",     "\xF4\x8F\xBF\xBF",
                                   "\xED\x9F\xBF", std::numeric_limits<double>::infinity()};
  EXPECT_TRUE(check_parameters(good));
}

TEST(CheckParameters, RefusesWhatNotBothDatabasesKeep) {
  using namespace std::string_literals;
  const std::vector<Value> bad = {"a\0b"s,
                                  "\xC0\xAF",
                                  "\xE2\x82",
                                  "\xED\xA0\x80",
                                  "\xF4\x90\x80\x80",
                                  "\xF0\x80\x80\x80",
                                  "\x80",
                                  "\xFF",
                                  "\xE0\x80\xAF",
                                  std::numeric_limits<double>::quiet_NaN()};
  for (const Value& value : bad) {
    const std::vector<Value> parameters = {1, value};
    const Status status = check_parameters(parameters);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::kInvalidArgument);
    EXPECT_TRUE(status.error().message.contains("$2")) << status.error().message;
  }
}

TEST(Rows, AreReadByNameAndByIndex) {
  const Rows rows({"id", "term"}, {1, "bir", 2, nullptr}, 0);
  ASSERT_EQ(rows.size(), 2u);
  std::int64_t sum = 0;
  for (const Row row : rows) {
    sum += row.get<std::int64_t>("id").value();
  }
  EXPECT_EQ(sum, 3);
  EXPECT_EQ(rows[0].get<std::string>(1), "bir");
  const auto null = rows[1].get<std::string>("term");
  ASSERT_FALSE(null);
  EXPECT_EQ(null.error().message, "column term: is null where text was expected");
  EXPECT_EQ(rows[0].get<std::string>("nothing").error().code, ErrorCode::kInternal);
  EXPECT_EQ(rows[0].get<std::string>(2).error().code, ErrorCode::kInternal);
}

TEST(Rows, WithoutColumnsAreEmpty) {
  EXPECT_TRUE(Rows().empty());
  const Rows none;
  EXPECT_EQ(none.begin(), none.end());
}

}  // namespace
}  // namespace katip::store
