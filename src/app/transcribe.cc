#include "app/transcribe.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/assert.h"

// Tested by tests/integration and tests/e2e.
namespace katip::app {
namespace {

// A second of sound: a stop request is seen at least so often while reading.
constexpr std::size_t kBlockSize = 16'000;

Result<audio::AudioStream> open_audio(const TranscribeRequest& request,
                                      const audio::DecodeOptions& options) {
  if (const auto* input = std::get_if<OpenInput>(&request.source)) {
    return audio::AudioStream::open_fd(input->descriptor, input->name, options);
  }
  return audio::AudioStream::open(std::get<std::filesystem::path>(request.source), options);
}

// Which part of the whole work a pass is, for progress: the second of two channels begins at half.
struct Pass {
  int index = 0;
  int count = 1;

  [[nodiscard]] std::string speaker() const {
    return count > 1 ? fmt::format("Channel {}", index + 1) : "";
  }
};

// Reads one channel out of interleaved ones.
engine::PcmReader reader_of(audio::AudioStream& audio, const Pass& pass) {
  if (audio.channel_count() == 1) {
    return [&audio](std::span<float> out) { return audio.read(out); };
  }
  const auto channel_count = static_cast<std::size_t>(audio.channel_count());
  const auto channel = static_cast<std::size_t>(pass.index);
  return [&audio, channel_count, channel,
          block = std::vector<float>()](std::span<float> out) mutable -> Result<std::size_t> {
    block.resize(std::min(out.size(), kBlockSize) * channel_count);
    const std::size_t count = KATIP_TRY(audio.read(block));
    const std::size_t frame_count = count / channel_count;
    for (std::size_t frame = 0; frame < frame_count; ++frame) {
      out[frame] = block[frame * channel_count + channel];
    }
    return frame_count;
  };
}

void label(text::Segment& segment, const std::string& speaker) {
  segment.speaker = speaker;
  for (text::Word& word : segment.words) {
    word.speaker = speaker;
  }
}

// One reading of the recording: all of it, or one of its channels.
class OnePass {
 public:
  OnePass(engine::Engine& engine, const TranscribeRequest& request,
          const TranscribeObserver& observer, Pass pass)
      : engine_(engine), request_(request), observer_(observer), pass_(pass) {}

  Transcribed run(audio::AudioStream& audio, std::stop_token stop) {
    total_ms_ = audio.info().duration_ms;
    take_over();
    const engine::TranscribeObserver inner{
        .on_segment = [this](const engine::Segment& segment) { take(segment); },
        .on_window = [this](const engine::WindowDone& window) { take(window); },
        .on_progress = [this](std::int64_t done_ms) { tell(done_ms); }};
    const engine::ResumePoint from = point_;
    Result<engine::Transcription> whole =
        engine_.resume(reader_of(audio, pass_), request_.options, from, inner, stop);
    if (!whole) {
      return partial(std::move(whole).error(), stop);
    }
    return complete(*std::move(whole), audio.warning());
  }

 private:
  void take_over() {
    const auto channel = static_cast<std::size_t>(pass_.index);
    if (channel >= request_.finished.size()) {
      return;
    }
    for (const engine::WindowDone& window : request_.finished[channel]) {
      for (const engine::Segment& segment : window.segments) {
        segments_.push_back(converted(segment));
      }
      point_ = window.next;
      done_ms_ = point_.window_end_ms;
    }
  }

  void take(const engine::Segment& segment) {
    segments_.push_back(converted(segment));
    if (observer_.on_segment) {
      observer_.on_segment(segments_.back());
    }
  }

  void take(const engine::WindowDone& window) {
    point_ = window.next;
    if (observer_.on_window) {
      observer_.on_window(pass_.index, window);
    }
  }

  [[nodiscard]] text::Segment converted(const engine::Segment& segment) const {
    text::Segment result = to_text(segment);
    label(result, pass_.speaker());
    return result;
  }

  void tell(std::int64_t done_ms) {
    done_ms_ = done_ms;
    if (!observer_.on_progress) {
      return;
    }
    Progress progress{.done_ms = done_ms, .total_ms = total_ms_};
    if (total_ms_) {  // In parts of the recording, whatever the number of passes.
      progress.done_ms = (*total_ms_ * pass_.index + done_ms) / pass_.count;
    }
    observer_.on_progress(progress);
  }

  Transcribed partial(Error error, const std::stop_token& stop) {
    if (stop.stop_requested()) {  // Whatever broke: it broke because we stop.
      error = {ErrorCode::kCancelled, "stopped"};
    }
    Transcribed result{.transcript = {}, .error = error, .speech_ms = 0};
    const bool is_detected = request_.options.language.empty();
    result.transcript.language = is_detected ? point_.language : request_.options.language;
    result.transcript.language_probability = is_detected ? point_.language_probability : 1.0f;
    result.transcript.duration_ms = done_ms_;
    result.transcript.segments = std::move(segments_);
    result.transcript.warning = "incomplete: " + error.message;
    return result;
  }

