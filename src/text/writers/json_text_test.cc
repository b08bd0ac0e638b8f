#include "text/writers/json_text.h"

#include <cstdint>
#include <limits>
#include <string>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace katip::text {
namespace {

namespace json = boost::json;

TEST(JsonText, WritesNumbersAsPeopleDo) {
  EXPECT_EQ(json_text(3.2), "3.2\n");
  EXPECT_EQ(json_text(12.0), "12.0\n");
  EXPECT_EQ(json_text(0.001), "0.001\n");
  EXPECT_EQ(json_text(-0.28573197), "-0.285732\n");
  EXPECT_EQ(json_text(1e-11), "0.0\n");
  EXPECT_EQ(json_text(-1e-11), "0.0\n");
  EXPECT_EQ(json_text(3.6e9), "3600000000.0\n");
  EXPECT_EQ(json_text(std::int64_t{-7}), "-7\n");
}

TEST(JsonText, WritesNumbersThatJsonLacksAsNull) {
  EXPECT_EQ(json_text(std::numeric_limits<double>::quiet_NaN()), "null\n");
  EXPECT_EQ(json_text(-std::numeric_limits<double>::infinity()), "null\n");
}

TEST(JsonText, TakesTheLargestNumbers) {
  const double largest = std::numeric_limits<double>::max();
  EXPECT_EQ(std::stod(json_text(largest)), largest);
}

TEST(JsonText, SpreadsTheOutermostLevelsOnly) {
  const json::value value = {
      {"text", "a \"b\" \\ \u0001"},
      {"empty", json::array()},
      {"list", {{{"id", 0}, {"tokens", {1, 2}}}, json::object()}},
      {"usage", {{"seconds", 3}, {"type", "duration"}}},
  };
  EXPECT_EQ(json_text(value), R"({
  "text": "a \"b\" \\ \u0001",
  "empty": [],
  "list": [
    {"id": 0, "tokens": [1, 2]},
    {}
  ],
  "usage": {"seconds": 3, "type": "duration"}
}
)");
  EXPECT_EQ(json::parse(json_text(value)), value);
  EXPECT_EQ(json_text(json::object()), "{}\n");
}

}  // namespace
}  // namespace katip::text
