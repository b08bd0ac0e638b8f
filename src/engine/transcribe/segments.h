#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace katip::engine {

/// A piece of a window's text between two timestamps. Frames are 20 ms, counted from the start of
/// the window.
struct WindowSegment {
  int start_frame = 0;
  int end_frame = 0;
  std::size_t token_begin = 0;  ///< Into the window's tokens; timestamps are not part of it.
  std::size_t token_end = 0;
};

/// Cuts the tokens of a decoded window at its timestamps.
///
/// Text that no timestamp ends goes on to `frame_count`, the length of what was heard. Segments
/// without text are left out; starts never fall, no end is before its start or behind the window.
///
/// Threads: pure.
/// Source:  whisper/transcribe.py, the loop over `consecutive`.
std::vector<WindowSegment> cut_segments(std::span<const int> tokens, int timestamp_begin,
                                        int frame_count);

/// The frame from which the window should be decoded again because its text stopped early; nothing
/// when it did not.
///
/// Whisper sometimes ends a text although speech goes on. What is left is worth a pass of its own
/// when it is longer than `rest_min` frames.
struct Rest {
  bool exists = false;
  int start_frame = 0;
};
Rest rest_of_window(std::span<const WindowSegment> segments, int frame_count, int rest_min);

}  // namespace katip::engine
