#include "http/routes/openai_answer.h"

#include <span>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include "http/json_text.h"
#include "http/routes/logprobs.h"

/// Tested by openai_answer_test.cc, and with the official clients by tests/e2e/test_openai.py.
namespace katip::http {
namespace json = boost::json;
namespace {

constexpr std::int64_t kDurationMsMin = 100;
constexpr const char* kOnlySpeaker = "A";

/// Seconds are rounded up, as whisper-1 counts them.
json::object usage_of(const app::Transcript& transcript) {
  return {{"type", "duration"}, {"seconds", (transcript.duration_ms + 999) / 1000}};
}

double seconds(std::int64_t ms) { return static_cast<double>(ms) / 1000; }

std::string speaker_of(const app::Segment& segment) {
  return segment.speaker.empty() ? kOnlySpeaker : segment.speaker;
}

std::string segment_id(std::size_t index) { return fmt::format("seg_{:03}", index + 1); }

json::object diarized_segment(const app::Segment& segment, std::size_t index) {
  return {{"type", "transcript.text.segment"},
          {"id", segment_id(index)},
          {"start", seconds(segment.start_ms)},
          {"end", seconds(segment.end_ms)},
          {"text", segment.text},
          {"speaker", speaker_of(segment)}};
}

std::string event(const json::object& object) { return "data: " + json_text(object) + "\n\n"; }

Result<std::string> running_text(const app::Transcript& transcript) {
  std::string text = KATIP_TRY(app::write_transcript(transcript, app::Format::kText,
                                                     {.text_layout = app::TextLayout::kRunning}));
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

/// Which of those that were expected is spoken.
void add_languages(const SpeechRequest& request, const app::Transcript& transcript,
                   json::object& answer) {
  if (request.args.options.languages.empty() || transcript.language.empty()) return;
  answer["languages"] = json::array{json::object{{"code", transcript.language}}};
}

Answer json_answer(const SpeechRequest& request, const app::Transcript& transcript) {
  json::object body{{"text", KATIP_TRY(running_text(transcript))}};
  if (request.wants_logprobs) body["logprobs"] = logprobs_of(transcript.segments);
  add_languages(request, transcript, body);
  body["usage"] = usage_of(transcript);
  return json_response(body);
}

Answer diarized_answer(const app::Transcript& transcript) {
  json::array segments;
  for (const app::Segment& segment : transcript.segments) {
    segments.push_back(diarized_segment(segment, segments.size()));
  }
  return json_response(json::object{{"task", "transcribe"},
                                    {"duration", seconds(transcript.duration_ms)},
                                    {"text", KATIP_TRY(running_text(transcript))},
                                    {"segments", std::move(segments)},
                                    {"usage", usage_of(transcript)}});
}

Answer written(const app::Transcript& transcript, app::Format format,
               const app::WriteOptions& options, std::string content_type) {
  return text_response(KATIP_TRY(app::write_transcript(transcript, format, options)),
                       std::move(content_type));
}

}  // namespace

Answer openai_answer(const SpeechRequest& request, const app::Transcript& transcript) {
  if (transcript.duration_ms < kDurationMsMin) {
    Failure failure(400, "INVALID_ARGUMENT",
                    "Audio file is too short. Minimum audio length is 0.1 seconds.");
    failure.parameter = "file";
    failure.openai_code = "audio_too_short";
    return std::unexpected(std::move(failure));
  }
  const auto shown = [](bool is_shown) { return is_shown ? app::Shown::kYes : app::Shown::kNo; };
  constexpr const char* kPlain = "text/plain; charset=utf-8";
  switch (request.format) {
    case SpeechFormat::kJson:
      break;
    case SpeechFormat::kDiarizedJson:
      return diarized_answer(transcript);
    case SpeechFormat::kText:
      return text_response(KATIP_TRY(running_text(transcript)) + "\n", kPlain);
    case SpeechFormat::kSrt:
      return written(transcript, app::Format::kSrt, {}, kPlain);
    case SpeechFormat::kVtt:
      return written(transcript, app::Format::kVtt, {}, "text/vtt; charset=utf-8");
    case SpeechFormat::kVerboseJson:
      return written(
          transcript, app::Format::kJson,
          {.segments = shown(request.wants_segments), .words = shown(request.wants_words)},
          "application/json");
  }
  return json_answer(request, transcript);
}

Failure openai_failure(const Error& error) {
  Failure failure(error);
  if (error.code == ErrorCode::kInvalidArgument || error.code == ErrorCode::kCorruptData) {
    failure.status = 400;
    failure.code = "INVALID_ARGUMENT";
    failure.hidden.clear();
    failure.message = fmt::format(
        "Invalid file format. Supported formats: ['flac', 'm4a', 'mp3', 'mp4', 'mpeg', 'mpga', "
        "'oga', 'ogg', 'wav', 'webm'] ({})",
        error.message);
    failure.parameter = "file";
  }
  if (error.code == ErrorCode::kCancelled) failure.status = 409;
  return failure;
}

std::string SpeechEvents::delta() {
  const auto whole = running_text(told_);
  if (!whole || !whole->starts_with(text_) || whole->size() == text_.size()) return "";
  json::object object{{"type", "transcript.text.delta"}, {"delta", whole->substr(text_.size())}};
  if (request_.format == SpeechFormat::kDiarizedJson) {
    object["segment_id"] = segment_id(told_.segments.size() - 1);
  }
  if (request_.wants_logprobs) {
    object["logprobs"] = logprobs_of(std::span(told_.segments).subspan(scored_count_));
    scored_count_ = told_.segments.size();
  }
  text_ = *whole;
  return event(object);
}

std::string SpeechEvents::segments(const std::vector<app::Segment>& segments) {
  const bool is_diarized = request_.format == SpeechFormat::kDiarizedJson;
  std::string events;
  for (const app::Segment& segment : segments) {
    told_.segments.push_back(segment);
    if (!is_diarized) continue;
    events += delta() + event(diarized_segment(segment, told_.segments.size() - 1));
  }
  return is_diarized ? events : delta();
}

std::string SpeechEvents::done(const app::Transcript& transcript) {
  std::string events;
  const auto& all = transcript.segments;
  if (all.size() > told_.segments.size()) {
    events =
        segments({all.begin() + static_cast<std::ptrdiff_t>(told_.segments.size()), all.end()});
  }
  json::object object{{"type", "transcript.text.done"},
                      {"text", running_text(transcript).value_or(text_)}};
  if (request_.wants_logprobs) object["logprobs"] = logprobs_of(all);
  if (request_.format == SpeechFormat::kJson) add_languages(request_, transcript, object);
  object["usage"] = usage_of(transcript);
  return events + event(object) + "data: [DONE]\n\n";
}

std::string SpeechEvents::failed(const Failure& failure) { return event(openai_error(failure)); }

}  // namespace katip::http
