#include "jobs/routing.h"

#include <gtest/gtest.h>

namespace katip::jobs {
namespace {

TEST(Routing, KnowsKatipsOwnKinds) {
  const Routing routing;
  EXPECT_EQ(routing.route("upload.validate_file").queue, "critical");
  EXPECT_EQ(routing.route("upload.validate_file").priority, 10);
  EXPECT_EQ(routing.route("transcription.process").queue, "high");
  EXPECT_EQ(routing.route("transcription.process").worker_kind, "engine");
  EXPECT_EQ(routing.route("ai.translate").queue, "default");
  EXPECT_EQ(routing.route("cleanup.temp_files").queue, "low");
  EXPECT_EQ(routing.route("").queue, "default");
}

TEST(Routing, ConfiguredRulesComeFirst) {
  const auto routing = Routing::with_rules({{"transcription.*", "low"}, {"*.process", "critical"}});
  ASSERT_TRUE(routing);
  EXPECT_EQ(routing->route("transcription.process").queue, "low");
  EXPECT_EQ(routing->route("transcription.process").worker_kind, "engine");
  EXPECT_EQ(routing->route("x.process").priority, 10);
}

TEST(Routing, RefusesRulesThatLeadNowhere) {
  EXPECT_FALSE(Routing::with_rules({{"a.*", "fast"}}));
  EXPECT_FALSE(Routing::with_rules({{"", "low"}}));
}

TEST(FitsPattern, MatchesWholeTexts) {
  EXPECT_TRUE(fits_pattern("*", ""));
  EXPECT_TRUE(fits_pattern("a*c", "abbc"));
  EXPECT_TRUE(fits_pattern("*a*b", "xxaxbyab"));
  EXPECT_TRUE(fits_pattern("**", "x"));
  EXPECT_FALSE(fits_pattern("", "x"));
  EXPECT_FALSE(fits_pattern("a*c", "abcd"));
  EXPECT_FALSE(fits_pattern("a", "aa"));
}

TEST(FitsPattern, ManyStarsDoNotTakeForEver) {
  std::string pattern;
  for (int i = 0; i < 100; ++i) pattern += "*a";
  EXPECT_FALSE(fits_pattern(pattern + "b", std::string(5'000, 'a')));
}

}  // namespace
}  // namespace katip::jobs
