#include "cli/load_test/phase_figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::cli {
namespace {

using testing::HasSubstr;

PhaseFigures hundred() {
  PhaseFigures phase{.name = "upload", .errors = {{"429", 25}}, .elapsed_s = 10};
  for (int i = 1; i <= 75; ++i) phase.seconds.push_back(i / 100.0);
  return phase;
}

TEST(PhaseFigures, CountsWhatSucceededAndWhatDidNot) {
  EXPECT_EQ(hundred().count(), 100);
  EXPECT_DOUBLE_EQ(hundred().success_rate(), 75);
  EXPECT_DOUBLE_EQ(hundred().rate(), 7.5);
  EXPECT_DOUBLE_EQ(hundred().percentile(0.5), 0.38);
  EXPECT_DOUBLE_EQ(hundred().percentile(1), 0.75);
  EXPECT_DOUBLE_EQ(PhaseFigures{.name = "none"}.percentile(0.99), 0);
  EXPECT_DOUBLE_EQ(PhaseFigures{.name = "none"}.success_rate(), 100);
}

TEST(PhaseFigures, AreShownAsTableJsonAndPlot) {
  EXPECT_THAT(phase_table({hundred()}), HasSubstr("75.00 %"));
  EXPECT_THAT(phase_table({hundred()}), HasSubstr("upload: 25 x 429"));
  EXPECT_THAT(phase_json({hundred()}), HasSubstr(R"("upload":{"count":100,)"));
  const std::string plot = phase_plot({hundred(), {.name = "empty"}});
  EXPECT_THAT(plot, testing::StartsWith("<svg"));
  EXPECT_THAT(plot, HasSubstr("polyline"));
}

}  // namespace
}  // namespace katip::cli
