#include "media/s3/xml_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::media {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(XmlText, FindsElementsByTheirWholeName) {
  EXPECT_THAT(elements_of("<a><K>1</K><Key>2</Key><K x=\"y\">3</K></a>", "K"),
              ElementsAre("1", "3"));
  EXPECT_THAT(elements_of("<a/>", "a"), IsEmpty());
}

TEST(XmlText, ReplacesEntities) {
  EXPECT_EQ(text_of("<E>&quot;a&amp;b&quot; &lt;&#x41;&#66;&gt;</E>", "E"), "\"a&b\" <AB>");
  EXPECT_EQ(text_of("<E>&unknown; & &#xZZ; &#999; &</E>", "E"), "&unknown; & &#xZZ; &#999; &");
}

TEST(XmlText, WhatIsNoXmlGivesNothing) {
  for (const char* text : {"", "<", "<Key", "<Key>", "<Key></", "</Key><Key>", "Key", "<Key >x"}) {
    EXPECT_EQ(text_of(text, "Key"), std::nullopt) << text;
  }
  EXPECT_EQ(text_of("<Key></Key>", "Key"), "");
}

}  // namespace
}  // namespace katip::media
