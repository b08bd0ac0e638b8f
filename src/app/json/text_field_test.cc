#include "app/json/text_field.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace katip::app {
namespace {

TEST(TextIn, IsTheTextOrNothing) {
  const auto object =
      boost::json::parse(R"({"name": "ayşe\u0000", "size": 5, "none": null, "list": ["a"]})")
          .as_object();
  EXPECT_EQ(text_in(object, "name"), std::string("ayşe\0", 6));
  for (const char* key : {"size", "none", "list", "missing", ""}) {
    EXPECT_EQ(text_in(object, key), "") << key;
  }
}

}  // namespace
}  // namespace katip::app
