#include "engine/windows/window_stream.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <numeric>
#include <utility>

namespace katip::engine {
namespace {

constexpr std::size_t kFrame = kVadFrameSamples;

float sum_of_squares(std::span<const float> samples) {
  // Sixteen sums beside each other, so that the compiler can make vectors of them.
  constexpr std::size_t kSums = 16;
  std::array<float, kSums> sums = {};
  std::size_t i = 0;
  for (; i + kSums <= samples.size(); i += kSums) {
    for (std::size_t lane = 0; lane < kSums; ++lane) {
      sums[lane] += samples[i + lane] * samples[i + lane];
    }
  }
  float total = std::accumulate(sums.begin(), sums.end(), 0.0f);
  for (; i < samples.size(); ++i) total += samples[i] * samples[i];
  return total;
}

}  // namespace

Status WindowStreamOptions::validate() const {
  KATIP_TRY(speech.validate());
  return windows.validate();
}

WindowStream::WindowStream(std::shared_ptr<const VadModel> vad, const WindowStreamOptions& options)
    : detector_(options.speech), packer_(options.windows) {
  if (vad != nullptr) vad_.emplace(std::move(vad));
}

std::vector<Window> WindowStream::push(std::span<const float> pcm) {
  std::vector<Window> windows;
  // A long push goes in parts, so that the packer never holds more of it than it needs.
  while (!pcm.empty()) {
    const std::span<const float> part = pcm.first(std::min(pcm.size(), kWindowStreamPart));
    push_part(part, windows);
    pcm = pcm.subspan(part.size());
  }
  return windows;
}

std::vector<Window> WindowStream::finish() {
  const std::vector<SpeechFrame> frames = last_frame();
  std::vector<SpeechSpan> spans;
  if (vad_) {
    spans = detector_.push(frames);
    std::ranges::copy(detector_.finish(sample_count_), std::back_inserter(spans));
    // The last frame may reach beyond the file.
    for (SpeechSpan& span : spans) span.end = std::min(span.end, sample_count_);
  } else if (!frames.empty()) {
    const auto rest = static_cast<std::int64_t>(static_cast<std::size_t>(sample_count_) % kFrame);
    spans.push_back({sample_count_ - rest, sample_count_});
  }
  std::vector<Window> windows = packer_.push({}, frames, spans, sample_count_);
  std::ranges::move(packer_.finish(), std::back_inserter(windows));
  return windows;
}

void WindowStream::push_part(std::span<const float> pcm, std::vector<Window>& windows) {
  sample_count_ += static_cast<std::int64_t>(pcm.size());
  const std::vector<SpeechFrame> frames = frames_of(pcm);
  std::vector<SpeechSpan> spans;
  const auto frames_end =
      static_cast<std::int64_t>(static_cast<std::size_t>(sample_count_) / kFrame * kFrame);
  std::int64_t decided_end = frames_end;
  if (vad_) {
    spans = detector_.push(frames);
    decided_end = detector_.decided_end();
  } else if (!frames.empty()) {
    spans.push_back({frames_end - static_cast<std::int64_t>(frames.size() * kFrame), frames_end});
  }
  std::ranges::move(packer_.push(pcm, frames, spans, decided_end), std::back_inserter(windows));
}

// The frames that `pcm` completes.
std::vector<SpeechFrame> WindowStream::frames_of(std::span<const float> pcm) {
  std::vector<SpeechFrame> frames;
  if (vad_) {
    for (const float probability : vad_->push(pcm)) frames.push_back({probability, 0.0f});
  }
  std::size_t frame = 0;
  std::size_t filled = (static_cast<std::size_t>(sample_count_) - pcm.size()) % kFrame;
  while (!pcm.empty()) {
    const std::span<const float> part = pcm.first(std::min(pcm.size(), kFrame - filled));
    power_sum_ += sum_of_squares(part);
    filled += part.size();
    pcm = pcm.subspan(part.size());
    if (filled < kFrame) break;
    if (!vad_) frames.push_back({1.0f, 0.0f});
    frames[frame++].power = std::exchange(power_sum_, 0.0f) / static_cast<float>(kFrame);
    filled = 0;
  }
  return frames;
}

// What is left at the end, as a frame.
std::vector<SpeechFrame> WindowStream::last_frame() {
  const std::size_t filled = static_cast<std::size_t>(sample_count_) % kFrame;
  if (filled == 0) return {};
  const std::vector<float> probabilities = vad_ ? vad_->finish() : std::vector<float>{1.0f};
  return {{probabilities.front(), power_sum_ / static_cast<float>(filled)}};
}

}  // namespace katip::engine
