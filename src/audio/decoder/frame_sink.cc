#include "audio/decoder/frame_sink.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <unistd.h>

#include "audio/decoder/timeline.h"
#include "base/assert.h"

namespace katip::audio {
namespace {

// Divisible by every channel count from 1 to 8, and within one frame.
constexpr size_t kGatheredMax = 840 * 19;
static_assert(kGatheredMax * sizeof(float) <= kPayloadSizeMax);

}  // namespace

FrameSink::FrameSink(int socket, int64_t sample_count_max)
    : socket_(socket), sample_count_max_(sample_count_max) {
  gathered_.reserve(kGatheredMax);
}

void FrameSink::send(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(socket_, bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) {
      _exit(1);
    }
    bytes = bytes.subspan(static_cast<size_t>(std::max<ssize_t>(count, 0)));
  }
}

void FrameSink::info(const StreamInfo& info) {
  channel_count_ = info.output_channel_count;
  send(encode_info(info));
}

Status FrameSink::samples(std::span<const float> pcm) {
  KATIP_ASSERT(has_info());
  sample_count_ += static_cast<int64_t>(pcm.size()) / channel_count_;
  if (sample_count_ > sample_count_max_) {
    return fail(ErrorCode::kTooLarge, "the sound is longer than the limit of " +
                                          seconds_text(sample_count_max_ * 1000 / kOutputRate));
  }
  while (!pcm.empty()) {
    const size_t count = std::min(pcm.size(), kGatheredMax - gathered_.size());
    gathered_.insert(gathered_.end(), pcm.begin(), pcm.begin() + static_cast<ptrdiff_t>(count));
    pcm = pcm.subspan(count);
    if (gathered_.size() == kGatheredMax) {
      flush();
    }
  }
  return {};
}

Status FrameSink::silence(int64_t sample_count) {
  static constexpr std::array<float, 840> kZeros{};
  for (int64_t left = sample_count * channel_count_; left > 0;) {
    const auto count = std::min<int64_t>(left, static_cast<int64_t>(kZeros.size()));
    if (Status status = samples(std::span(kZeros).first(static_cast<size_t>(count))); !status) {
      return status;
    }
    left -= count;
  }
  return {};
}

void FrameSink::flush() {
  if (!gathered_.empty()) {
    send(encode_pcm(gathered_));
    gathered_.clear();
  }
}

void FrameSink::alive() {
  flush();
  send(encode_alive());
}

void FrameSink::end(const StreamEnd& end) {
  flush();
  send(encode_end(end));
}

}  // namespace katip::audio
