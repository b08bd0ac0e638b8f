#include "http/json_text.h"

#include <limits>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace katip::http {
namespace {

TEST(JsonText, WritesEveryKindOfValueAsItIsRead) {
  for (const char* text : {"null", "true", "-7", "18446744073709551615", "\"a\\\"b\\n\\u0001ş\"",
                           "[]", "{}", R"({"a":[1,"x",{"b":null}],"c d":false})"}) {
    EXPECT_EQ(json_text(boost::json::parse(text)), text);
  }
}

TEST(JsonText, WritesNumbersAsPeopleDo) {
  EXPECT_EQ(json_text(10.756), "10.756");
  EXPECT_EQ(json_text(11.0), "11");
  EXPECT_EQ(json_text(0.1), "0.1");
  EXPECT_EQ(json_text(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(boost::json::parse(json_text(1e-300)).to_number<double>(), 1e-300);
}

}  // namespace
}  // namespace katip::http
