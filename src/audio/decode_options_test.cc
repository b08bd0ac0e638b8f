#include <gtest/gtest.h>

#include "audio/audio_stream.h"

namespace katip::audio {
namespace {

TEST(DecodeOptions, TheDefaultsAreValid) { EXPECT_TRUE(DecodeOptions{}.validate().has_value()); }

TEST(DecodeOptions, AFieldOutOfItsRangeIsNamed) {
  DecodeOptions options;
  options.channel_count_max = 9;
  const auto status = options.validate();
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(status.error().message.find("channel_count_max"), std::string::npos);
  EXPECT_FALSE(DecodeOptions{.duration_ms_max = 999}.validate().has_value());
  EXPECT_FALSE(DecodeOptions{.idle_ms_max = 0}.validate().has_value());
}

}  // namespace
}  // namespace katip::audio
