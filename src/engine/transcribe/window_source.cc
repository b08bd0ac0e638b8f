#include "engine/transcribe/window_source.h"

namespace katip::engine {
namespace {

constexpr std::size_t kChunkSamples = 16000;

WindowStreamOptions stream_options(const TranscribeOptions& options) {
  WindowStreamOptions stream;
  stream.speech.threshold = options.vad_threshold;
  return stream;
}

}  // namespace

WindowSource::WindowSource(const PcmReader& reader, const TranscribeOptions& options,
                           std::shared_ptr<const VadModel> vad)
    : reader_(reader),
      stream_(options.vad == Vad::kOn ? std::move(vad) : nullptr, stream_options(options)),
      buffer_(kChunkSamples) {}

Result<std::optional<Window>> WindowSource::next(const std::stop_token& stop) {
  while (ready_.empty() && !ended_) {
    if (stop.stop_requested()) return fail(ErrorCode::kCancelled, "transcription was cancelled");
    KATIP_TRY(read_more());
  }
  if (ready_.empty()) return std::nullopt;
  std::optional<Window> window(std::move(ready_.front()));
  ready_.pop_front();
  speech_samples_ += window->speech_sample_count;
  return window;
}

Status WindowSource::read_more() {
  const std::size_t count = KATIP_TRY(reader_(buffer_));
  ended_ = count == 0;
  std::vector<Window> windows =
      ended_ ? stream_.finish() : stream_.push(std::span(buffer_).first(count));
  for (Window& window : windows) ready_.push_back(std::move(window));
  return {};
}

}  // namespace katip::engine
