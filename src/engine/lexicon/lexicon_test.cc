#include "engine/lexicon/lexicon.h"

#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/model/testing/tokenizer.h"

namespace katip::engine {
namespace {

constexpr int kEnd = 50257;
constexpr int kTimestamp = 50364;

/// A vocabulary of a few word parts.
enum Part : int {
  kQu = 1,   // " Qu"
  kIlter,    // "ilter"
  kColter,   // " Colter"
  kComma,    // ","
  kNew,      // " New"
  kYork,     // " York"
  kTimes,    // " Times"
  kMinster,  // " Minster"
  kPlainQu,  // "Qu"
  kIlt,      // "ilt"
  kDash,     // "-"
  kTower,    // "塔"
  kThe,      // " the"
  kQ,        // " q"
  kPlainQ,   // "q"
  kUilter,   // "uilter"
};

TestingTokenizer tokenizer() {
  return TestingTokenizer({{kQu, " Qu"},
                           {kIlter, "ilter"},
                           {kColter, " Colter"},
                           {kComma, ","},
                           {kNew, " New"},
                           {kYork, " York"},
                           {kTimes, " Times"},
                           {kMinster, " Minster"},
                           {kPlainQu, "Qu"},
                           {kIlt, "ilt"},
                           {kDash, "-"},
                           {kTower, "塔"},
                           {kThe, " the"},
                           {kQ, " q"},
                           {kPlainQ, "q"},
                           {kUilter, "uilter"}});
}

constexpr LexiconStrength kStrength = {
    .first = 2, .next = 1, .whole = 1, .most = 10, .crowd = 0, .reach = 5};

Lexicon lexicon(const std::vector<std::string>& texts, float weight = 1.0f) {
  std::vector<LexiconTerm> terms;
  for (const std::string& text : texts) {
    terms.push_back({.term = text, .weight = weight, .alternatives = {}});
  }
  return Lexicon(terms, tokenizer(), kStrength);
}

/// The bonus of a token that is `behind` nats behind the best one.
float bonus(const Lexicon& lexicon, const Lexicon::State& state, int token, int best,
            float behind = 1.0f) {
  return lexicon.bonus(state, {token, -behind}, {best, 0.0f});
}

/// Follows tokens that are each the best of their row.
Lexicon::State follow(const Lexicon& lexicon, const std::vector<int>& tokens) {
  Lexicon::State state = lexicon.initial();
  for (const int token : tokens) {
    state = lexicon.advance(state, token, bonus(lexicon, state, token, token, 0.0f));
  }
  return state;
}

TEST(Lexicon, WithoutTermsThereIsNoBonus) {
  const Lexicon empty = lexicon({});
  EXPECT_EQ(bonus(empty, empty.initial(), kQu, kColter), 0.0f);
  const Lexicon nothing = lexicon({"", "  ", "xyz"});
  EXPECT_EQ(bonus(nothing, nothing.initial(), kQu, kColter), 0.0f);
  const Lexicon weightless = lexicon({"Quilter"}, 0.0f);
  EXPECT_EQ(bonus(weightless, weightless.initial(), kQu, kColter), 0.0f);
}

TEST(Lexicon, ATermIsLentItsBonusAndKeepsItWhenItIsComplete) {
  const Lexicon one = lexicon({"Quilter"});
  Lexicon::State state = one.initial();
  const float first = bonus(one, state, kQu, kColter);
  EXPECT_FLOAT_EQ(first, 2.0f);
  state = one.advance(state, kQu, first);
  EXPECT_FLOAT_EQ(one.unearned(state), 2.0f);
  const float second = bonus(one, state, kIlter, kIlt);
  EXPECT_FLOAT_EQ(second, 4.0f) << "the loan again, the next token and the whole word";
  state = one.advance(state, kIlter, second);
  EXPECT_EQ(one.unearned(state), 0.0f);
}

TEST(Lexicon, AHalfTermLosesItsLoan) {
  const Lexicon one = lexicon({"Quilter"});
  const Lexicon::State half = follow(one, {kQu});
  EXPECT_GT(one.unearned(half), 0.0f);
  EXPECT_EQ(bonus(one, half, kIlt, kIlt), 0.0f);
  EXPECT_EQ(one.unearned(one.advance(half, kIlt, 0.0f)), 0.0f) << "nothing is lent any more";
}

TEST(Lexicon, ScoresOfWholePathsDifferByWhatWasCompletedOnly) {
  const Lexicon terms = lexicon({"New York", "York Minster", "Quilter"});
  const auto score = [&](const std::vector<int>& tokens) {
    float score = 0.0f;
    Lexicon::State state = terms.initial();
    for (const int token : tokens) {
      const float given = bonus(terms, state, token, token, 0.0f);
      state = terms.advance(state, token, given);
      score += given - terms.unearned(state);
    }
    return score;
  };
  EXPECT_FLOAT_EQ(score({kThe, kNew, kTimes}), 0.0f);
  EXPECT_FLOAT_EQ(score({kNew, kQu, kIlt, kComma}), 0.0f);
  EXPECT_FLOAT_EQ(score({kThe, kQu, kIlter}), 4.0f);
  EXPECT_FLOAT_EQ(score({kNew, kYork, kThe}), 4.0f);
  EXPECT_FLOAT_EQ(score({kThe, kYork, kMinster}), 4.0f);
}

TEST(Lexicon, ALongerTermGoesOnFromAShorterOne) {
  const Lexicon terms = lexicon({"New York", "New York Times"});
  const Lexicon::State state = follow(terms, {kNew, kYork});
  EXPECT_EQ(terms.unearned(state), 0.0f) << "New York is complete";
  EXPECT_FLOAT_EQ(bonus(terms, state, kTimes, kThe), 1.0f) << "only what is new";
}

TEST(Lexicon, TermsMayOverlap) {
  const Lexicon terms = lexicon({"New York Times", "York Minster"});
  const Lexicon::State state = follow(terms, {kNew, kYork});
  EXPECT_GT(bonus(terms, state, kTimes, kThe), 0.0f);
  EXPECT_GT(bonus(terms, state, kMinster, kThe), 0.0f);
}

TEST(Lexicon, WhatIsNotPlausibleGetsNothing) {
  const Lexicon one = lexicon({"Quilter"});
  EXPECT_GT(bonus(one, one.initial(), kQu, kColter, 4.9f), 0.0f);
  EXPECT_EQ(bonus(one, one.initial(), kQu, kColter, 5.1f), 0.0f);
  EXPECT_EQ(bonus(one, follow(one, {kQu}), kIlter, kIlt, 5.1f), 0.0f);
  EXPECT_EQ(bonus(one, one.initial(), kQu, kColter, std::nanf("")), 0.0f);
  EXPECT_EQ(bonus(one, one.initial(), kQu, kColter, std::numeric_limits<float>::infinity()), 0.0f);
}

TEST(Lexicon, SilenceAndTimestampsAreNeverOverruled) {
  const Lexicon one = lexicon({"Quilter"});
  EXPECT_EQ(bonus(one, one.initial(), kQu, kEnd), 0.0f);
  EXPECT_EQ(bonus(one, one.initial(), kQu, kTimestamp), 0.0f);
  EXPECT_EQ(bonus(one, follow(one, {kQu}), kIlter, kEnd), 0.0f);
  EXPECT_EQ(bonus(one, one.initial(), kTimestamp, kQu), 0.0f);
}

TEST(Lexicon, ATermBeginsOnlyWhereAWordBegins) {
  const Lexicon one = lexicon({"Quilter"});
  const Lexicon::State inside = follow(one, {kColter});
  EXPECT_EQ(bonus(one, inside, kQu, kIlt), 0.0f) << "the best token goes on with the word";
  EXPECT_EQ(bonus(one, inside, kQu, kComma), 0.0f);
  EXPECT_GT(bonus(one, inside, kQu, kThe), 0.0f);
  EXPECT_EQ(bonus(one, inside, kPlainQu, kThe), 0.0f);
}

TEST(Lexicon, WithoutASpaceATermMayFollowMarks) {
  const Lexicon one = lexicon({"Quilter"});
  EXPECT_GT(bonus(one, one.initial(), kPlainQu, kThe), 0.0f);
  EXPECT_GT(bonus(one, follow(one, {kThe, kDash}), kPlainQu, kIlt), 0.0f);
  EXPECT_GT(bonus(one, follow(one, {kThe, kTimestamp}), kPlainQu, kIlt), 0.0f);
  EXPECT_GT(bonus(one, follow(one, {kTower}), kPlainQu, kTower), 0.0f) << "Japanese has no spaces";
}

TEST(Lexicon, TermsOfScriptsWithoutSpacesBeginAfterTheirOwn) {
  const Lexicon one = lexicon({"塔"});
  EXPECT_GT(bonus(one, follow(one, {kTower}), kTower, kTower, 0.0f), 0.0f);
  EXPECT_EQ(bonus(one, follow(one, {kQu}), kTower, kIlt), 0.0f);
}

TEST(Lexicon, TheFirstLetterMayBeCapital) {
  const Lexicon one = lexicon({"quilter"});
  EXPECT_GT(bonus(one, one.initial(), kQ, kThe), 0.0f);
  EXPECT_GT(bonus(one, one.initial(), kQu, kThe), 0.0f);
  const Lexicon two = lexicon({"Quilter"});
  EXPECT_EQ(bonus(two, two.initial(), kQ, kThe), 0.0f) << "a name stays a name";
}

TEST(Lexicon, AlternativesCountAsTheTerm) {
  const LexiconTerm term = {.term = "Quilter", .alternatives = {"Colter", ""}};
  const Lexicon one(std::vector{term}, tokenizer(), kStrength);
  EXPECT_GT(bonus(one, one.initial(), kColter, kThe), 0.0f);
}

TEST(Lexicon, TheWeightScalesTheBonus) {
  const Lexicon heavy = lexicon({"Quilter"}, 2.0f);
  EXPECT_FLOAT_EQ(bonus(heavy, heavy.initial(), kQu, kColter), 4.0f);
}

TEST(Lexicon, BiasAddsTheBonusAndNothingElse) {
  const Lexicon terms = lexicon({"Quilter", "New York"});
  const float never = -std::numeric_limits<float>::infinity();
  std::vector<float> logits(51865, never);
  logits[kColter] = 3.0f;
  logits[kQu] = 2.0f;
  logits[kNew] = -9.0f;
  logits[kIlter] = std::nanf("");
  std::vector<float> expected = logits;
  expected[kQu] = 4.0f;
  terms.bias(terms.initial(), logits);
  EXPECT_TRUE(std::isnan(logits[kIlter]));
  logits[kIlter] = expected[kIlter] = 0.0f;
  EXPECT_EQ(logits, expected);
  std::vector<float> nothing(51865, never);
  terms.bias(terms.initial(), nothing);
  EXPECT_EQ(nothing, std::vector<float>(51865, never));
}

TEST(Lexicon, MoreOverlappingTermsThanItCanFollowAreNoFault) {
  std::vector<std::string> terms;
  std::string text;
  for (int i = 0; i < 30; ++i) {
    text += "New ";
    terms.push_back(text + "York");
  }
  const Lexicon many = lexicon(terms);
  const std::vector<int> tokens(40, kNew);
  EXPECT_GT(bonus(many, follow(many, tokens), kYork, kThe), 0.0f);
}

}  // namespace
}  // namespace katip::engine
