#include "app/fetch_task.h"

#include <algorithm>
#include <system_error>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "app/media_name.h"
#include "app/staged/next_transcription.h"
#include "app/transcription_task.h"
#include "base/atomic_file.h"
#include "base/utf8.h"
#include "remote/http_client.h"
#include "store/job_store.h"

/// Tested by fetch_task_test.cc on both databases.
namespace katip::app {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr int kRedirectCountMax = 3;

/// Another attempt will be made, and can use what is there.
bool may_pass(ErrorCode code) {
  return code == ErrorCode::kUnavailable || code == ErrorCode::kTimeout ||
         code == ErrorCode::kOverloaded || code == ErrorCode::kCancelled;
}

/// What the task is told: where from, and the task that comes behind it.
struct FetchArgs {
  std::string url;
  NextTranscription next;
};

std::string to_json(const FetchArgs& args) {
  json::object object{{"url", args.url}};
  add_next(object, args.next);
  return json::serialize(object);
}

Result<FetchArgs> parse_args(const std::string& text) {
  const json::object object = json::parse(text).as_object();
  const json::value* url = object.if_contains("url");
  if (url == nullptr || !url->is_string()) {
    return fail(ErrorCode::kInvalidArgument,
                R"(the args of upload.fetch_url are {"url": …, "transcription": {…}})");
  }
  return FetchArgs{.url = std::string(url->as_string()), .next = KATIP_TRY(parse_next(object))};
}

/// "talk.mp3" of "https://host/a/talk.mp3?x=y".
std::string end_of(const std::string& url) {
  std::string path = url.substr(0, url.find_first_of("?#"));
  const std::size_t host = path.find("://");
  const std::size_t slash = path.rfind('/');
  const bool has_path = slash != std::string::npos && host != std::string::npos && slash > host + 2;
  std::string end = has_path ? path.substr(slash + 1) : "";
  return end.empty() || !is_utf8(end) ? remote::host_of(url) : end;
}

/// Threads: called by several slots at once.
class Fetcher {
 public:
  Fetcher(jobs::Queue& queue, FetchTools tools) : queue_(queue), tools_(std::move(tools)) {}

  Result<jobs::TaskResult> run(jobs::TaskContext& context) const {
    const FetchArgs args = KATIP_TRY(parse_args(context.task.args));
    const fs::path target = tools_.shelf.path_of(args.next.args.source);
    KATIP_TRY(make_folder(target.parent_path()));
    const remote::Download download = KATIP_TRY(fetch(args, target, context));
    const std::string type = media_type_of(download);
    if (download.size == 0 || type == "text/html") {
      std::error_code ignored;
      fs::remove(target, ignored);
      return fail(ErrorCode::kInvalidArgument,
                  download.size == 0
                      ? "the address gives an empty file"
                      : "the address gives a web page and not a recording: name the file itself");
    }
    if (tools_.probe) {
      const auto is_recording = tools_.probe(target, context.stop);
      if (!is_recording) {
        std::error_code ignored;
        if (!may_pass(is_recording.error().code)) fs::remove(target, ignored);
        return std::unexpected(is_recording.error());
      }
    }
    const auto known_type = type.empty() ? std::nullopt : std::optional(type);
    KATIP_TRY(tools_.shelf.keep(args.next.args.source, known_type, context.stop));
    const store::JobMedia media{.media_key = args.next.args.source,
                                .media_type = known_type,
                                .media_sha256 = download.sha256,
                                .file_size = download.size};
    jobs::TaskResult result;
    result.json = json::serialize(json::object{{"size", download.size}, {"media_type", type}});
    result.effect = [queue = &queue_, args, media,
                     task = context.task](store::Connection& sql) -> Status {
      if (task.job_id) {
        KATIP_TRY(store::set_job_media(sql, *task.job_id, media, queue->now()));
      }
      return enqueue_next(*queue, sql, args.next, task);
    };
    return result;
  }

