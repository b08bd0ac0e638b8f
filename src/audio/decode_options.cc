#include "audio/audio_stream.h"
#include "audio/protocol/frame.h"

namespace katip::audio {
namespace {

struct Range {
  const char* name;
  int64_t value;
  int64_t min;
  int64_t max;
};

}  // namespace

Status DecodeOptions::validate() const {
  const Range ranges[] = {
      {"duration_ms_max", duration_ms_max, 1000, 30LL * 24 * 3600 * 1000},
      {"input_size_max", input_size_max, 1, INT64_MAX},
      {"channel_count_max", channel_count_max, 1, kChannelCountMax},
      {"idle_ms_max", idle_ms_max, 100, 3600 * 1000},
      {"input_wait_ms_max", input_wait_ms_max, 100, 24LL * 3600 * 1000},
      {"spool_size_max", spool_size_max, 0, INT64_MAX},
  };
  for (const Range& range : ranges) {
    if (range.value < range.min || range.value > range.max) {
      return fail(ErrorCode::kInvalidArgument, std::string("audio option ") + range.name + " is " +
                                                   std::to_string(range.value) + "; it may be " +
                                                   std::to_string(range.min) + " to " +
                                                   std::to_string(range.max));
    }
  }
  return {};
}

}  // namespace katip::audio
