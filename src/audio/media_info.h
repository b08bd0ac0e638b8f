#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace katip::audio {

/// What a recording is, as its first decoded frame shows it (headers lie, frames do not).
struct MediaInfo {
  std::string container = {};  ///< "wav", "mp4", "matroska", "mp3", …: lower case ASCII.
  std::string codec = {};      ///< "pcm_s16le", "aac", "opus", …: the same.
  int32_t sample_rate = 0;     ///< Of the source, in Hz; what read() gives is always 16 kHz.
  int32_t channel_count = 0;   ///< Of the source.
  bool has_video = false;      ///< A moving picture is there too (a cover image is none).
  /// As the file says or its size suggests; a live stream has none.
  std::optional<int64_t> duration_ms = {};

  friend bool operator==(const MediaInfo&, const MediaInfo&) = default;
};

}  // namespace katip::audio
