#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "store/job_watch.h"
#include "store/pool.h"
#include "text/transcript.h"

/// Tells those who wait for jobs what becomes of them: live text, progress, the end.
///
///   JobWatch watch(pool, clock, {});
///   std::jthread thread([&](std::stop_token stop) { watch.run(stop); });
///   const auto id = watch.add(job.id, Parts::kSegments, [](const JobNews& news) { … });
///
/// It asks the database every few hundredths of a second for all of them at once, so it makes no
/// difference on which machine a worker runs, whether it was killed meanwhile, or how many listen.
namespace katip::app {

using JobStatus = store::JobStatus;

struct JobNews {
  JobStatus status = JobStatus::kQueued;
  double progress = 0;  ///< 0 to 1.
  /// Of windows that were finished since the last news; only where they were asked for. When the
  /// job has ended they are all in its transcript, these here perhaps not.
  std::vector<text::Segment> segments = {};
  std::string error_code = {};     ///< Of a failed job.
  std::string error_message = {};  ///< For people.
  bool is_gone = false;            ///< The job was deleted.
  bool is_repeated = false;        ///< Nothing is new; told now and then, so that lines stay open.

  [[nodiscard]] bool is_final() const {
    return is_gone || (status != JobStatus::kQueued && status != JobStatus::kProcessing);
  }
};

enum class Parts { kNone, kSegments };

struct JobWatchOptions {
  std::chrono::milliseconds interval{20};
  /// A listener threw.
  std::function<void(const char* what)> on_exception = [](const char*) {};
  std::chrono::milliseconds repeat_interval{15'000};  ///< Of a job of which nothing is new.
};

/// Threads:  thread-safe. Listeners are called by run(), one after the other: they must be quick.
/// Lifetime: pool and clock outlive it.
class JobWatch {
 public:
  /// After final news the listener is forgotten.
  using Listener = std::function<void(const JobNews&)>;

  JobWatch(store::Pool& pool, const Clock& clock, JobWatchOptions options)
      : pool_(pool), clock_(clock), options_(options) {}

  /// `job_row_id`: the id of the row. The first news comes with the next look.
  std::uint64_t add(std::string job_row_id, Parts parts, Listener listener);
  /// The listener may be called once more while this returns.
  void remove(std::uint64_t id);
  [[nodiscard]] std::size_t size() const;

  /// Until it is stopped. A database that is away is waited for.
  void run(std::stop_token stop);

 private:
  struct Watched {
    std::string job_row_id;
    Parts parts = Parts::kNone;
    std::shared_ptr<const Listener> listener;
    int next_position = 0;
    JobNews last;
    std::optional<std::chrono::steady_clock::time_point> told_at = {};
  };
  struct FinishedPart {
    std::string job_row_id;
    int position = 0;
    std::vector<text::Segment> segments = {};
  };
  using Watchers = std::map<std::uint64_t, Watched>;

  Status look(std::stop_token stop);
  Result<std::vector<store::WatchedCheckpoint>> read_parts(store::Connection& sql);
  static std::vector<FinishedPart> parse(std::span<const store::WatchedCheckpoint> checkpoints);
  void tell(const std::map<std::string, JobNews>& news, const std::vector<FinishedPart>& parts,
            const std::vector<std::string>& asked);
  static void take_parts(const std::vector<FinishedPart>& parts, Watched& watched, JobNews& now);

  store::Pool& pool_;
  const Clock& clock_;
  const JobWatchOptions options_;
  Guarded<Watchers> watchers_;
  Guarded<std::uint64_t> last_id_;
};

}  // namespace katip::app
