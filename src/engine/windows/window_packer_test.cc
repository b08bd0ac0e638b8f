#include "engine/windows/window_packer.h"

#include <algorithm>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::engine {
namespace {

constexpr std::int64_t kFrame = 512;
constexpr std::int64_t kMs = kSamplesPerMs;

// Sample i of the file has a value that tells i apart from its neighbours.
float coded(std::int64_t sample) { return static_cast<float>(sample & 0xfffff); }

// A file in which frames are speech or not, pushed in pieces. Speech starts and ends with frames.
struct Speech {
  std::vector<SpeechSpan> spans;
  std::int64_t frame_count = 0;
};

Speech from_durations(const std::vector<std::int64_t>& speech_and_pause_ms) {
  Speech speech;
  bool is_speech = true;
  for (const std::int64_t ms : speech_and_pause_ms) {
    const std::int64_t count = ms * kMs / kFrame;
    if (is_speech) {
      speech.spans.push_back({speech.frame_count * kFrame, (speech.frame_count + count) * kFrame});
    }
    speech.frame_count += count;
    is_speech = !is_speech;
  }
  return speech;
}

struct Packed {
  std::vector<Window> windows;
  std::size_t buffered_max = 0;
};

template <typename NextFrames>
Packed pack(const Speech& speech, const WindowOptions& options, NextFrames next_frames) {
  WindowPacker packer(options);
  Packed packed;
  std::size_t next_span = 0;
  for (std::int64_t frame = 0; frame < speech.frame_count;) {
    const std::int64_t count = std::min<std::int64_t>(next_frames(), speech.frame_count - frame);
    const std::int64_t start = frame * kFrame;
    const std::int64_t end = start + count * kFrame;
    std::vector<float> pcm;
    for (std::int64_t i = start; i < end; ++i) pcm.push_back(coded(i));
    const std::vector<SpeechFrame> frames(static_cast<std::size_t>(count), {0.9f, 0.01f});
    std::vector<SpeechSpan> parts;
    while (next_span < speech.spans.size() && speech.spans[next_span].start < end) {
      const SpeechSpan& span = speech.spans[next_span];
      parts.push_back({std::max(span.start, start), std::min(span.end, end)});
      if (span.end > end) break;
      ++next_span;
    }
    for (Window& window : packer.push(pcm, frames, parts, end)) {
      packed.windows.push_back(std::move(window));
    }
    packed.buffered_max = std::max(packed.buffered_max, packer.buffered_sample_count());
    frame += count;
  }
  for (Window& window : packer.finish()) packed.windows.push_back(std::move(window));
  return packed;
}

// What must hold for every stream.
void check_invariants(const Packed& packed, const Speech& speech, const WindowOptions& options) {
  std::int64_t previous_end = 0;
  std::int64_t speech_count = 0;
  for (const Window& window : packed.windows) {
    ASSERT_FALSE(window.pcm.empty());
    ASSERT_LE(window.pcm.size(), static_cast<std::size_t>(options.length_ms_max * kMs));
    ASSERT_EQ(window.times.sample_count(), static_cast<std::int64_t>(window.pcm.size()));
    for (const TimePiece& piece : window.times.pieces()) {
      ASSERT_GE(piece.file_start, previous_end)
          << "no sample is in two windows, none is out of order";
      previous_end = piece.file_start + piece.sample_count;
      for (const std::int64_t i :
           {std::int64_t{0}, piece.sample_count / 2, piece.sample_count - 1}) {
        const std::int64_t at = piece.window_start + i;
        ASSERT_EQ(window.pcm.at(static_cast<std::size_t>(at)), coded(piece.file_start + i));
        ASSERT_EQ(window.times.to_file_sample(at, Edge::kStart), piece.file_start + i);
        ASSERT_EQ(window.times.to_window_sample(piece.file_start + i), at);
      }
    }
    ASSERT_EQ(window.start_ms, window.times.pieces().front().file_start / kMs);
    ASSERT_GE(window.end_ms * kMs, previous_end);
    speech_count += window.speech_sample_count;
  }
  ASSERT_LE(previous_end, speech.frame_count * kFrame);

  // Every sample of speech is in a window: the pieces cover the spans.
  std::vector<SpeechSpan> covered;
  for (const Window& window : packed.windows) {
    for (const TimePiece& piece : window.times.pieces()) {
      const std::int64_t end = piece.file_start + piece.sample_count;
      if (!covered.empty() && covered.back().end == piece.file_start) {
        covered.back().end = end;
      } else {
        covered.push_back({piece.file_start, end});
      }
    }
  }
  std::int64_t expected_count = 0;
  auto piece = covered.begin();
  for (const SpeechSpan& span : speech.spans) {
    expected_count += span.end - span.start;
    while (piece != covered.end() && piece->end < span.end) ++piece;
    ASSERT_NE(piece, covered.end());
    ASSERT_LE(piece->start, span.start);
  }
  ASSERT_EQ(speech_count, expected_count);
}

TEST(WindowPacker, SilenceGivesNoWindow) {
  EXPECT_THAT(pack({{}, 1000}, {}, [] { return 31; }).windows, testing::IsEmpty());
  EXPECT_THAT(WindowPacker({}).finish(), testing::IsEmpty());
}

TEST(WindowPacker, AShortClipIsOneWindowWithAPad) {
  const Speech speech = {{{20 * kFrame, 60 * kFrame}}, 100};
  const Packed packed = pack(speech, {.pad_ms = 320}, [] { return 7; });
  ASSERT_EQ(packed.windows.size(), 1U);
  EXPECT_EQ(packed.windows[0].start_ms, 20 * 32 - 320);
  EXPECT_EQ(packed.windows[0].end_ms, 60 * 32 + 320);
  check_invariants(packed, speech, {});
}

TEST(WindowPacker, ShortPausesStayAndLongOnesAreShortened) {
  const WindowOptions options = {
      .pause_ms_keep = 800, .pad_ms = 320, .pause_ms_break = 3'000, .pause_ms_max = 5'000};
  const Speech speech = from_durations({3'200, 640, 3'200, 1'920, 3'200});
  const Packed packed = pack(speech, options, [] { return 11; });
  ASSERT_EQ(packed.windows.size(), 1U);
  const auto pieces = packed.windows[0].times.pieces();
  ASSERT_EQ(pieces.size(), 2U);
  EXPECT_EQ(pieces[0].sample_count, (3'200 + 640 + 3'200 + 320) * kMs);
  EXPECT_EQ(pieces[1].sample_count, (320 + 3'200) * kMs);
  check_invariants(packed, speech, options);
}

TEST(WindowPacker, ALongPauseEndsAWindowThatIsLongEnough) {
  const WindowOptions options = {.length_ms_min = 5'000, .pause_ms_break = 2'000};
  EXPECT_THAT(pack(from_durations({3'200, 2'560, 3'200}), options, [] { return 9; }).windows,
              testing::SizeIs(1));
  EXPECT_THAT(pack(from_durations({6'400, 2'560, 3'200}), options, [] { return 9; }).windows,
              testing::SizeIs(2));
  EXPECT_THAT(pack(from_durations({3'200, 12'800, 3'200}), options, [] { return 9; }).windows,
              testing::SizeIs(2))
      << "speech that far away is never glued";
}

TEST(WindowPacker, TheCutIsInTheLongestPauseOfTheLastPart) {
  const WindowOptions options = {.cut_ms_from = 20'000};
  const Speech speech = from_durations({21'120, 640, 3'200, 320, 6'400});
  const Packed packed = pack(speech, options, [] { return 13; });
  ASSERT_EQ(packed.windows.size(), 2U);
  EXPECT_EQ(packed.windows[0].end_ms, 21'120 + 320) << "the middle of the pause";
  check_invariants(packed, speech, options);
}

TEST(WindowPacker, WithoutAPauseTheCutIsWhereSpeechIsLeastLikely) {
  WindowPacker packer({.cut_ms_from = 20'000});
  std::vector<Window> windows;
  for (std::int64_t i = 0; i < 1'000 && windows.empty(); ++i) {
    const float probability = i >= 801 && i <= 803 ? 0.4f : 0.9f;
    windows =
        packer.push(std::vector<float>(kFrame, 0.1f), std::vector{SpeechFrame{probability, 0.01f}},
                    std::vector{SpeechSpan{i * kFrame, (i + 1) * kFrame}}, (i + 1) * kFrame);
  }
  ASSERT_EQ(windows.size(), 1U);
  EXPECT_EQ(windows[0].pcm.size(), static_cast<std::size_t>(802 * kFrame + kFrame / 2));
}

TEST(WindowPacker, AWindowKnowsWhereInItSomebodySpeaks) {
  // The frames of the window are shorter than the network's, and its cuts lie between them.
  WindowPacker packer({.pause_ms_keep = 800, .pad_ms = 300});
  std::vector<SpeechFrame> frames(200, SpeechFrame{0.0f, 0.01f});
  for (const std::size_t i : {40u, 41u, 42u, 120u, 121u, 122u}) frames[i].probability = 0.9f;
  auto windows =
      packer.push(std::vector<float>(200 * kFrame, 0.1f), frames,
                  std::vector<SpeechSpan>{{40 * kFrame, 43 * kFrame}, {120 * kFrame, 123 * kFrame}},
                  200 * kFrame);
  for (Window& last : packer.finish()) windows.push_back(std::move(last));
  ASSERT_EQ(windows.size(), 1U);
  const Window& window = windows[0];
  EXPECT_EQ(window.times.pieces().size(), 2U) << "the pause is cut";
  const std::size_t count = window.speech_probabilities.size();
  ASSERT_EQ(count, (window.pcm.size() + kWindowFrameSamples - 1) / kWindowFrameSamples);
  std::size_t spoken = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto middle = std::min(static_cast<std::int64_t>(i * kWindowFrameSamples + 160),
                                 static_cast<std::int64_t>(window.pcm.size()) - 1);
    const std::int64_t frame = window.times.to_file_sample(middle, Edge::kStart) / kFrame;
    EXPECT_EQ(window.speech_probabilities[i], frames[static_cast<std::size_t>(frame)].probability);
    spoken += window.speech_probabilities[i] > 0.5f ? 1 : 0;
  }
  EXPECT_NEAR(static_cast<double>(spoken), 6 * 1.6, 1.0);
}

TEST(WindowPacker, RandomStreamsKeepEveryRule) {
  std::mt19937 random(9);
  const auto any = [&](std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(random() % static_cast<unsigned>(high - low));
  };
  for (int round = 0; round < 6; ++round) {
    WindowOptions options;
    options.length_ms_max = static_cast<int>(any(2'000, 30'000));
    options.length_ms_min = static_cast<int>(any(0, options.length_ms_max));
    options.cut_ms_from =
        static_cast<int>(any(options.length_ms_max / 4, options.length_ms_max - 200));
    options.pad_ms = static_cast<int>(any(0, options.length_ms_max / 8));
    options.pause_ms_keep = static_cast<int>(any(2 * options.pad_ms, 2 * options.pad_ms + 1'000));
    options.pause_ms_break = static_cast<int>(any(2 * options.pad_ms, 2 * options.pad_ms + 4'000));
    options.pause_ms_max = static_cast<int>(any(options.pause_ms_break, 10'000));
    ASSERT_TRUE(options.validate()) << options.validate().error().message;
    std::vector<std::int64_t> durations;
    for (int i = 0; i < 40; ++i) {
      durations.push_back(random() % 8 == 0 ? any(8'000, 40'000) : any(32, 4'000));
      durations.push_back(random() % 8 == 0 ? any(2'000, 20'000) : any(128, 1'500));
    }
    const Speech speech = from_durations(durations);
    const Packed packed = pack(speech, options, [&] { return any(1, 90); });
    check_invariants(packed, speech, options);
    // Twice what can be needed, because what is used up goes only when it is half of all.
    EXPECT_LE(packed.buffered_max,
              static_cast<std::size_t>(2 * kMs *
                                       (options.extent_ms_max + options.length_ms_max + 15'000)));
  }
}

TEST(WindowPacker, MemoryDoesNotGrowWithTheLengthOfSilenceOrSpeech) {
  const auto buffered = [](const std::vector<SpeechSpan>& spans, std::int64_t frame_count) {
    return pack({spans, frame_count}, {}, [] { return 100; }).buffered_max;
  };
  constexpr std::int64_t kThreeMinutes = 5'625;
  EXPECT_LE(buffered({}, kThreeMinutes), 200'000U);
  EXPECT_LE(buffered({{0, kThreeMinutes * kFrame}}, kThreeMinutes), 1'200'000U);
}

TEST(WindowOptions, AreChecked) {
  EXPECT_TRUE(WindowOptions{}.validate());
  EXPECT_FALSE((WindowOptions{.length_ms_max = 31'000}.validate()));
  EXPECT_FALSE((WindowOptions{.length_ms_max = 0}.validate()));
  EXPECT_FALSE((WindowOptions{.length_ms_min = 40'000}.validate()));
  EXPECT_FALSE((WindowOptions{.cut_ms_from = 29'900}.validate()));
  EXPECT_FALSE((WindowOptions{.pad_ms = 600}.validate()));
  EXPECT_FALSE((WindowOptions{.pad_ms = -1}.validate()));
  EXPECT_FALSE((WindowOptions{.pause_ms_break = 10}.validate()));
  EXPECT_FALSE((WindowOptions{.pause_ms_max = 10}.validate()));
  EXPECT_FALSE((WindowOptions{.extent_ms_max = 10}.validate()));
}

}  // namespace
}  // namespace katip::engine
