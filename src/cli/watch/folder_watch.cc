#include "cli/watch/folder_watch.h"

#include <algorithm>
#include <array>
#include <system_error>

#include <fmt/format.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/role.h"
#include "app/submit.h"
#include "base/atomic_file.h"
#include "cli/transcribe/inputs.h"

// The system says when something happens in the folder itself, and once in ten seconds everything
// below it is looked at: that finds what came into folders below, over networks, or while nobody
// watched. What is known of a file is its name, size and time; what has not changed for a while is
// whole.
// Tested by tests/e2e/test_watch.py.
namespace katip::cli {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto kRescanEvery = 10'000ms;
constexpr auto kLookEvery = 500ms;  // While something grows or is worked on.

/// Says that something has happened in a folder.
class FolderBell {
 public:
  explicit FolderBell(const fs::path& folder)
      : descriptor_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    // Without it the folder is still looked at, only later.
    if (descriptor_ >= 0) {
      static_cast<void>(::inotify_add_watch(descriptor_, folder.c_str(),
                                            IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE));
    }
  }
  ~FolderBell() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  FolderBell(const FolderBell&) = delete;
  FolderBell& operator=(const FolderBell&) = delete;

  void wait(std::chrono::milliseconds time_max, const Clock& clock, const std::stop_token& stop) {
    if (descriptor_ < 0) {
      clock.sleep_for(time_max, stop);
      return;
    }
    const auto end = clock.now() + time_max;
    while (!stop.stop_requested() && clock.now() < end) {
      pollfd ready{.fd = descriptor_, .events = POLLIN, .revents = 0};
      if (::poll(&ready, 1, 200) <= 0) continue;  // It looks at the stop in between.
      std::array<char, 16 << 10> events{};
      while (::read(descriptor_, events.data(), events.size()) > 0) {
      }
      return;
    }
  }

 private:
  const int descriptor_;
};

std::optional<WatchedFile> look_at(const fs::path& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  return WatchedFile{
      .size = info.st_size,
      .changed_ns = std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec};
}

bool may_pass(ErrorCode code) {
  return code == ErrorCode::kUnavailable || code == ErrorCode::kTimeout ||
         code == ErrorCode::kOverloaded || code == ErrorCode::kCancelled;
}

bool is_hidden(const fs::path& name) { return name.filename().string().starts_with('.'); }

app::Principal watcher() {
  app::Principal principal = app::command_principal();
  principal.sees_all = true;
  return principal;
}

}  // namespace

FolderWatch::FolderWatch(jobs::Queue& queue, app::MediaShelf shelf, const Clock& clock,
                         Terminal& terminal, CommandAudit& audit, WatchMemory& memory,
                         FolderWatchOptions options)
    : queue_(queue),
      shelf_(std::move(shelf)),
      jobs_(queue, shelf_),
      clock_(clock),
      terminal_(terminal),
      audit_(audit),
      memory_(memory),
      options_(std::move(options)) {}

Status FolderWatch::run(std::stop_token stop) {
  FolderBell bell(options_.folder);
  while (!stop.stop_requested()) {
    Status round = scan(stop);
    if (round) round = collect(stop);
    if (!round && !may_pass(round.error().code)) return round;
    if (!round && !stop.stop_requested()) {
      terminal_.say(Level::kWarning, "will be tried again: " + round.error().message);
      clock_.sleep_for(kRescanEvery, stop);
      continue;
    }
    if (options_.is_once && growing_.empty() && is_done()) return {};
    bell.wait(growing_.empty() && is_done() ? kRescanEvery : kLookEvery, clock_, stop);
  }
  return {};
}

bool FolderWatch::is_done() const {
  return std::ranges::all_of(memory_.files(),
                             [](const auto& each) { return each.second.has_ended; });
}

