#include "app/named_failures.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/utf8.h"
#include "store/job_store.h"

/// Modules that read a file know the path that it lies under and no other name. Its last part is
/// the id of the job's row and an end such as ".mp4", so that it is found in any message.
///
/// Tested by named_failures_test.cc.
namespace katip::app {
namespace {

constexpr std::size_t kNameSizeMax = 200;
constexpr std::string_view kAroundPaths = " \t\n\"'`()<>";

/// Nothing when the job is gone or the database is away: the message stays as it is then.
std::optional<store::JobRecord> job_of(jobs::Queue& queue, const jobs::TaskContext& context) {
  if (!context.task.job_id) return std::nullopt;
  // Not with the task's own token: when it was stopped, there still is something to say.
  const auto sql = queue.pool().acquire({});
  if (!sql) return std::nullopt;
  auto job = store::find_job(**sql, *context.task.job_id);
  return job ? *std::move(job) : std::nullopt;
}

std::string known_name(const store::JobRecord& job) {
  std::string name = job.source_name.value_or(job.source_url.value_or(""));
  name.resize(cut_size(name, kNameSizeMax));
  // It came from outside and goes into logs and onto terminals.
  std::ranges::replace_if(name, [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; }, ' ');
  return name.empty() ? "the recording" : name;
}

/// Behind ".mp4" or ".mp4.part" at `at`; a full stop is none.
std::size_t end_of_ends(std::string_view text, std::size_t at) {
  const auto is_alphanumeric = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  while (at + 1 < text.size() && text[at] == '.' && is_alphanumeric(text[at + 1])) {
    ++at;
    while (at < text.size() && is_alphanumeric(text[at])) ++at;
  }
  return at;
}

/// Every path whose last part begins with `id` becomes `name`; "job_<id>" is no path.
std::string with_name(std::string_view text, std::string_view id, std::string_view name) {
  std::string named;
  std::size_t done = 0;
  for (std::size_t at = text.find(id); at != text.npos; at = text.find(id, at + id.size())) {
    const std::size_t before = at == 0 ? text.npos : text.find_last_of(kAroundPaths, at - 1);
    std::size_t begin = before == text.npos ? 0 : before + 1;
    if (begin < at && text[at - 1] != '/') continue;
    begin = std::max(begin, done);
    named += text.substr(done, begin - done);
    named += name;
    done = end_of_ends(text, at + id.size());
  }
  return named += text.substr(done);
}

}  // namespace

jobs::Handler with_known_names(jobs::Queue& queue, jobs::Handler handler) {
  return [&queue,
          handler = std::move(handler)](jobs::TaskContext& context) -> Result<jobs::TaskResult> {
    auto result = handler(context);
    if (result) return result;
    const auto job = job_of(queue, context);
    if (!job) return result;
    Error error = std::move(result).error();
    error.message = with_name(error.message, job->id, known_name(*job));
    return std::unexpected(std::move(error));
  };
}

}  // namespace katip::app
