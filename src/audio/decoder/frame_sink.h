#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "audio/protocol/frame.h"
#include "base/result.h"

namespace katip::audio {

/// Writes the answer: gathers samples into frames of up to a second and sends them over the socket.
///
/// A parent that is gone means that nobody listens: SIGPIPE ends this process.
///
/// Threads: one thread.
class FrameSink {
 public:
  /// `sample_count_max`: a channel.
  FrameSink(int socket, int64_t sample_count_max);

  void info(const StreamInfo& info);

  /// Shapes:  pcm [n * output channels], interleaved.
  /// Errors:  kTooLarge past sample_count_max.
  Status samples(std::span<const float> pcm);
  Status silence(int64_t sample_count);

  /// Sends what is gathered.
  void flush();
  /// flush(), then kAlive.
  void alive();
  /// flush(), then kEnd.
  void end(const StreamEnd& end);

  [[nodiscard]] bool has_info() const { return channel_count_ > 0; }
  /// Given so far, a channel.
  [[nodiscard]] int64_t sample_count() const { return sample_count_; }
  [[nodiscard]] int64_t heard_us() const { return sample_count_ * 1'000'000 / kOutputRate; }

 private:
  void send(std::span<const std::byte> bytes);

  int socket_;
  int64_t sample_count_max_;
  int64_t sample_count_ = 0;
  int32_t channel_count_ = 0;
  std::vector<float> gathered_;
};

}  // namespace katip::audio