 private:
  Result<remote::Download> fetch(const FetchArgs& args, const fs::path& target,
                                 jobs::TaskContext& context) const {
    remote::HttpOptions options;
    options.guard = tools_.guard;
    options.ca_file = tools_.ca_file;
    options.redirect_count_max = kRedirectCountMax;
    options.total_timeout = tools_.time_max;
    options.attempt_count_max = 2;  // The queue tries again too, later and elsewhere.
    options.clock = &queue_.clock();
    const auto on_progress = [&](std::int64_t done, std::optional<std::int64_t> total) {
      if (total.value_or(0) <= 0) return;
      const double part = static_cast<double>(done) / static_cast<double>(*total);
      // A lost lease shows when the result is written; the bytes are of use to whoever has it now.
      [[maybe_unused]] const Status told =
          context.lease.report_progress(std::clamp(part, 0.0, 1.0) * 0.1);
    };
    auto download = remote::HttpClient(options).download(
        {.request = {.url = args.url}, .target = target, .size_max = tools_.size_max}, on_progress,
        context.stop);
    const bool is_last = context.task.attempt >= context.task.attempt_count_max;
    if (!download && (is_last || !may_pass(download.error().code))) {
      std::error_code ignored;
      for (const char* end : {".part", ".part.etag"}) fs::remove(target.string() + end, ignored);
    }
    return download;
  }

  /// "audio/mpeg" of "audio/mpeg; charset=x"; empty when nothing usable was said.
  static std::string media_type_of(const remote::Download& download) {
    remote::HttpResponse response;
    response.headers = download.headers;
    std::string type = response.header("Content-Type").value_or("");
    type.resize(std::min(type.find_first_of("; "), type.size()));
    const bool is_plain = std::ranges::all_of(
        type, [](char c) { return c > 0x20 && c < 0x7f && c != '"' && c != '\\'; });
    return is_plain && type.size() <= 127 ? type : "";
  }

  jobs::Queue& queue_;
  const FetchTools tools_;
};

}  // namespace

Result<Submitted> submit_url(jobs::Queue& queue, const remote::OutgoingGuard& guard,
                             const UrlSubmission& submission, std::stop_token stop) {
  if (const Status status = guard.check_text(submission.url); !status) {
    return fail("url", status.error());
  }
  const std::string id = queue.new_id();
  const std::string name = submission.name.empty() ? end_of(submission.url) : submission.name;
  FetchArgs args{
      .url = submission.url,
      .next = {
          .args = submission.args, .priority = submission.priority, .queue = submission.queue}};
  TranscriptionArgs& transcription = args.next.args;
  transcription.job_id = "job_" + id;
  transcription.source = "media/" + id + safe_extension(name);

  store::NewJob job{
      .id = id, .job_id = transcription.job_id, .options = options_json(transcription)};
  job.source_name = name.substr(0, cut_size(name, kSourceNameSizeMax));
  job.source_url = submission.url;
  job.submitted_by = submission.submitted_by;
  job.api_key_id = submission.api_key_id;
  job.created_at = queue.now();
  if (submission.keep_for) job.expires_at = job.created_at + *submission.keep_for;
  if (!transcription.options.language.empty()) {
    job.language = transcription.options.language;
  }
  const std::string queue_name =
      submission.queue.value_or(queue.options().routing.route(kTranscriptionKind).queue);
  job.priority =
      submission.priority.value_or(jobs::priority_of_queue(queue_name).value_or(job.priority));
  const jobs::TaskRequest task{.kind = kFetchKind,
                               .args = to_json(args),
                               .tenant = submission.tenant,
                               .job_id = id,
                               .request_id = submission.request_id};
  Submitted submitted{.job_id = transcription.job_id, .job_row_id = id, .task_id = ""};
  KATIP_TRY(queue.with_store(
      [&](store::TaskStore& tasks) -> Status {
        KATIP_TRY(store::insert_job(tasks.connection(), job));
        KATIP_TRY(store::set_job_tags(tasks.connection(), id, submission.tags));
        const auto enqueued = KATIP_TRY(queue.enqueue_in(tasks.connection(), std::span(&task, 1)));
        submitted.task_id = enqueued.front().id;
        return {};
      },
      stop));
  return submitted;
}

jobs::Handler fetch_handler(jobs::Queue& queue, FetchTools tools) {
  return [fetcher = Fetcher(queue, std::move(tools))](jobs::TaskContext& context) {
    return fetcher.run(context);
  };
}

}  // namespace katip::app
