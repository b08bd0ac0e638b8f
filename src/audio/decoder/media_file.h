#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "audio/decoder/av_handles.h"
#include "audio/decoder/input_source.h"
#include "base/result.h"

namespace katip::audio {

/// An opened container with its best audio track and a decoder for it.
///
/// Threads: one thread.
class MediaFile {
 public:
  /// Errors:  kInvalidArgument: not media, no audio track, an index that is missing, a decoder that
  ///          is not on the list; kTooLarge: more memory than there is.
  /// Lifetime: `input` outlives the file.
  static Result<MediaFile> open(InputSource& input);

  /// The next packet of the track; false at the end of the input. Counts what cannot be read.
  ///
  /// Errors:  the input's failure().
  Result<bool> next_packet(AVPacket& packet);

  [[nodiscard]] AVCodecContext& decoder() { return *decoder_; }
  [[nodiscard]] const std::string& container() const { return container_; }
  [[nodiscard]] const std::string& codec() const { return codec_; }
  [[nodiscard]] bool has_video() const { return has_video_; }
  /// By a header of the track or, without a picture, of the container.
  [[nodiscard]] std::optional<int64_t> announced_ms() const { return announced_ms_; }
  /// The best guess: announced, but not more than the bytes that are there can hold.
  [[nodiscard]] std::optional<int64_t> expected_ms() const { return expected_ms_; }
  /// The stamp that a player starts at, when a picture is there to be in step with.
  [[nodiscard]] std::optional<int64_t> origin_us() const;
  /// A stamp of the track in microseconds.
  [[nodiscard]] std::optional<int64_t> stamp_us(int64_t stamp) const;
  /// The input ended in the middle of something that it announced.
  [[nodiscard]] bool breaks_off() const;
  [[nodiscard]] int64_t unreadable_count() const { return unreadable_count_; }

 private:
  explicit MediaFile(InputSource& input) : input_(&input) {}
  Status open_container();
  Status find_track();
  Status open_decoder();
  void find_expected_duration();
  [[nodiscard]] Error describe_failure(int error) const;

  InputSource* input_;
  AvPtr<AVIOContext> io_;
  AvPtr<AVFormatContext> format_;
  AvPtr<AVCodecContext> decoder_;
  int track_ = -1;
  std::string container_;
  std::string codec_;
  bool has_video_ = false;
  bool is_cut_packet_ = false;
  bool ended_early_ = false;
  std::optional<int64_t> announced_ms_;
  std::optional<int64_t> expected_ms_;
  int64_t unreadable_count_ = 0;
  int unreadable_run_ = 0;  ///< Failures since the last packet that could be read.
};

}  // namespace katip::audio
