#include <algorithm>
#include <stop_token>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/engine.h"
#include "integration/testing.h"

namespace katip::integration {
namespace {

using engine::PcmReader;
using engine::Segment;
using engine::Transcription;
using engine::Vad;
using testing::IsEmpty;

class Reader : public EngineTest {};

// Gives the samples, then fails instead of ending.
PcmReader broken_reader(std::span<const float> pcm) {
  return [reader = reader_of(pcm)](std::span<float> out) -> Result<std::size_t> {
    const std::size_t count = KATIP_TRY(reader(out));
    if (count == 0) return fail(ErrorCode::kCorruptData, "the tape is torn");
    return count;
  };
}

TEST_F(Reader, ItsErrorIsTheErrorOfTheCall) {
  KATIP_NEEDS_LIBRIVOX();
  for (const bool condition : {false, true}) {
    const auto done = base().transcribe(broken_reader(joined(librivox(), 2000)),
                                        {.language = "en", .condition_on_previous_text = condition},
                                        {}, std::stop_token());
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::kCorruptData);
    EXPECT_EQ(done.error().message, "the tape is torn");
  }
  const auto at_once = base().transcribe(broken_reader({}), {}, {}, std::stop_token());
  ASSERT_FALSE(at_once);
  EXPECT_EQ(at_once.error().code, ErrorCode::kCorruptData);
}

TEST_F(Reader, NothingReadIsAnEmptyTranscript) {
  for (const Vad vad : {Vad::kOn, Vad::kOff}) {
    const auto done = transcribe({}, {.vad = vad});
    EXPECT_THAT(done.segments, IsEmpty());
    EXPECT_EQ(done.language, "");
    EXPECT_EQ(done.duration_ms, 0);
    EXPECT_EQ(done.speech_ms, 0);
  }
}

TEST_F(Reader, AFewSamplesAreAnEmptyTranscript) {
  for (const std::size_t count : {1u, 159u, 512u, 1600u}) {
    const std::vector<float> pcm(count, 0.01f);
    EXPECT_EQ(text_of(transcribe(pcm, {.language = "en"})), "") << count;
    const auto heard =
        transcribe(pcm, {.language = "en", .temperatures = {0.0f}, .vad = Vad::kOff});
    EXPECT_EQ(heard.duration_ms, static_cast<std::int64_t>(count / 16));
  }
}

TEST_F(Reader, TheSizeOfTheBlocksDoesNotMatter) {
  KATIP_NEEDS_LIBRIVOX();
  const std::vector<float> pcm = joined(librivox(), 2000);
  const Transcription expected = transcribe(pcm, {.language = "en", .beam_size = 1});
  for (const std::size_t block_size : {1u, 7u, 160u, 100'000u}) {
    const auto heard = base().transcribe(reader_of(pcm, block_size),
                                         {.language = "en", .beam_size = 1}, {}, std::stop_token());
    ASSERT_TRUE(heard) << heard.error().message;
    ASSERT_EQ(heard->segments.size(), expected.segments.size()) << block_size;
    for (std::size_t i = 0; i < expected.segments.size(); ++i) {
      EXPECT_EQ(heard->segments[i].tokens, expected.segments[i].tokens) << block_size;
      EXPECT_EQ(heard->segments[i].start_ms, expected.segments[i].start_ms) << block_size;
    }
    EXPECT_EQ(heard->duration_ms, expected.duration_ms);
  }
}

TEST_F(Reader, ObserversSeeTheSegmentsInOrderAndTheEnd) {
  KATIP_NEEDS_LIBRIVOX();
  const std::vector<float> pcm = joined(librivox(), 2000);
  std::vector<std::string> seen;
  std::int64_t last_ms = 0;
  const auto heard = base().transcribe(
      reader_of(pcm), {.language = "en", .beam_size = 1},
      {.on_segment = [&](const Segment& segment) { seen.push_back(segment.text); },
       .on_progress =
           [&](std::int64_t done_ms) {
             EXPECT_GE(done_ms, last_ms);
             last_ms = done_ms;
           }},
      std::stop_token());
  ASSERT_TRUE(heard) << heard.error().message;
  ASSERT_EQ(seen.size(), heard->segments.size());
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], heard->segments[i].text);
  EXPECT_EQ(last_ms, heard->duration_ms);
}

}  // namespace
}  // namespace katip::integration
