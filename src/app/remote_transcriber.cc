#include "app/remote_transcriber.h"

#include <system_error>

#include "app/remote_engine/remote_pass.h"

/// Tested by remote_transcriber_test.cc, and against a second katip by tests/e2e.
namespace katip::app {
namespace {

constexpr std::string_view kPrefix = "remote:";
constexpr std::size_t kSamplesOfSecond = 16'000;

Transcribed failed(Error error, const std::stop_token& stop) {
  if (stop.stop_requested()) error = {ErrorCode::kCancelled, "stopped"};
  return {.transcript = {}, .error = std::move(error), .speech_ms = 0};
}

Result<audio::AudioStream> open_audio(const TranscribeRequest& request, std::stop_token stop) {
  audio::DecodeOptions options = request.decode;
  options.stop = std::move(stop);
  if (options.channels == audio::Channels::kSeparate) {
    return fail(ErrorCode::kInvalidArgument,
                "channels: a remote engine does not keep channels apart; use `mix`");
  }
  if (const auto* input = std::get_if<OpenInput>(&request.source)) {
    return audio::AudioStream::open_fd(input->descriptor, input->name, options);
  }
  return audio::AudioStream::open(std::get<std::filesystem::path>(request.source), options);
}

Transcribed run(const RemotePassTools& tools, const TranscribeRequest& request,
                const TranscribeObserver& observer, const std::stop_token& stop) {
  Result<audio::AudioStream> audio = open_audio(request, stop);
  if (!audio) return failed(std::move(audio).error(), stop);
  if (observer.on_open) observer.on_open(audio->info());
  const auto read = [&](std::span<float> out) { return audio->read(out); };
  Transcribed done =
      transcribe_parts(read, audio->info().duration_ms, request, observer, tools, stop);
  if (!done.error) done.transcript.warning = audio->warning();
  return done;
}

}  // namespace

Status RemoteEngineOptions::validate() const {
  if (part_max < std::chrono::seconds(10) || part_max > std::chrono::seconds(780)) {
    return fail(ErrorCode::kInvalidArgument, "part_max: 10 to 780 seconds");
  }
  return provider.validate();
}

TranscribeFunction transcribe_remotely(RemoteEngineOptions options) {
  RemotePassTools tools;
  tools.part_size_max = static_cast<std::size_t>(options.part_max.count()) * kSamplesOfSecond;
  tools.temporary_dir = options.temporary_dir;
  if (tools.temporary_dir.empty()) {
    std::error_code ignored;
    tools.temporary_dir = std::filesystem::temp_directory_path(ignored);
  }
  tools.ask = [provider = remote::TranscriptionProvider(std::move(options.provider))](
                  const remote::ProviderRequest& request, std::stop_token stop) {
    return provider.transcribe(request, std::move(stop));
  };
  return [tools](const TranscribeRequest& request, const TranscribeObserver& observer,
                 std::stop_token stop) { return run(tools, request, observer, stop); };
}

std::optional<std::string> remote_model(std::string_view model) {
  if (!model.starts_with(kPrefix) || model.size() == kPrefix.size()) return std::nullopt;
  return std::string(model.substr(kPrefix.size()));
}

}  // namespace katip::app
