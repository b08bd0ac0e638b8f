#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

/// Two measures of a text that repeats itself: how well the whole of it compresses, and whether
/// it is going round in circles right now.
namespace katip::engine {

/// Bytes of the text divided by its bytes after zlib at the default level. Speech is about 1 to 2;
/// a window whose ratio is above DecodeLimits::compression_ratio_max has failed. 0 for no text.
///
/// Threads: pure; safe from any thread.
/// Source:  whisper/utils.py `compression_ratio`.
double compression_ratio(std::string_view text);

/// The tail of a window that says the same thing over and over.
struct Loop {
  std::size_t period = 0;      ///< Text tokens in one round.
  std::size_t text_begin = 0;  ///< The first text token of the first round.
  std::size_t round_count = 0;
};

/// When a tail counts as a loop. The defaults let people repeat themselves: 36 tokens after the
/// first round is "no" 37 times, or a line of seven words said six times within one window. What
/// is longer than that compresses better than 2.4 by itself, so decoding on could only end in a
/// failed window: stopping here saves the up to 200 tokens that a loop runs on for.
struct LoopLimits {
  std::size_t period_max = 48;
  std::size_t round_count_min = 4;      ///< Long sentences: four times in a row.
  std::size_t repeated_count_min = 36;  ///< Short ones: this many tokens beyond the first round.
};

/// The loop that `tokens` end in, with the shortest period; nothing when they do not. Tokens from
/// `text_end` up (end of text, timestamps) are passed over: a loop goes on across its timestamps.
///
/// Costs under a microsecond for a full window: call it after each token.
/// Threads: pure; safe from any thread.
std::optional<Loop> find_loop(std::span<const int> tokens, int text_end,
                              const LoopLimits& limits = {});

}  // namespace katip::engine
