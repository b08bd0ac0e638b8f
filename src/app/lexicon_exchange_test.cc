#include "app/lexicon_exchange.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::app {
namespace {

using ::testing::HasSubstr;

std::vector<Term> terms() {
  Term first;
  first.term = "Yılmaz, \"Ayşe\"";
  first.language = "tr";
  first.category = "person";
  first.weight = 2.5;
  first.frequency = 7;
  first.alternatives = {"A. Yılmaz", "Ayşe Y."};
  Term second;
  second.term = "C++";
  second.status = TermStatus::kRejected;
  return {first, second};
}

TEST(LexiconExchange, WhatIsWrittenIsRead) {
  for (const LexiconFormat format : {LexiconFormat::kCsv, LexiconFormat::kJson}) {
    const std::string bytes = write_terms_file(terms(), format);
    const auto read = parse_terms_file(bytes, format, "");
    ASSERT_TRUE(read) << read.error().message << bytes;
    ASSERT_EQ(read->size(), 2U);
    EXPECT_EQ(read->at(0).term, "Yılmaz, \"Ayşe\"");
    EXPECT_EQ(read->at(0).language, "tr");
    EXPECT_EQ(read->at(0).category, "person");
    EXPECT_EQ(read->at(0).weight, 2.5);
    EXPECT_EQ(read->at(0).frequency, 7);
    EXPECT_EQ(read->at(0).alternatives, terms()[0].alternatives);
    EXPECT_EQ(read->at(1).term, "C++");
    EXPECT_EQ(read->at(0).status, TermStatus::kActive);
    EXPECT_EQ(read->at(1).status, TermStatus::kRejected);
    EXPECT_EQ(read->at(1).language, "");
  }
  const auto text =
      parse_terms_file(write_terms_file(terms(), LexiconFormat::kText), LexiconFormat::kText, "tr");
  ASSERT_TRUE(text);
  EXPECT_EQ(text->at(0).alternatives, terms()[0].alternatives);
  EXPECT_EQ(text->at(1).language, "tr");
}

TEST(LexiconExchange, FilesOfSpreadsheets) {
  const auto read = parse_terms_file(
      "\xEF\xBB\xBFterm;weight;language\r\nAnkara;2;tr\r\n\r\n\"Bir;\"\"iki\"\"\";;\r\n",
      LexiconFormat::kCsv, "en");
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ(read->at(0).weight, 2);
  EXPECT_EQ(read->at(1).term, "Bir;\"iki\"");
  EXPECT_EQ(read->at(1).language, "en") << "that of the request, where the row has none";
}

TEST(LexiconExchange, MistakesAreNamed) {
  const std::tuple<LexiconFormat, const char*, const char*> cases[] = {
      {LexiconFormat::kCsv, "", "empty"},
      {LexiconFormat::kCsv, "term,wieght\na,1\n", "weight"},
      {LexiconFormat::kCsv, "weight\n1\n", "`term`"},
      {LexiconFormat::kCsv, "term,weight\na,1\nb,x\n", "row 3"},
      {LexiconFormat::kCsv, "term,weight\n,1\n", "row 2"},
      {LexiconFormat::kCsv, "term\na,b\n", "row 2"},
      {LexiconFormat::kCsv, "term,status\na,used\n", "used"},
      {LexiconFormat::kCsv, "term\n\"a\n", "line 2"},
      {LexiconFormat::kJson, "{}", "list"},
      {LexiconFormat::kJson, "[", "JSON"},
      {LexiconFormat::kJson, R"(["a", 5])", "item 2"},
      {LexiconFormat::kJson, R"([{"term": "a", "wight": 1}])", "weight"},
      {LexiconFormat::kJson, R"([{"term": 5}])", "term"},
      {LexiconFormat::kText, "a\nb\tx\n", "2"},
      {LexiconFormat::kText, "\xFF", "UTF-8"},
  };
  for (const auto& [format, bytes, named] : cases) {
    const auto read = parse_terms_file(bytes, format, "");
    ASSERT_FALSE(read) << bytes;
    EXPECT_THAT(read.error().message, HasSubstr(named)) << bytes;
  }
}

TEST(LexiconExchange, FormatsHaveNames) {
  EXPECT_EQ(parse_lexicon_format("csv").value(), LexiconFormat::kCsv);
  EXPECT_FALSE(parse_lexicon_format("xml"));
  EXPECT_EQ(file_extension(LexiconFormat::kText), "txt");
}

}  // namespace
}  // namespace katip::app
