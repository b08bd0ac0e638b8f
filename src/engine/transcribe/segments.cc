// Tested by segments_test.cc.
#include "engine/transcribe/segments.h"

#include <algorithm>

namespace katip::engine {

std::vector<WindowSegment> cut_segments(std::span<const int> tokens, int timestamp_begin,
                                        int frame_count) {
  std::vector<WindowSegment> segments;
  int time = 0;  // of the last timestamp
  std::size_t text_begin = 0;
  const auto close = [&](std::size_t text_end, int end_frame) {
    if (text_end > text_begin) {
      const int start = std::min(time, frame_count);
      segments.push_back({start, std::clamp(end_frame, start, frame_count), text_begin, text_end});
    }
  };
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    if (tokens[at] < timestamp_begin) continue;
    const int frame = std::max(time, tokens[at] - timestamp_begin);
    close(at, frame);
    time = frame;
    text_begin = at + 1;
  }
  close(tokens.size(), frame_count);
  return segments;
}

Rest rest_of_window(std::span<const WindowSegment> segments, int frame_count, int rest_min) {
  if (segments.empty()) return {};
  const int end = segments.back().end_frame;
  return {.exists = frame_count - end >= rest_min, .start_frame = end};
}

}  // namespace katip::engine
