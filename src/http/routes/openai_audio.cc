#include "http/routes/openai_audio.h"

#include <memory>
#include <utility>

#include "app/sound_length.h"
#include "http/early_stream.h"
#include "http/routes/openai_answer.h"
#include "http/routes/openai_request.h"

/// A request waits for its job, which goes through the queue like every other; a client that goes
/// away cancels it.
///
/// Tested by tests/e2e/test_openai.py with the official clients.
namespace katip::http {
namespace {

constexpr std::int64_t kUncutMsMax = 30'000;

struct Desk {
  app::Transcriptions& transcriptions;
  const app::ModelNames& models;
  const OpenAiOptions options;
};

/// One request that is being answered. News may come before its stream is open.
struct Waiting {
  explicit Waiting(SpeechRequest speech, std::shared_ptr<Exchange> to)
      : request(std::move(speech)), exchange(std::move(to)), events(request) {}

  const SpeechRequest request;
  const std::shared_ptr<Exchange> exchange;
  EarlyStream stream;
  SpeechEvents events;  // Of the one who tells news.
};

void end(Waiting& waiting, const Result<app::Transcript>& transcript) {
  if (!waiting.request.is_streamed) {
    waiting.exchange->respond(transcript ? openai_answer(waiting.request, *transcript)
                                         : std::unexpected(openai_failure(transcript.error())));
    return;
  }
  waiting.stream.finish(transcript ? waiting.events.done(*transcript)
                                   : SpeechEvents::failed(openai_failure(transcript.error())));
}

app::LiveObserver observer_of(const std::shared_ptr<Waiting>& waiting) {
  app::LiveObserver observer;
  if (waiting->request.is_streamed) {
    observer.on_segments = [waiting](const std::vector<app::Segment>& segments) {
      waiting->stream.write(waiting->events.segments(segments));
    };
    observer.on_idle = [waiting] { waiting->stream.write(": still there\n\n"); };
  }
  observer.on_done = [waiting](const Result<app::Transcript>& transcript) {
    end(*waiting, transcript);
  };
  return observer;
}

app::Recording recording_of(const Request& request, const UploadedFile& file,
                            const SpeechRequest& speech, const OpenAiOptions& options) {
  return {.name = file.file_name(),
          .media_type = file.media_type(),
          .sha256 = file.sha256,
          .args = speech.args,
          .request_id = request.request_id,
          .keep_for = options.keep_for};
}

/// What can only be said after a look at the sound.
std::optional<Failure> check_sound(const SpeechRequest& speech, const UploadedFile& file) {
  if (auto failure = check_voices(speech.known_speakers, {})) return failure;
  if (!speech.must_be_short) return std::nullopt;
  const auto ms = app::sound_length_ms(file.path(), kUncutMsMax + app::kEncoderPaddingMs, {});
  if (!ms) return openai_failure(ms.error());
  if (*ms <= kUncutMsMax + app::kEncoderPaddingMs) return std::nullopt;
  return Failure::of_parameter("chunking_strategy",
                               "chunking_strategy is required for diarization models with audio "
                               "longer than 30 seconds; `auto` will do");
}

void answer(const Desk& desk, SpeechTask task, Request& request,
            const std::shared_ptr<Exchange>& exchange) {
  auto speech = parse_speech_request(request.form, task, desk.models, desk.options.defaults);
  if (!speech) return exchange->respond(std::unexpected(std::move(speech).error()));
  const UploadedFile& file = *request.form.file("file");
  if (file.size == 0) {
    return exchange->respond(
        std::unexpected(openai_failure({ErrorCode::kInvalidArgument, "the file has no bytes"})));
  }
  if (auto failure = check_sound(*speech, file)) {
    return exchange->respond(std::unexpected(*std::move(failure)));
  }
  speech->known_speakers.clear();  // Voices are large, and a long recording takes its time.
  const auto waiting = std::make_shared<Waiting>(*speech, exchange);
  const auto started = desk.transcriptions.start(request.principal, file.path(),
                                                 recording_of(request, file, *speech, desk.options),
                                                 observer_of(waiting), {});
  if (!started) return exchange->respond(std::unexpected(openai_failure(started.error())));
  if (speech->is_streamed) waiting->stream.open(exchange->stream(event_stream_head()));
  exchange->on_disconnect([&transcriptions = desk.transcriptions, submitted = *started] {
    transcriptions.abandon(submitted);
  });
}

Route speech_route(SpeechTask task, const std::shared_ptr<const Desk>& desk) {
  const bool is_translation = task == SpeechTask::kTranslate;
  return {.method = Method::kPost,
          .path = is_translation ? "/v1/audio/translations" : "/v1/audio/transcriptions",
          .operation = is_translation ? "create_translation" : "create_transcription",
          .summary = is_translation ? "A recording in any language as English text"
                                    : "A recording as text, in the language that is spoken",
          .tag = "OpenAI",
          .permission = app::Permission::kTranscribe,
          .errors = ErrorShape::kOpenAi,
          .body_kind = BodyKind::kForm,
          .body = speech_schema(task),
          .body_size_max = 0,
          .answers = {{200, "The text, in the format that was asked for", Schema::any()},
                      {400, "A field or the file does not fit"},
                      {404, "There is no such model"},
                      {413, "The file is too large"}},
          .handle_later = [task, desk](Request& request, std::shared_ptr<Exchange> exchange) {
            answer(*desk, task, request, exchange);
          }};
}

}  // namespace

void add_openai_audio_routes(RouteTable& table, app::Transcriptions& transcriptions,
                             const app::ModelNames& models, OpenAiOptions options) {
  const auto desk = std::make_shared<const Desk>(
      Desk{.transcriptions = transcriptions, .models = models, .options = std::move(options)});
  table.add(speech_route(SpeechTask::kTranscribe, desk));
  table.add(speech_route(SpeechTask::kTranslate, desk));
}

}  // namespace katip::http
