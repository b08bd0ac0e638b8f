#include "audio/decoder/resampler.h"

#include <algorithm>
#include <array>
#include <utility>

// libswresample does the filtering; this file decides the mix and keeps every buffer small by
// feeding large frames in slices. Tested by integration/formats_test.cc.
extern "C" {
#include <libavutil/channel_layout.h>
#include <libavutil/frame.h>
#include <libavutil/opt.h>
#include <libavutil/samplefmt.h>
#include <libswresample/swresample.h>
}

namespace katip::audio {
namespace {

constexpr int kSliceSize = 4096;

std::unexpected<Error> no_conversion() {
  return fail(ErrorCode::kInvalidArgument,
              "the sound has a shape (rate, channels or sample type) that cannot be converted");
}

/// Channels without a meaning get the same weight each.
bool set_equal_weights(SwrContext* context, int channel_count) {
  std::array<double, 64> weights{};
  weights.fill(1.0 / channel_count);
  return swr_set_matrix(context, weights.data(), channel_count) >= 0;
}

}  // namespace

Result<Resampler> Resampler::open(const AVFrame& shape, ChannelMode mode) {
  Resampler resampler;
  const int channel_count = shape.ch_layout.nb_channels;
  const bool is_mixed = mode == ChannelMode::kMix && channel_count > 1;
  resampler.output_channel_count_ = is_mixed ? 1 : channel_count;
  resampler.shape_.reset(av_frame_alloc());
  if (!resampler.shape_ ||
      av_channel_layout_copy(&resampler.shape_->ch_layout, &shape.ch_layout) < 0) {
    return fail(ErrorCode::kTooLarge, "out of memory");
  }
  resampler.shape_->format = shape.format;
  resampler.shape_->sample_rate = shape.sample_rate;

  AVChannelLayout input{};
  AVChannelLayout output{};
  const bool is_known = shape.ch_layout.order != AV_CHANNEL_ORDER_UNSPEC;
  if (is_known) {
    av_channel_layout_copy(&input, &shape.ch_layout);
  } else {
    av_channel_layout_default(&input, channel_count);
  }
  if (is_mixed) {
    av_channel_layout_default(&output, 1);
  } else {
    av_channel_layout_copy(&output, &input);
  }
  SwrContext* context = nullptr;
  int error =
      swr_alloc_set_opts2(&context, &output, AV_SAMPLE_FMT_FLT, kOutputRate, &input,
                          static_cast<AVSampleFormat>(shape.format), shape.sample_rate, 0, nullptr);
  resampler.context_.reset(context);
  av_channel_layout_uninit(&input);
  av_channel_layout_uninit(&output);
  if (error < 0 || context == nullptr) {
    return no_conversion();
  }
  av_opt_set_double(context, "rematrix_maxval", 1.0, 0);
  if (is_mixed && (!is_known || channel_count == 2) && !set_equal_weights(context, channel_count)) {
    return no_conversion();
  }
  error = swr_init(context);
  return error < 0 ? Result<Resampler>(no_conversion()) : std::move(resampler);
}

bool Resampler::fits(const AVFrame& frame) const {
  return frame.format == shape_->format && frame.sample_rate == shape_->sample_rate &&
         av_channel_layout_compare(&frame.ch_layout, &shape_->ch_layout) == 0;
}

Status Resampler::convert_slice(const uint8_t** planes, int count, FrameSink& sink) {
  const int room = swr_get_out_samples(context_.get(), count);
  if (room < 0) {
    return fail(ErrorCode::kInternal, "resampling failed");
  }
  output_.resize(static_cast<size_t>(room) * static_cast<size_t>(output_channel_count_));
  auto* out = reinterpret_cast<uint8_t*>(output_.data());
  const int given = room == 0 ? 0 : swr_convert(context_.get(), &out, room, planes, count);
  if (given < 0) {
    return fail(ErrorCode::kInternal, "resampling failed");
  }
  const auto size = static_cast<size_t>(given) * static_cast<size_t>(output_channel_count_);
  return sink.samples(std::span(output_).first(size));
}

Status Resampler::convert(const AVFrame& frame, FrameSink& sink) {
  const auto format = static_cast<AVSampleFormat>(frame.format);
  const bool is_planar = av_sample_fmt_is_planar(format) != 0;
  const int channel_count = frame.ch_layout.nb_channels;
  const int plane_count = is_planar ? channel_count : 1;
  const int row_size = av_get_bytes_per_sample(format) * (is_planar ? 1 : channel_count);
  std::array<const uint8_t*, kChannelCountMax> planes{};
  for (int begin = 0; begin < frame.nb_samples; begin += kSliceSize) {
    for (int plane = 0; plane < plane_count; ++plane) {
      planes[static_cast<size_t>(plane)] =
          frame.extended_data[plane] + static_cast<ptrdiff_t>(begin) * row_size;
    }
    const int count = std::min(kSliceSize, frame.nb_samples - begin);
    if (Status status = convert_slice(planes.data(), count, sink); !status) {
      return status;
    }
  }
  return {};
}

Status Resampler::finish(FrameSink& sink) { return convert_slice(nullptr, 0, sink); }

}  // namespace katip::audio
