#include "app/job_watch.h"

#include <algorithm>
#include <set>

#include "app/transcribe.h"
#include "app/transcription/window_checkpoints.h"

/// Finished windows are rows of the task that runs. They are read before the status is: a job that
/// is then found completed has its whole text in the transcript, so nothing can be missed between.
///
/// Tested by job_watch_test.cc.
namespace katip::app {
namespace {

/// With many jobs a look takes longer; it may take this part of the time.
constexpr int kIdleShare = 4;

bool is_same(const JobNews& a, const JobNews& b) {
  return a.status == b.status && a.progress == b.progress && a.is_gone == b.is_gone;
}

}  // namespace

std::uint64_t JobWatch::add(std::string job_row_id, Parts parts, Listener listener) {
  const std::uint64_t id = last_id_.with_lock([](std::uint64_t& last) { return ++last; });
  watchers_.with_lock([&](Watchers& watchers) {
    watchers[id] = {.job_row_id = std::move(job_row_id),
                    .parts = parts,
                    .listener = std::make_shared<const Listener>(std::move(listener)),
                    .last = {}};
  });
  return id;
}

void JobWatch::remove(std::uint64_t id) {
  watchers_.with_lock([&](Watchers& watchers) { watchers.erase(id); });
}

std::size_t JobWatch::size() const {
  return watchers_.with_lock([](const Watchers& watchers) { return watchers.size(); });
}

void JobWatch::run(std::stop_token stop) {
  auto pause = options_.interval;
  while (clock_.sleep_for(pause, stop)) {
    if (size() == 0) continue;
    const auto begin = clock_.now();
    // Who listens is told by the next look that succeeds; a database that is away says so
    // elsewhere.
    static_cast<void>(look(stop));
    const auto spent = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now() - begin);
    pause = std::max(options_.interval, kIdleShare * spent);
  }
}

Status JobWatch::look(std::stop_token stop) {
  std::set<std::string> wanted;
  watchers_.with_lock([&](const Watchers& watchers) {
    for (const auto& [id, watched] : watchers) wanted.insert(watched.job_row_id);
  });
  const std::vector<std::string> asked(wanted.begin(), wanted.end());
  std::vector<store::WatchedCheckpoint> parts;
  std::vector<store::WatchedJob> rows;
  {  // Given back before anybody is told: listeners may want one of their own.
    const store::PooledConnection sql = KATIP_TRY(pool_.acquire(stop));
    parts = KATIP_TRY(read_parts(*sql));
    rows = KATIP_TRY(store::watch_jobs(*sql, asked));
  }
  std::map<std::string, JobNews> news;
  for (const store::WatchedJob& row : rows) {
    news[row.id] = {.status = row.status,
                    .progress = row.progress,
                    .error_code = row.error_code,
                    .error_message = row.error_message};
  }
  tell(news, parse(parts), asked);
  return {};
}

Result<std::vector<store::WatchedCheckpoint>> JobWatch::read_parts(store::Connection& sql) {
  std::map<std::string, int> first;  // Of several who watch one job, the one who knows least.
  watchers_.with_lock([&](const Watchers& watchers) {
    for (const auto& [id, watched] : watchers) {
      if (watched.parts != Parts::kSegments) continue;
      const auto [entry, is_new] = first.emplace(watched.job_row_id, watched.next_position);
      if (!is_new) entry->second = std::min(entry->second, watched.next_position);
    }
  });
  if (first.empty()) return std::vector<store::WatchedCheckpoint>();
  std::vector<store::WatchedPosition> from;
  for (const auto& [id, position] : first) from.push_back({.id = id, .position = position});
  return store::watch_checkpoints(sql, from);
}

void JobWatch::tell(const std::map<std::string, JobNews>& news,
                    const std::vector<FinishedPart>& parts, const std::vector<std::string>& asked) {
  const auto time = clock_.now();
  std::vector<std::pair<std::shared_ptr<const Listener>, JobNews>> calls;
  watchers_.with_lock([&](Watchers& watchers) {
    for (auto entry = watchers.begin(); entry != watchers.end();) {
      Watched& watched = entry->second;
      const bool was_asked = std::ranges::binary_search(asked, watched.job_row_id);
      const auto found = news.find(watched.job_row_id);
      JobNews now = found == news.end() ? JobNews{.is_gone = true} : found->second;
      if (was_asked) take_parts(parts, watched, now);
      const bool is_news = !watched.told_at || !is_same(watched.last, now) || !now.segments.empty();
      now.is_repeated = !is_news;
      if (was_asked && (is_news || time - *watched.told_at >= options_.repeat_interval)) {
        calls.emplace_back(watched.listener, now);
        watched.last = now;
        watched.told_at = time;
      }
      entry = was_asked && now.is_final() ? watchers.erase(entry) : std::next(entry);
    }
  });
  // Without the lock: a listener may add and remove.
  for (const auto& [listener, now] : calls) {
    try {
      (*listener)(now);
    } catch (const std::exception& exception) {
      options_.on_exception(exception.what());
    }
  }
}

void JobWatch::take_parts(const std::vector<FinishedPart>& parts, Watched& watched, JobNews& now) {
  if (watched.parts != Parts::kSegments) return;
  for (const FinishedPart& part : parts) {
    if (part.job_row_id != watched.job_row_id || part.position < watched.next_position) continue;
    now.segments.insert(now.segments.end(), part.segments.begin(), part.segments.end());
    watched.next_position = part.position + 1;
  }
}

std::vector<JobWatch::FinishedPart> JobWatch::parse(
    std::span<const store::WatchedCheckpoint> checkpoints) {
  std::vector<FinishedPart> parts;
  for (const store::WatchedCheckpoint& checkpoint : checkpoints) {
    FinishedPart part{.job_row_id = checkpoint.job_id, .position = checkpoint.position};
    const auto window = parse_window_checkpoint(checkpoint.data);
    if (!window) continue;  // It will be there again in the transcript.
    for (const engine::Segment& segment : window->window.segments) {
      part.segments.push_back(to_text(segment));
    }
    parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace katip::app
