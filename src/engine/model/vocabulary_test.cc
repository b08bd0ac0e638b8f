#include "engine/model/vocabulary.h"

#include <utility>

#include <gtest/gtest.h>

namespace katip::engine {
namespace {

TEST(ParseTokenizerJson, TakesMergesAsLinesAndAsPairs) {
  for (const char* merges : {R"(["Ġ t","h e"])", R"([["Ġ","t"],["h","e"]])"}) {
    const auto vocabulary = parse_tokenizer_json(
        R"({"model":{"vocab":{"Ġ":0,"t":1,"Ġt":4},"merges":)" + std::string(merges) +
        R"(},"added_tokens":[{"id":5,"content":"<|endoftext|>"}]})");
    ASSERT_TRUE(vocabulary.has_value()) << vocabulary.error().message;
    ASSERT_EQ(vocabulary->size(), 6u);
    EXPECT_EQ(vocabulary->token(0), " ");
    EXPECT_EQ(vocabulary->token(2), "");
    EXPECT_EQ(vocabulary->token(4), " t");
    EXPECT_EQ(vocabulary->token(5), "<|endoftext|>");
    ASSERT_EQ(vocabulary->merge_count(), 2u);
    EXPECT_EQ(vocabulary->merge(0).left, " ");
    EXPECT_EQ(vocabulary->merge(1).right, "e");
  }
}

TEST(ParseTokenizerJson, FailsOnEverythingElse) {
  const auto model = [](const std::string& vocab, const std::string& merges,
                        const std::string& added = "[]") {
    return R"({"model":{"vocab":)" + vocab + R"(,"merges":)" + merges + R"(},"added_tokens":)" +
           added + "}";
  };
  EXPECT_TRUE(parse_tokenizer_json(model("{}", "[]")));
  for (const std::string& text :
       {std::string(),
        std::string("{}"),
        std::string("[]"),
        std::string("{\"model\":[]}"),
        model("[]", "[]"),
        model("{}", "{}"),
        model("{\"a\":-1}", "[]"),
        model("{\"a\":\"0\"}", "[]"),
        model("{\"a\":1.5}", "[]"),
        model("{\"a\":4000000000}", "[]"),
        model("{\"a\":18446744073709551615}", "[]"),
        model("{}", "[1]"),
        model("{}", "[\"ab\"]"),
        model("{}", "[\" b\"]"),
        model("{}", "[\"a \"]"),
        model("{}", "[[\"a\"]]"),
        model("{}", "[[\"a\",1]]"),
        model("{}", "[]", "[1]"),
        model("{}", "[]", "[{\"id\":1}]"),
        model("{}", "[]", "[{\"id\":-1,\"content\":\"a\"}]"),
        model("{}", "[]", "[{\"id\":1,\"content\":2}]"),
        R"({"model":{"type":"Unigram","vocab":[["a",-1.5]]}})" + std::string()}) {
    const auto vocabulary = parse_tokenizer_json(text);
    ASSERT_FALSE(vocabulary.has_value()) << text;
    EXPECT_EQ(vocabulary.error().code, ErrorCode::kCorruptData);
  }
}

TEST(ParseVocabularyAndMerges, ReadsTheThreeFiles) {
  const auto vocabulary = parse_vocabulary_and_merges(
      {R"({"a":0,"b":1,"ab":2})", "#version: 0.2\na b\r\n\n", R"({"<|endoftext|>":3})"});
  ASSERT_TRUE(vocabulary.has_value()) << vocabulary.error().message;
  EXPECT_EQ(vocabulary->size(), 4u);
  EXPECT_EQ(vocabulary->token(3), "<|endoftext|>");
  EXPECT_EQ(vocabulary->merge_count(), 1u);
  EXPECT_TRUE(parse_vocabulary_and_merges({"{}", "", ""}));
  EXPECT_FALSE(parse_vocabulary_and_merges({"", "", ""}));
  EXPECT_FALSE(parse_vocabulary_and_merges({"[]", "", ""}));
  EXPECT_FALSE(parse_vocabulary_and_merges({"{}", "ab\n", ""}));
  EXPECT_FALSE(parse_vocabulary_and_merges({"{}", "", "[]"}));
}

TEST(ParseVocabularyList, CountsTheTokens) {
  const auto vocabulary = parse_vocabulary_list(R"(["!","","Ġa"])");
  ASSERT_TRUE(vocabulary.has_value());
  EXPECT_EQ(vocabulary->size(), 3u);
  EXPECT_EQ(vocabulary->token(2), " a");
  EXPECT_EQ(vocabulary->merge_count(), 0u);
  EXPECT_FALSE(parse_vocabulary_list("[1]"));
  EXPECT_FALSE(parse_vocabulary_list("{}"));
}

TEST(ParseVocabularyLines, KeepsEmptyTokensAndNoLineEnds) {
  const auto vocabulary = parse_vocabulary_lines("!\n\nĠa\r\nlast");
  ASSERT_TRUE(vocabulary.has_value());
  ASSERT_EQ(vocabulary->size(), 4u);
  EXPECT_EQ(vocabulary->token(1), "");
  EXPECT_EQ(vocabulary->token(2), " a");
  EXPECT_EQ(vocabulary->token(3), "last");
  EXPECT_EQ(parse_vocabulary_lines("a\nb\n")->size(), 2u);
  EXPECT_EQ(parse_vocabulary_lines("")->size(), 0u);
  EXPECT_FALSE(parse_vocabulary_lines(std::string(300'000, '\n')));
}

TEST(Vocabulary, KeepsItsViewsWhenMoved) {
  auto vocabulary = parse_vocabulary_list(R"(["a"])").value();
  const std::string_view token = vocabulary.token(0);
  const Vocabulary moved = std::move(vocabulary);
  EXPECT_EQ(moved.token(0).data(), token.data());
}

}  // namespace
}  // namespace katip::engine