  Transcribed complete(engine::Transcription whole, const std::optional<std::string>& warning) {
    Transcribed result{.transcript = {}, .error = {}, .speech_ms = whole.speech_ms};
    result.transcript.language = std::move(whole.language);
    result.transcript.language_probability = whole.language_probability;
    result.transcript.duration_ms = whole.duration_ms;
    result.transcript.segments = std::move(segments_);
    result.transcript.warning = warning;
    return result;
  }

  engine::Engine& engine_;
  const TranscribeRequest& request_;
  const TranscribeObserver& observer_;
  Pass pass_;
  std::optional<std::int64_t> total_ms_;
  std::int64_t done_ms_ = 0;
  engine::ResumePoint point_;  ///< Behind the last window.
  std::vector<text::Segment> segments_;
};

std::size_t text_size(const text::Transcript& transcript) {
  std::size_t size = 0;
  for (const text::Segment& segment : transcript.segments) {
    size += segment.text.size();
  }
  return size;
}

// Adds the transcript of another channel; the language is that of whoever says more.
void merge(Transcribed& all, Transcribed one) {
  if (text_size(one.transcript) > text_size(all.transcript)) {
    all.transcript.language = one.transcript.language;
    all.transcript.language_probability = one.transcript.language_probability;
  }
  std::ranges::move(one.transcript.segments, std::back_inserter(all.transcript.segments));
  std::ranges::sort(all.transcript.segments, {}, [](const text::Segment& segment) {
    return std::tuple(segment.start_ms, std::string_view(segment.speaker), segment.end_ms);
  });
  all.transcript.duration_ms = std::max(all.transcript.duration_ms, one.transcript.duration_ms);
  all.speech_ms += one.speech_ms;
  if (!all.transcript.warning) {
    all.transcript.warning = std::move(one.transcript.warning);
  }
  all.error = std::move(one.error);
}

Transcribed failed(Error error, const std::stop_token& stop) {
  if (stop.stop_requested()) {
    error = {ErrorCode::kCancelled, "stopped"};
  }
  return {.transcript = {}, .error = std::move(error), .speech_ms = 0};
}

}  // namespace

Transcribed transcribe(engine::Engine& engine, const TranscribeRequest& request,
                       const TranscribeObserver& observer, std::stop_token stop) {
  audio::DecodeOptions options = request.decode;
  options.stop = stop;
  const bool separates = options.channels == audio::Channels::kSeparate;
  if (separates && std::holds_alternative<OpenInput>(request.source)) {
    return failed({ErrorCode::kInvalidArgument,
                   "separate channels need a file: save what comes by standard input first"},
                  stop);
  }
  Result<audio::AudioStream> audio = open_audio(request, options);
  if (!audio) {
    return failed(std::move(audio).error(), stop);
  }
  if (observer.on_open) {
    observer.on_open(audio->info());
  }
  Pass pass{.index = 0, .count = separates ? audio->channel_count() : 1};
  Transcribed all = OnePass(engine, request, observer, pass).run(*audio, stop);
  for (pass.index = 1; pass.index < pass.count && !all.error; ++pass.index) {
    Result<audio::AudioStream> again = open_audio(request, options);
    // The file may have been exchanged since the first pass.
    if (again && again->channel_count() != pass.count) {
      again = fail(ErrorCode::kConflict, "the file changed while it was read");
    }
    merge(all, again ? OnePass(engine, request, observer, pass).run(*again, stop)
                     : failed(std::move(again).error(), stop));
  }
  return all;
}

text::Segment to_text(const engine::Segment& segment) {
  text::Segment result{.start_ms = segment.start_ms,
                       .end_ms = segment.end_ms,
                       .text = segment.text,
                       .tokens = segment.tokens,
                       .temperature = segment.temperature,
                       .average_log_probability = segment.average_log_probability,
                       .compression_ratio = segment.compression_ratio,
                       .no_speech_probability = segment.no_speech_probability,
                       .window_start_ms = segment.window_start_ms,
                       .words = {},
                       .speaker = {}};
  for (const engine::Word& word : segment.words) {
    result.words.push_back({.start_ms = word.start_ms,
                            .end_ms = word.end_ms,
                            .text = word.text,
                            .probability = word.probability,
                            .speaker = {}});
  }
  for (const engine::ScoredToken& token : segment.scored_tokens) {
    result.scored_tokens.push_back(
        {.bytes = token.bytes, .log_probability = token.log_probability});
  }
  return result;
}

}  // namespace katip::app
