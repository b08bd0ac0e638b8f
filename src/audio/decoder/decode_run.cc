#include "audio/decoder/decode_run.h"

#include <optional>
#include <utility>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/mem.h>
}

#include "audio/decoder/input_source.h"
#include "audio/decoder/log_capture.h"
#include "audio/decoder/media_file.h"
#include "audio/decoder/resampler.h"
#include "audio/decoder/sandbox.h"
#include "audio/decoder/timeline.h"

// packets -> frames -> checks -> resampler -> sink. The description is sent with the first frame,
// because a header may be wrong about rate and channels and a frame is not.
namespace katip::audio {
namespace {

constexpr int kSampleRateMin = 1000;
constexpr int kSampleRateMax = 384'000;
constexpr size_t kAllocationMax = size_t{512} << 20;

int64_t sample_count_max(const DecodeRequest& request) {
  return request.duration_ms_max * kOutputRate / 1000;
}

class DecodeRun {
 public:
  DecodeRun(const DecodeRequest& request, MediaFile file, FrameSink& sink)
      : request_(request),
        file_(std::move(file)),
        sink_(sink),
        timeline_(file_.origin_us(), file_.announced_ms()),
        frame_(av_frame_alloc()),
        packet_(av_packet_alloc()) {}

  Result<StreamEnd> run();

 private:
  /// True when nothing more is wanted.
  Result<bool> send_packet(const AVPacket* packet);
  Result<bool> take_frames();
  Status take_frame();
  Status check_shape() const;
  Status open_resampler();
  Status finish_resampler();
  void note_damage(int64_t count);

