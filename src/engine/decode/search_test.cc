#include "engine/decode/search.h"

#include <cmath>
#include <map>
#include <vector>

#include <gtest/gtest.h>

namespace katip::engine {
namespace {

// Text tokens 0 to 9, the end 10, timestamps from 12.
constexpr int kEnd = 10;
constexpr int kTimestamp = 12;
constexpr std::size_t kVocabulary = 20;

/// A language model that is a table: what follows a token, with probabilities.
using Table = std::map<int, std::map<int, float>>;

class SearchTest : public testing::Test {
 protected:
  SearchTest()
      : rules_(ModelConfig{}, {.end_of_text = kEnd,
                               .start_of_transcript = 11,
                               .translate = 11,
                               .transcribe = 11,
                               .start_of_lm = 11,
                               .start_of_previous = 11,
                               .no_speech = 11,
                               .no_timestamps = 11,
                               .timestamp_begin = kTimestamp}) {}

  SearchOptions options(int width) {
    return {
        .rules = &rules_, .timestamp_max = kTimestamp + 7, .token_count_max = 12, .width = width};
  }

  static void write_row(const Table& table, int last, std::span<float> row) {
    std::ranges::fill(row, -30.0f);
    const auto next = table.find(last);
    if (next == table.end()) {  // beams come by tokens that the table does not name
      row[kEnd] = 0.0f;
      return;
    }
    for (const auto& [token, probability] : next->second) {
      row[static_cast<std::size_t>(token)] = std::log(probability);
    }
  }

  static Hypothesis run(Search& search, const Table& table) {
    std::vector<float> first(kVocabulary);
    write_row(table, -1, first);
    search.begin(first, {});
    for (int guard = 0; !search.is_done() && guard < 100; ++guard) {
      std::vector<float> logits(search.live().size() * kVocabulary);
      for (std::size_t row = 0; row < search.live().size(); ++row) {
        search.live()[row].past.push_back(nullptr);
        write_row(table, search.live()[row].tokens.back(),
                  std::span(logits).subspan(row * kVocabulary, kVocabulary));
      }
      search.advance(logits);
    }
    EXPECT_TRUE(search.is_done());
    return search.take_best();
  }

  TokenRules rules_;
};

// Greedy goes by 1 (0.6), whose ending is weak; the better text begins with 2 (0.4).
const Table kGardenPath = {{-1, {{kTimestamp, 1.0f}}},
                           {kTimestamp, {{1, 0.6f}, {2, 0.4f}}},
                           {1, {{3, 0.55f}, {4, 0.45f}}},
                           {2, {{5, 1.0f}}},
                           {3, {{kEnd, 0.6f}, {3, 0.4f}}},
                           {4, {{kEnd, 0.6f}, {4, 0.4f}}},
                           {5, {{kEnd, 1.0f}}}};

TEST_F(SearchTest, GreedyTakesTheBestTokenAtEachStep) {
  const auto search = make_search(options(1));
  EXPECT_EQ(run(*search, kGardenPath).tokens, (std::vector<int>{kTimestamp, 1, 3}));
}

TEST_F(SearchTest, BeamsFindTheMoreProbableText) {
  const auto search = make_search(options(3));
  const Hypothesis best = run(*search, kGardenPath);
  EXPECT_EQ(best.tokens, (std::vector<int>{kTimestamp, 2, 5}));
  EXPECT_NEAR(best.log_probability_sum, std::log(0.4f), 1e-4f);
  EXPECT_NEAR(best.average_log_probability(), std::log(0.4f) / 4.0f, 1e-4f);
}

TEST_F(SearchTest, ATextThatNeverEndsStopsAtTheLimit) {
  const Table endless = {{-1, {{kTimestamp, 1.0f}}}, {kTimestamp, {{1, 1.0f}}}, {1, {{1, 1.0f}}}};
  for (const int width : {1, 4}) {
    const auto search = make_search(options(width));
    EXPECT_EQ(run(*search, endless).tokens.size(), 12u) << width;
  }
}

// Each step ends one text, improbably, and goes on with another.
TEST_F(SearchTest, AtTheLimitATextThatWouldGoOnMayBeTheBest) {
  const Table going_on = {
      {-1, {{kTimestamp, 1.0f}}}, {kTimestamp, {{1, 1.0f}}}, {1, {{1, 0.9f}, {kEnd, 0.1f}}}};
  SearchOptions patient = options(2);
  patient.patience = 10.0f;
  const auto search = make_search(patient);
  EXPECT_EQ(run(*search, going_on).tokens.size(), 12u);
}

TEST_F(SearchTest, SamplingDrawsEachTextAsOftenAsItsProbabilitySays) {
  const Table coin = {{-1, {{kTimestamp, 1.0f}}},
                      {kTimestamp, {{1, 0.75f}, {2, 0.25f}}},
                      {1, {{kEnd, 1.0f}}},
                      {2, {{kEnd, 1.0f}}}};
  int count = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    SearchOptions drawing = options(1);
    drawing.temperature = 1.0f;
    drawing.seed = seed;
    const auto search = make_search(drawing);
    count += run(*search, coin).tokens.at(1) == 1 ? 1 : 0;
  }
  EXPECT_NEAR(count, 300, 40);
}

TEST_F(SearchTest, SamplingWithOneSeedGivesOneText) {
  SearchOptions drawing = options(5);
  drawing.temperature = 1.0f;
  drawing.seed = 42;
  const auto first = make_search(drawing);
  const auto second = make_search(drawing);
  EXPECT_EQ(run(*first, kGardenPath).tokens, run(*second, kGardenPath).tokens);
}

TEST_F(SearchTest, LogitsThatAreNotNumbersEndTheText) {
  const auto search = make_search(options(2));
  std::vector<float> logits(kVocabulary, NAN);
  search->begin(logits, {});
  ASSERT_TRUE(search->is_done());
  EXPECT_TRUE(search->take_best().tokens.empty());
}

}  // namespace
}  // namespace katip::engine
