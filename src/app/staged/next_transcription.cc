#include "app/staged/next_transcription.h"

#include <span>

#include <boost/json.hpp>

#include "app/json/text_field.h"
#include "app/transcription_task.h"
#include "store/job_store.h"

/// Tested by fetch_task_test.cc and validate_task_test.cc.
namespace katip::app {
namespace json = boost::json;

void add_next(json::object& args, const NextTranscription& next) {
  args["transcription"] = json::parse(to_json(next.args));
  if (next.priority) args["priority"] = *next.priority;
  if (next.queue) args["queue"] = *next.queue;
}

Result<NextTranscription> parse_next(const json::object& args) {
  const json::value* transcription = args.if_contains("transcription");
  if (transcription == nullptr) {
    return fail(ErrorCode::kInvalidArgument, "args: `transcription` is missing");
  }
  NextTranscription next;
  next.args = KATIP_TRY(parse_transcription_args(json::serialize(*transcription)));
  if (!next.args.source.starts_with("media/") || next.args.source.contains("..")) {
    return fail(ErrorCode::kInvalidArgument, "args: the source is not in the folder media");
  }
  const json::value* priority = args.if_contains("priority");
  if (priority != nullptr && priority->is_int64()) {
    next.priority = static_cast<int>(priority->as_int64());
  }
  if (const std::string queue = text_in(args, "queue"); !queue.empty()) next.queue = queue;
  return next;
}

Status enqueue_next(jobs::Queue& queue, store::Connection& sql, const NextTranscription& next,
                    const store::ClaimedTask& before) {
  const jobs::TaskRequest request{.kind = kTranscriptionKind,
                                  .args = to_json(next.args),
                                  .tenant = before.tenant,
                                  .queue = next.queue,
                                  .priority = next.priority,
                                  .job_id = before.job_id,
                                  .request_id = before.request_id};
  if (before.job_id) KATIP_TRY(store::requeue_job(sql, *before.job_id, queue.now()));
  KATIP_TRY(queue.enqueue_in(sql, std::span(&request, 1)));
  return {};
}

}  // namespace katip::app
