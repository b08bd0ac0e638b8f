#include "app/completion.h"

#include <cmath>

#include <gtest/gtest.h>

namespace katip::app {
namespace {

TEST(Completion, IsAsSureAsTheSegmentsAreOverTheirTime) {
  text::Transcript transcript;
  EXPECT_EQ(confidence_of(transcript), std::nullopt);
  transcript.segments = {{.start_ms = 0, .end_ms = 3'000, .text = "a"},
                         {.start_ms = 3'000, .end_ms = 4'000, .text = "b"}};
  EXPECT_DOUBLE_EQ(*confidence_of(transcript), 1);
  transcript.segments[1].average_log_probability = std::log(0.5f);
  EXPECT_NEAR(*confidence_of(transcript), 0.875, 1e-6);
  transcript.segments[1].average_log_probability = 3;
  EXPECT_LE(*confidence_of(transcript), 1);
}

}  // namespace
}  // namespace katip::app
