// Tested by transcriber_test.cc with a scripted model, and with a real one by tests/integration/:
// recordings, options, readers, batch.
#include "engine/transcribe/transcriber.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iterator>

#include "base/trimmed.h"
#include "engine/transcribe/segments.h"

namespace katip::engine {
namespace {

constexpr std::size_t kSamplesPerFrame = kWindowFrameSamples;
constexpr int kMelFramesMax = 3000;
// Silence that follows a window's audio. Whisper was trained on windows filled up to 30 s and
// repeats itself when speech reaches the end of a shorter one; after ten seconds of silence it says
// what it says in a full window (docs/benchmarks.md).
constexpr std::size_t kPaddingSamples = std::size_t{10} * 16000;
// A rest shorter than this after the last segment is left alone.
constexpr int kRestFramesMin = 100;
// A tenth of a second holds no word; the model would make one up.
constexpr std::size_t kSamplesMin = 1600;
// Nor does what is as quiet as the rounding of 16-bit samples.
constexpr float kLevelMin = 2.0f / 32768.0f;
// Windows under way at once: more than the batch decodes, so that it stays full while answers come
// in order.
constexpr std::size_t kWorkMax = 20;
// The text of a window that needed a higher temperature is no good prompt; nor is one that failed
// at all of them.
constexpr float kPromptTemperatureMax = 0.5f;
// Less is as good as impossible, and JSON has no infinity.
constexpr float kLogProbabilityMin = -1000.0f;
constexpr std::string_view kOtherRecording =
    "the windows that are finished are not of this recording: begin anew";
constexpr auto kStopPoll = std::chrono::milliseconds(50);

int mel_frame_count(std::size_t sample_count) {
  const std::size_t frames =
      (sample_count + kPaddingSamples + kSamplesPerFrame - 1) / kSamplesPerFrame * 2;
  return static_cast<int>(std::min<std::size_t>(frames, kMelFramesMax));
}

int audio_frame_count(std::size_t sample_count) {
  return static_cast<int>((sample_count + kSamplesPerFrame - 1) / kSamplesPerFrame);
}

bool can_hold_speech(std::span<const float> pcm) {
  return pcm.size() >= kSamplesMin &&
         std::ranges::any_of(pcm, [](float x) { return std::fabs(x) > kLevelMin; });
}

}  // namespace

Transcriber::Transcriber(const TranscribeTools& tools, const TranscribeOptions& options,
                         const Lexicon* lexicon, const TranscribeObserver& observer,
                         std::uint64_t owner)
    : tools_(tools), options_(options), lexicon_(lexicon), observer_(observer), owner_(owner) {
  if (!options_.language.empty()) {
    language_ = tools_.files.tokenizer->language_token(options_.language);
    result_.language = options_.language;
    result_.language_probability = 1.0f;
  } else if (!tools_.files.config.multilingual) {
    result_.language = "en";
    result_.language_probability = 1.0f;
  }
  const std::string prompt(trimmed(options_.initial_prompt));
  if (!prompt.empty()) prompt_ = tools_.files.tokenizer->encode(" " + prompt);
  previous_ = prompt_;
}

Transcriber::~Transcriber() {
  stop_.request_stop();
  for (Work& work : work_) {
    if (work.answer.valid()) work.answer.wait();
  }
}

Status Transcriber::resume_at(const ResumePoint& point) {
  if (point.window_count == 0) return {};
  const auto vocabulary_size = tools_.files.config.vocabulary_size;
  const bool is_of_model =
      point.window_count > 0 && point.segment_count >= 0 && point.segment_end_ms >= 0 &&
      std::ranges::all_of(point.previous_tokens,
                          [&](int token) { return token >= 0 && token < vocabulary_size; });
  if (result_.language.empty() && !point.language.empty()) {
    language_ = tools_.files.tokenizer->language_token(point.language);
    result_.language_probability = point.language_probability;
    if (language_) result_.language = point.language;
  }
  if (!is_of_model || result_.language != point.language) {
    return fail(ErrorCode::kConflict,
                "the windows that are finished are of another model or other options: begin anew");
  }
  if (options_.condition_on_previous_text) previous_ = point.previous_tokens;
  segment_count_ = point.segment_count;
  segment_end_ms_ = point.segment_end_ms;
  from_ = point;
  return {};
}

bool Transcriber::one_at_a_time() const {
  return options_.condition_on_previous_text || result_.language.empty();
}

Result<Transcription> Transcriber::run(const PcmReader& reader, const std::stop_token& stop) {
  WindowSource source(reader, options_, tools_.vad);
  const std::stop_callback forward(stop, [this] { stop_.request_stop(); });
  continues_ = true;
  while (continues_ || !work_.empty()) {
    KATIP_TRY(fill(source, stop_.get_token()));
    if (!work_.empty()) KATIP_TRY(take_answer(stop_.get_token()));
  }
  result_.duration_ms = source.read_ms();
  result_.speech_ms = source.speech_ms();
  if (window_count_ < from_.window_count)
    return fail(ErrorCode::kConflict, std::string(kOtherRecording));
  if (segment_count_ == 0 && options_.language.empty()) {
    result_.language.clear();
    result_.language_probability = 0.0f;
  }
  if (observer_.on_progress) observer_.on_progress(result_.duration_ms);
  return std::move(result_);
}

Status Transcriber::fill(WindowSource& source, const std::stop_token& stop) {
  while (continues_ && work_.size() < (one_at_a_time() ? 1 : kWorkMax)) {
    std::optional<Window> window = KATIP_TRY(source.next(stop));
    if (!window) {
      continues_ = false;
      break;
    }
    if (!can_hold_speech(window->pcm)) continue;
    if (window_count_ < from_.window_count) {
      KATIP_TRY(skip(*window));
      continue;
    }
    work_.push_back({.window = std::move(*window), .begin = 0, .segments = {}, .answer = {}});
    KATIP_TRY(submit(work_.back(), stop));
  }
  return {};
}

Status Transcriber::skip(const Window& window) {
  ++window_count_;
  if (window_count_ == from_.window_count && window.end_ms != from_.window_end_ms) {
    return fail(ErrorCode::kConflict, std::string(kOtherRecording));
  }
  if (observer_.on_progress) observer_.on_progress(window.end_ms);
  return {};
}

Status Transcriber::submit(Work& work, const std::stop_token& stop) {
  const std::span<const float> pcm = std::span(work.window.pcm).subspan(work.begin);
  WindowRequest request{.mel = KATIP_TRY(tools_.mel.compute(pcm, mel_frame_count(pcm.size()))),
                        .task = make_task(work),
                        .priority = options_.priority,
                        .owner = owner_,
                        .stop = stop};
  work.answer = tools_.batcher.submit(std::move(request));
  return {};
}

WindowTask Transcriber::make_task(const Work& work) const {
  WindowTask task{
      .options = &options_,
      .lexicon = lexicon_,
      .previous = options_.condition_on_previous_text ? previous_ : prompt_,
      .language = language_,
      .allowed_languages = {},
      .audio_frame_count = audio_frame_count(work.window.pcm.size() - work.begin),
      .seed = options_.seed + static_cast<std::uint64_t>(work.window.start_ms) * 31 + work.begin};
  for (const std::string& code : options_.languages) {
    if (const std::optional<int> token = tools_.files.tokenizer->language_token(code)) {
      task.allowed_languages.push_back(*token);
    }
  }
  return task;
}

Status Transcriber::take_answer(const std::stop_token& stop) {
  Work& work = work_.front();
  while (work.answer.wait_for(kStopPoll) == std::future_status::timeout) {
    if (stop.stop_requested()) return fail(ErrorCode::kCancelled, "transcription was cancelled");
  }
  const DecodedWindow decoded = KATIP_TRY(work.answer.get());
  take_language(decoded);
  const std::size_t begin = work.begin;
  take_text(work, decoded);
  if (work.begin > begin) return submit(work, stop);
  emit(work);
  work_.pop_front();
  return {};
}

void Transcriber::take_language(const DecodedWindow& decoded) {
  if (!result_.language.empty() || !decoded.language || decoded.tokens.empty()) return;
  language_ = decoded.language;
  result_.language = std::string(tools_.files.tokenizer->language_code(*decoded.language));
  result_.language_probability = decoded.language_probability;
}

// The samples of the window from work.begin on, as words are timed by them.
WindowSound Transcriber::sound_of(const Work& work) const {
  const auto file_ms = [&times = work.window.times, begin = work.begin](float frame, Edge edge) {
    const auto offset = std::llround(frame * static_cast<float>(kSamplesPerFrame));
    return times.to_file_sample(static_cast<std::int64_t>(begin) + offset, edge) / kSamplesPerMs;
  };
  return {.speech_probabilities =
              std::span(work.window.speech_probabilities).subspan(work.begin / kSamplesPerFrame),
          .file_ms = file_ms,
          .frame_count = audio_frame_count(work.window.pcm.size() - work.begin),
          .last_end_ms = work.segments.empty() ? segment_end_ms_ : work.segments.back().end_ms};
}

// Without timestamps, which are no text.
std::vector<ScoredToken> Transcriber::scored(const DecodedWindow& decoded,
                                             const WindowSegment& piece) const {
  std::vector<ScoredToken> scored;
  for (std::size_t at = piece.token_begin; at < piece.token_end; ++at) {
    const int token = decoded.tokens[at];
    if (token >= tools_.rules.special().end_of_text) continue;
    scored.push_back(
        {.bytes = tools_.files.tokenizer->decode(std::span(&token, 1)),
         .log_probability = std::max(decoded.log_probabilities[at], kLogProbabilityMin)});
  }
  return scored;
}

void Transcriber::take_text(Work& work, const DecodedWindow& decoded) {
  const WindowSound sound = sound_of(work);
  const int timestamp_begin = tools_.rules.special().timestamp_begin;
  const std::vector<WindowSegment> pieces =
      cut_segments(decoded.tokens, timestamp_begin, sound.frame_count);
  std::vector<TimedSegment> timed;
  if (!decoded.alignment.empty()) {
    timed = words_of_window(decoded, pieces, *tools_.files.tokenizer, tools_.files.config,
                            result_.language, sound);
  }
  for (std::size_t index = 0; index < pieces.size(); ++index) {
    const WindowSegment& piece = pieces[index];
    const std::span<const int> tokens =
        std::span(decoded.tokens).subspan(piece.token_begin, piece.token_end - piece.token_begin);
    Segment segment{.start_ms = sound.file_ms(static_cast<float>(piece.start_frame), Edge::kStart),
                    .end_ms = sound.file_ms(static_cast<float>(piece.end_frame), Edge::kEnd),
                    .text = std::string(trimmed(tools_.files.tokenizer->decode(tokens))),
                    .tokens = std::vector<int>(tokens.begin(), tokens.end()),
                    .temperature = decoded.temperature,
                    .average_log_probability = decoded.average_log_probability,
                    .compression_ratio = decoded.compression_ratio,
                    .no_speech_probability = decoded.no_speech_probability,
                    .window_start_ms = work.window.start_ms,
                    .words = {}};
    if (segment.text.empty()) continue;
    if (options_.token_scores) segment.scored_tokens = scored(decoded, piece);
    if (!timed.empty()) {
      segment.start_ms = timed[index].start_ms;
      segment.end_ms = timed[index].end_ms;
      segment.words = std::move(timed[index].words);
    }
    work.segments.push_back(std::move(segment));
    remember(decoded.tokens, piece);
  }
  if (decoded.temperature > kPromptTemperatureMax || decoded.has_failed) previous_.clear();
  const Rest rest = rest_of_window(pieces, sound.frame_count, kRestFramesMin);
  if (!rest.exists || rest.start_frame == 0) return;
  const std::size_t begin =
      work.begin + static_cast<std::size_t>(rest.start_frame) * kSamplesPerFrame;
  if (can_hold_speech(std::span(work.window.pcm).subspan(begin))) work.begin = begin;
}

// With its timestamps, as the reference does: after a prompt without them the model gives none
// either, and a window becomes one segment.
void Transcriber::remember(std::span<const int> tokens, const WindowSegment& piece) {
  if (!options_.condition_on_previous_text) return;
  const auto is_timestamp = [&](std::size_t at) {
    return at < tokens.size() && tools_.rules.is_timestamp(tokens[at]);
  };
  const std::size_t begin = piece.token_begin - (piece.token_begin > 0 ? 1 : 0);
  const std::size_t end = piece.token_end + (is_timestamp(piece.token_end) ? 1 : 0);
  std::ranges::copy(tokens.subspan(begin, end - begin), std::back_inserter(previous_));
  // More than a prompt can hold is of no use.
  const auto context = static_cast<std::size_t>(tools_.files.config.text_context);
  if (previous_.size() > context) {
    previous_.erase(previous_.begin(), previous_.end() - static_cast<std::ptrdiff_t>(context));
  }
}

void Transcriber::emit(Work& work) {
  ++window_count_;
  segment_count_ += static_cast<std::int64_t>(work.segments.size());
  if (!work.segments.empty()) segment_end_ms_ = work.segments.back().end_ms;
  if (observer_.on_segment) std::ranges::for_each(work.segments, observer_.on_segment);
  if (observer_.on_window) tell_window(work);
  std::ranges::move(work.segments, std::back_inserter(result_.segments));
  if (observer_.on_progress) observer_.on_progress(work.window.end_ms);
}

void Transcriber::tell_window(const Work& work) {
  ResumePoint next{.window_count = window_count_,
                   .window_end_ms = work.window.end_ms,
                   .segment_count = segment_count_,
                   .segment_end_ms = segment_end_ms_,
                   .language = result_.language,
                   .language_probability = result_.language_probability,
                   .previous_tokens = {}};
  if (options_.condition_on_previous_text) next.previous_tokens = previous_;
  observer_.on_window(
      {.index = window_count_ - 1, .segments = work.segments, .next = std::move(next)});
}

}  // namespace katip::engine