Status FolderWatch::scan(const std::stop_token& stop) {
  std::error_code error;
  fs::recursive_directory_iterator walk(options_.folder,
                                        fs::directory_options::skip_permission_denied, error);
  if (error) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("cannot read {}: {}", options_.folder.string(), error.message()));
  }
  std::map<std::string, Sighting> growing;
  for (; walk != fs::recursive_directory_iterator(); walk.increment(error)) {
    if (error || stop.stop_requested()) break;
    std::error_code ignored;
    const fs::path path = walk->path();
    const bool is_ours = (options_.output && fs::equivalent(path, *options_.output, ignored)) ||
                         (options_.move_to && fs::equivalent(path, *options_.move_to, ignored));
    if (walk->is_directory(ignored) && (is_ours || is_hidden(path))) {
      walk.disable_recursion_pending();
      continue;
    }
    if (is_hidden(path) || !has_media_extension(path)) continue;
    const auto file = look_at(path);
    if (!file) continue;
    const std::string name = path.lexically_relative(options_.folder).string();
    const auto known = memory_.files().find(name);
    if (known != memory_.files().end() && known->second.is_same(*file)) continue;
    const auto before = growing_.find(name);
    const bool is_still = before != growing_.end() && before->second.file.is_same(*file);
    const Sighting sighting{.file = *file, .since = is_still ? before->second.since : clock_.now()};
    if (is_still && file->size > 0 && clock_.now() - sighting.since >= options_.settle) {
      KATIP_TRY(submit(name, *file, stop));
    } else if (file->size > 0 || !options_.is_once) {
      growing[name] = sighting;
    }
  }
  growing_ = std::move(growing);
  return {};
}

Status FolderWatch::submit(const std::string& name, const WatchedFile& file,
                           const std::stop_token& stop) {
  app::Submission submission{.file = options_.folder / name,
                             .name = fs::path(name).filename().string(),
                             .args = options_.args,
                             .keep_for = options_.keep_for};
  const auto submitted = app::submit_recording(queue_, shelf_, submission, stop);
  if (!submitted && submitted.error().code == ErrorCode::kNotFound) return {};  // Gone again.
  if (!submitted) return std::unexpected(submitted.error());
  WatchedFile& known = memory_.files()[name];
  known = file;
  known.job_id = submitted->job_id;
  const Status saved = memory_.save();
  audit_.record({.action = "job.create",
                 .target_kind = "job",
                 .target_id = submitted->job_id,
                 .details = R"({"from":"folder"})"});
  terminal_.say(Level::kInfo, fmt::format("{}: waits to be transcribed", name));
  return saved;
}

Status FolderWatch::collect(const std::stop_token& stop) {
  for (auto& [name, file] : memory_.files()) {
    if (file.has_ended) continue;
    const auto job = jobs_.get(watcher(), file.job_id, stop);
    if (!job && job.error().code != ErrorCode::kNotFound) return std::unexpected(job.error());
    if (!job) {
      terminal_.say(Level::kWarning, fmt::format("{}: somebody deleted its job", name));
    } else if (job->status == app::JobStatus::kCompleted) {
      KATIP_TRY(write_outputs(name, *job, stop));
    } else if (job->status == app::JobStatus::kFailed ||
               job->status == app::JobStatus::kCancelled) {
      terminal_.say(Level::kError,
                    fmt::format("{}: {}", name, job->error_message.value_or("was cancelled")));
    } else {
      continue;
    }
    file.has_ended = true;
    KATIP_TRY(memory_.save());
    if (job && job->status == app::JobStatus::kCompleted) KATIP_TRY(move_away(name));
  }
  return {};
}

Status FolderWatch::write_outputs(const std::string& name, const app::Job& job,
                                  const std::stop_token& stop) {
  const fs::path base = options_.output.value_or(options_.folder) / name;
  std::error_code error;
  fs::create_directories(base.parent_path(), error);
  for (const text::Format format : options_.formats) {
    const app::TranscriptFile file =
        KATIP_TRY(jobs_.transcript(watcher(), job.job_id, format, options_.write, stop));
    // The whole name: monday.mp3 and monday.mp4 may lie in one folder.
    KATIP_TRY(write_file_atomically(base.string() + "." + file.extension, file.bytes));
  }
  terminal_.say(Level::kInfo, fmt::format("{}: done", name));
  return {};
}

Status FolderWatch::move_away(const std::string& name) {
  if (!options_.move_to) return {};
  const fs::path target = *options_.move_to / name;
  std::error_code error;
  fs::create_directories(target.parent_path(), error);
  if (!error) fs::rename(options_.folder / name, target, error);
  if (error) {
    terminal_.say(Level::kWarning, fmt::format("{}: cannot be moved to {}: {}", name,
                                               options_.move_to->string(), error.message()));
  }
  return {};
}

}  // namespace katip::cli
