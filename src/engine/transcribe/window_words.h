#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/decode/window_decoder.h"
#include "engine/engine.h"
#include "engine/transcribe/segments.h"
#include "engine/windows/time_map.h"

namespace katip::engine {

/// What is known of the sound that a text was decoded from. Frames are 20 ms, counted from its
/// start, and may be fractions.
struct WindowSound {
  std::span<const float> speech_probabilities;  ///< One for each frame.
  std::function<std::int64_t(float frame, Edge edge)> file_ms;
  int frame_count = 0;
  std::int64_t last_end_ms = 0;  ///< Where the text before this one ends in the file; 0: none.
};

/// The words of one segment, and its times, which are those of its first and last word.
struct TimedSegment {
  std::int64_t start_ms = 0;
  std::int64_t end_ms = 0;
  std::vector<Word> words;
};

/// When each word of a window was said; the window must have been decoded with word times.
///
/// Words are moved out of silence. No word begins before the one in front of it, or before
/// last_end_ms, none overlaps the next, and none reaches beyond the window.
///
/// Shapes:  one TimedSegment for each of `segments`, with a word at least if it has a token. The
///          texts of its words, one after the other, are its text.
/// Threads: pure.
std::vector<TimedSegment> words_of_window(const DecodedWindow& decoded,
                                          std::span<const WindowSegment> segments,
                                          const Tokenizer& tokenizer, const ModelConfig& config,
                                          std::string_view language, const WindowSound& sound);

}  // namespace katip::engine
