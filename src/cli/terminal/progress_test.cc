#include "cli/terminal/progress.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace katip::cli {
namespace {

std::size_t columns(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

ProgressState state() {
  return {.label = "talk.mp4",
          .done_ms = 300'000,
          .total_ms = 600'000,
          .total_is_estimate = false,
          .elapsed_s = 3.0};
}

TEST(RenderProgress, TellsShareSpeedAndTimeLeft) {
  const std::string line = render_progress(state(), 100);
  EXPECT_TRUE(line.starts_with("talk.mp4  ━")) << line;
  EXPECT_TRUE(line.ends_with(" 50 %  5:00 / 10:00  100x  0:03 left")) << line;
}

TEST(RenderProgress, TellsSpeedWhenTheLengthIsUnknown) {
  ProgressState unknown = state();
  unknown.total_ms = std::nullopt;
  EXPECT_EQ(render_progress(unknown, 100), "talk.mp4  5:00  100x");
}

TEST(RenderProgress, MarksAnEstimate) {
  ProgressState estimate = state();
  estimate.total_is_estimate = true;
  EXPECT_NE(render_progress(estimate, 100).find("/ ~10:00"), std::string::npos);
}

TEST(RenderProgress, FitsEveryWidth) {
  ProgressState long_name = state();
  long_name.label = "Aufzeichnung der Gemeinderatssitzung vom 3. März über Straßen.mkv";
  for (int width = 1; width <= 200; ++width) {
    EXPECT_LT(columns(render_progress(long_name, width)),
              static_cast<std::size_t>(std::max(20, width)))
        << width;
  }
}

TEST(RenderProgress, SurvivesNothingAndTooMuch) {
  EXPECT_EQ(render_progress({.label = "a", .total_ms = std::nullopt}, 80), "a  0:00");
  ProgressState over = state();
  over.done_ms = 700'000;
  EXPECT_NE(render_progress(over, 100).find("100 %"), std::string::npos);
}

TEST(Printable, MakesControlCharactersVisible) {
  EXPECT_EQ(printable("a\x1b[31mb\rc\x7f"), "a?[31mb?c?");
  EXPECT_EQ(printable("çğ\n\t漢"), "çğ\n\t漢");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "??31m");
}

}  // namespace
}  // namespace katip::cli
