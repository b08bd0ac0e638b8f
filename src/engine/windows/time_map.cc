#include "engine/windows/time_map.h"

#include <algorithm>
#include <iterator>

#include "base/assert.h"

namespace katip::engine {

void TimeMap::append(std::int64_t file_start, std::int64_t sample_count) {
  KATIP_ASSERT(sample_count > 0);
  if (pieces_.empty()) {
    pieces_.push_back({0, file_start, sample_count});
    return;
  }
  TimePiece& last = pieces_.back();
  const std::int64_t file_end = last.file_start + last.sample_count;
  KATIP_ASSERT(file_start >= file_end);
  if (file_start == file_end) {
    last.sample_count += sample_count;
  } else {
    pieces_.push_back({last.window_start + last.sample_count, file_start, sample_count});
  }
}

std::int64_t TimeMap::sample_count() const {
  return pieces_.empty() ? 0 : pieces_.back().window_start + pieces_.back().sample_count;
}

std::int64_t TimeMap::to_file_sample(std::int64_t window_sample, Edge edge) const {
  if (pieces_.empty()) return 0;
  const std::int64_t at = std::clamp<std::int64_t>(window_sample, 0, sample_count());
  // The last piece that starts at or, for an end, before this sample.
  auto next = edge == Edge::kStart
                  ? std::ranges::upper_bound(pieces_, at, {}, &TimePiece::window_start)
                  : std::ranges::lower_bound(pieces_, at, {}, &TimePiece::window_start);
  if (next != pieces_.begin()) --next;
  return next->file_start + (at - next->window_start);
}

std::optional<std::int64_t> TimeMap::to_window_sample(std::int64_t file_sample) const {
  const auto next = std::ranges::upper_bound(pieces_, file_sample, {}, &TimePiece::file_start);
  if (next == pieces_.begin()) return std::nullopt;
  const TimePiece& piece = *std::prev(next);
  const std::int64_t offset = file_sample - piece.file_start;
  if (offset >= piece.sample_count) return std::nullopt;
  return piece.window_start + offset;
}

}  // namespace katip::engine
