#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "audio/protocol/request.h"
#include "base/result.h"

namespace katip::audio {

/// The bytes of one input, as libav's input callbacks want them.
///
/// A file is read by position. A stream is read in order; until stop_spooling() it is also copied
/// to a temporary file, which makes it seekable: backwards into the copy, forwards by reading on.
///
/// Units:   bytes, from the input's begin.
/// Errors:  negative AVERROR codes, as libav's callbacks answer; a reason of ours is in failure().
/// Threads: one thread.
class InputSource {
 public:
  /// `on_wait` is called before a wait for a stream's next bytes, and every second during it, and
  /// every few megabytes: the place to tell the parent that this process is alive.
  InputSource(const DecodeRequest& request, const RequestFiles& files,
              std::function<void()> on_wait);

  int read(uint8_t* data, int size);
  /// `whence` also knows libav's AVSEEK_SIZE.
  int64_t seek(int64_t offset, int whence);

  /// The demuxer was found to read in order: keep nothing any more.
  void stop_spooling();
  /// libav's MP3 demuxer takes "size unknown" for an enormous size that its header contradicts, and
  /// then ignores the header. From now on an unknown size is answered with 0.
  void answer_unknown_size_with_zero() { unknown_size_ = 0; }
  [[nodiscard]] InputKind kind() const { return request_.input_kind; }
  /// seek() works.
  [[nodiscard]] bool is_seekable() const;

  /// Why reading ended, when a limit or a fault of ours ended it.
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }

  /// Reads at a position without moving; for looks at the end of a file.
  int64_t read_at(int64_t position, uint8_t* data, int64_t size) const;
  /// Of a file; -1 for a stream that has not ended.
  [[nodiscard]] int64_t size() const;

 private:
  int read_file(uint8_t* data, int size);
  int read_spooled(uint8_t* data, int size);
  int read_stream(uint8_t* data, int size);
  bool wait_for_stream();
  bool spool(const uint8_t* data, int64_t size);
  int refuse(ErrorCode code, std::string message);

  DecodeRequest request_;
  RequestFiles files_;
  std::function<void()> on_wait_;
  std::optional<Error> failure_;
  bool spooling_ = false;
  bool at_end_ = false;  ///< Of the stream.
  std::optional<int64_t> unknown_size_;
  int64_t position_ = 0;
  int64_t received_size_ = 0;  ///< Of the stream; all of it is in the spool while spooling_.
  int64_t read_size_ = 0;      ///< Everything ever read; bounds loops of the demuxer.
};

}  // namespace katip::audio
