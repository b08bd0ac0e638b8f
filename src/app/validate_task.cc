#include "app/validate_task.h"

#include <utility>

#include <boost/json.hpp>

#include "app/staged/next_transcription.h"
#include "audio/audio_stream.h"

/// Tested by validate_task_test.cc on both databases, and with the real decoder by
/// tests/e2e/test_jobs_api.py.
namespace katip::app {
namespace json = boost::json;
namespace {

std::string figures_json(const audio::MediaInfo& media) {
  json::object figures{{"container", media.container},
                       {"codec", media.codec},
                       {"sample_rate", media.sample_rate},
                       {"channel_count", media.channel_count}};
  if (media.duration_ms) figures["duration_ms"] = *media.duration_ms;
  return json::serialize(figures);
}

Result<jobs::TaskResult> validate(jobs::Queue& queue, const MediaShelf& shelf, const Probe& probe,
                                  const jobs::TaskContext& context) {
  const json::value args = json::parse(context.task.args);
  if (!args.is_object()) return fail(ErrorCode::kInvalidArgument, "args: a JSON object");
  const NextTranscription next = KATIP_TRY(parse_next(args.get_object()));
  const auto path = KATIP_TRY(shelf.find(next.args.source, context.stop));
  const audio::MediaInfo media = KATIP_TRY(probe(path, context.stop));
  jobs::TaskResult result{.json = figures_json(media)};
  result.effect = [&queue, next, before = context.task](store::Connection& sql) -> Status {
    return enqueue_next(queue, sql, next, before);
  };
  return result;
}

}  // namespace

Probe sandboxed_probe() {
  return [](const std::filesystem::path& path, std::stop_token stop) {
    audio::DecodeOptions options;
    options.stop = std::move(stop);
    return audio::probe(path, options);
  };
}

jobs::Handler validate_handler(jobs::Queue& queue, MediaShelf shelf, Probe probe) {
  return [&queue, shelf = std::move(shelf), probe = std::move(probe)](jobs::TaskContext& context) {
    return validate(queue, shelf, probe, context);
  };
}

}  // namespace katip::app