  DecodeRequest request_;
  MediaFile file_;
  FrameSink& sink_;
  Timeline timeline_;
  AvPtr<AVFrame> frame_;
  AvPtr<AVPacket> packet_;
  std::optional<Resampler> resampler_;
  Findings findings_;
};

void DecodeRun::note_damage(int64_t count) {
  // Before the first frame stand tags and half frames, which are no damage.
  if (!resampler_ || count == 0) {
    return;
  }
  if (findings_.damage_count == 0) {
    findings_.first_damage_ms = sink_.heard_us() / 1000;
  }
  findings_.damage_count += count;
}

Status DecodeRun::check_shape() const {
  const int channel_count = frame_->ch_layout.nb_channels;
  if (channel_count < 1 || channel_count > request_.channel_count_max) {
    return fail(ErrorCode::kTooLarge,
                "the sound has " + std::to_string(channel_count) + " channels; at most " +
                    std::to_string(request_.channel_count_max) + " can be read");
  }
  if (frame_->sample_rate < kSampleRateMin || frame_->sample_rate > kSampleRateMax) {
    return fail(ErrorCode::kInvalidArgument, "the sound has a sample rate of " +
                                                 std::to_string(frame_->sample_rate) +
                                                 " Hz; 1,000 to 384,000 Hz can be read");
  }
  return {};
}

Status DecodeRun::finish_resampler() {
  if (!resampler_) {
    return {};
  }
  return resampler_->finish(sink_);
}

Status DecodeRun::open_resampler() {
  if (Status status = check_shape(); !status) {
    return status;
  }
  if (Status status = finish_resampler(); !status) {
    return status;
  }
  const int32_t outputs = resampler_ ? resampler_->output_channel_count() : 0;
  resampler_ = KATIP_TRY(Resampler::open(*frame_, request_.channel_mode));
  if (outputs == 0) {
    sink_.info({.media = {.container = file_.container(),
                          .codec = file_.codec(),
                          .sample_rate = frame_->sample_rate,
                          .channel_count = frame_->ch_layout.nb_channels,
                          .has_video = file_.has_video(),
                          .duration_ms = file_.expected_ms()},
                .output_channel_count = resampler_->output_channel_count()});
  } else if (outputs != resampler_->output_channel_count()) {
    return fail(ErrorCode::kInvalidArgument, "the number of channels changes within the file, at " +
                                                 seconds_text(sink_.heard_us() / 1000) +
                                                 "; channels cannot be kept apart");
  }
  return {};
}

Status DecodeRun::take_frame() {
  if (!resampler_ || !resampler_->fits(*frame_)) {
    if (Status status = open_resampler(); !status) {
      return status;
    }
  }
  if (const auto begin_us = file_.stamp_us(frame_->best_effort_timestamp)) {
    const int64_t gap_us = timeline_.silence_us(*begin_us, sink_.heard_us());
    if (Status status = sink_.silence(gap_us * kOutputRate / 1'000'000); !status) {
      return status;
    }
  }
  return resampler_->convert(*frame_, sink_);
}

Result<bool> DecodeRun::take_frames() {
  while (true) {
    const int error = avcodec_receive_frame(&file_.decoder(), frame_.get());
    if (error == AVERROR(EAGAIN) || error == AVERROR_EOF) {
      return false;
    }
    if (error == AVERROR(ENOMEM)) {
      return fail(ErrorCode::kTooLarge, "decoding needs more memory than is allowed");
    }
    if (error < 0) {
      note_damage(1);
      return false;
    }
    if (frame_->decode_error_flags != 0) {
      note_damage(1);
    }
    if (Status status = take_frame(); !status) {
      return std::unexpected(std::move(status).error());
    }
    if (request_.extent == Extent::kFirstFrame) {
      return true;
    }
  }
}

Result<bool> DecodeRun::send_packet(const AVPacket* packet) {
  const int error = avcodec_send_packet(&file_.decoder(), packet);
  if (error == AVERROR(ENOMEM)) {
    return fail(ErrorCode::kTooLarge, "decoding needs more memory than is allowed");
  }
  if (error < 0 && error != AVERROR_EOF) {
    note_damage(1);
  }
  return take_frames();
}

Result<StreamEnd> DecodeRun::run() {
  if (!frame_ || !packet_) {
    return fail(ErrorCode::kTooLarge, "out of memory");
  }
  if (file_.announced_ms() && file_.expected_ms().value_or(0) > request_.duration_ms_max) {
    return fail(ErrorCode::kTooLarge, "the sound is " + seconds_text(*file_.expected_ms()) +
                                          " long; the limit is " +
                                          seconds_text(request_.duration_ms_max));
  }
  bool is_enough = false;
  int64_t unreadable_count = 0;
  while (!is_enough && KATIP_TRY(file_.next_packet(*packet_))) {
    note_damage(file_.unreadable_count() -
                std::exchange(unreadable_count, file_.unreadable_count()));
    is_enough = KATIP_TRY(send_packet(packet_.get()));
  }
  if (is_enough) {
    return StreamEnd{};
  }
  is_enough = KATIP_TRY(send_packet(nullptr));
  if (Status status = finish_resampler(); !status) {
    return std::unexpected(std::move(status).error());
  }
  findings_.heard_ms = (sink_.heard_us() + 999) / 1000;  // one sample is sound
  findings_.announced_ms = file_.announced_ms();
  findings_.breaks_off = file_.breaks_off();
  return verdict(findings_);
}

Result<StreamEnd> decode(const DecodeRequest& request, const RequestFiles& files, FrameSink& sink) {
  InputSource input(request, files, [&sink] { sink.alive(); });
  MediaFile file = KATIP_TRY(MediaFile::open(input));
  return DecodeRun(request, std::move(file), sink).run();
}

}  // namespace

void run_decoder(const DecodeRequest& request, const RequestFiles& files, FrameSink& sink) {
  const auto end = decode(request, files, sink);
  sink.end(end ? *end : StreamEnd{EndState::kFailed, end.error().code, end.error().message});
}

int serve_one_request(int socket) {
  capture_log();
  av_max_alloc(kAllocationMax);
  const Status entered = enter_sandbox();
  const auto received = receive_request(socket);
  if (received && !*received) {
    return 0;  // the parent ended, or changed its mind
  }
  FrameSink sink(socket, received ? sample_count_max((*received)->request) : 0);
  Status ready = entered;
  if (ready && !received) {
    ready = std::unexpected(received.error());
  }
  if (ready) {
    const DecodeRequest& request = (*received)->request;
    ready =
        seal_sandbox({.cpu_seconds_max = request.cpu_seconds_max,
                      .file_size_max = (*received)->files.spool < 0 ? 0 : request.spool_size_max});
  }
  if (!ready) {
    sink.end({EndState::kFailed, ready.error().code, ready.error().message});
    return 0;
  }
  run_decoder((*received)->request, (*received)->files, sink);
  return 0;
}

}  // namespace katip::audio
