#pragma once

#include <cstdint>
#include <vector>

#include "audio/decoder/av_handles.h"
#include "audio/decoder/frame_sink.h"
#include "audio/protocol/request.h"
#include "base/result.h"

namespace katip::audio {

/// Turns decoded frames of one shape into 16 kHz float samples, mixed to one channel or not.
///
/// Mixing follows the channel layout (centre and sides weighted as ITU-R BS.775 has it, no low
/// frequencies), scaled so that it cannot clip; two channels are averaged; channels of no known
/// layout (four microphones in a WAV) are averaged too.
///
/// Threads: one thread.
class Resampler {
 public:
  /// Errors:  kInvalidArgument: libav has no conversion from this shape.
  static Result<Resampler> open(const AVFrame& shape, ChannelMode mode);

  /// The frame has the shape that this one was opened for.
  [[nodiscard]] bool fits(const AVFrame& frame) const;
  [[nodiscard]] int32_t output_channel_count() const { return output_channel_count_; }

  /// Errors:  of the sink; kInternal.
  Status convert(const AVFrame& frame, FrameSink& sink);
  /// Gives what the filter still holds, some milliseconds. Nothing may follow.
  Status finish(FrameSink& sink);

 private:
  Resampler() = default;
  Status convert_slice(const uint8_t** planes, int count, FrameSink& sink);

  AvPtr<SwrContext> context_;
  AvPtr<AVFrame> shape_;  ///< No samples, only their description.
  int32_t output_channel_count_ = 1;
  std::vector<float> output_;
};

}  // namespace katip::audio
