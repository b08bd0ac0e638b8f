#include "app/change_watch.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "store/activity.h"

/// Tested by change_watch_test.cc.
namespace katip::app {
namespace {

/// Ends are looked for since the look before and so much longer: the clocks of workers on other
/// machines may be behind.
constexpr std::chrono::minutes kEndedFor{10};

}  // namespace

std::uint64_t ChangeWatch::add(const Principal& principal, Listener listener) {
  return state_.with_lock([&](State& state) {
    state.listening[++state.last_id] = {
        .sees_jobs = principal.may(Permission::kReadJobs),
        .sees_all = principal.sees_all,
        .sees_queue = principal.may(Permission::kOperate),
        .owner = principal.owner,
        .listener = std::make_shared<const Listener>(std::move(listener)),
        .told_at = clock_.now()};
    return state.last_id;
  });
}

void ChangeWatch::remove(std::uint64_t id) {
  state_.with_lock([&](State& state) { state.listening.erase(id); });
}

bool ChangeWatch::has_moved(const Listening& listening, const Seen& before, const Seen& now) {
  if (!listening.sees_jobs) return false;
  // Those whose end is too long ago to be looked for drop out of `ended`, which is no news.
  const auto has_ended = [&](const auto& end) {
    const auto known = before.ended.find(end.first);
    return known == before.ended.end() || known->second != end.second;
  };
  if (listening.sees_all) {
    return before.jobs != now.jobs || std::ranges::any_of(now.ended, has_ended);
  }
  const auto end = now.ended.find(listening.owner);
  if (end != now.ended.end() && has_ended(*end)) return true;
  const auto of = [&](const Seen& seen) {
    const auto found = seen.jobs.find(listening.owner);
    return found == seen.jobs.end() ? std::string() : found->second;
  };
  return of(before) != of(now);
}

void ChangeWatch::tell(const Seen& before, const Seen& now) {
  const auto time = clock_.now();
  std::vector<std::pair<std::shared_ptr<const Listener>, Changes>> calls;
  state_.with_lock([&](State& state) {
    for (auto& [id, listening] : state.listening) {
      const Changes changes{
          .jobs = has_moved(listening, before, now),
          .queue = listening.sees_queue && before.queue && before.queue != now.queue};
      const bool is_news = changes.jobs || changes.queue;
      if (!is_news && time - listening.told_at < options_.repeat_interval) continue;
      listening.told_at = time;
      calls.emplace_back(listening.listener, changes);
    }
  });
  // Without the lock: a listener may add and remove.
  for (const auto& [listener, changes] : calls) (*listener)(changes);
}

Status ChangeWatch::look(std::stop_token stop) {
  const auto [is_empty, wants_queue] = state_.with_lock([](const State& state) {
    bool wants = false;
    for (const auto& [id, listening] : state.listening) wants = wants || listening.sees_queue;
    return std::pair(state.listening.empty(), wants);
  });
  if (is_empty) {
    has_seen_ = false;
    return {};
  }
  const Timestamp time = store::to_timestamp(clock_.calendar());
  if (!has_seen_) looked_at_ = time;
  Seen now;
  {  // Given back before anybody is told: listeners may want one of their own.
    const store::PooledConnection sql = KATIP_TRY(pool_.acquire(std::move(stop)));
    now.jobs = KATIP_TRY(store::job_activity(*sql));
    now.ended = KATIP_TRY(store::ended_job_activity(*sql, looked_at_ - kEndedFor));
    if (wants_queue) now.queue = KATIP_TRY(store::queue_activity(*sql));
  }
  looked_at_ = time;
  const Seen before = std::exchange(seen_, now);
  tell(std::exchange(has_seen_, true) ? before : now, now);
  return {};
}

void ChangeWatch::run(std::stop_token stop) {
  std::chrono::milliseconds pause = options_.interval;
  while (clock_.sleep_for(pause, stop)) {
    const auto begin = clock_.now();
    // Who listens is told by the next look that succeeds; a database that is away says so
    // elsewhere.
    static_cast<void>(look(stop));
    pause = pause_after(clock_.now() - begin);
  }
}

std::chrono::milliseconds ChangeWatch::pause_after(std::chrono::steady_clock::duration look) const {
  constexpr int kShare = 20;
  // One slow look, at a database that was just opened for example, must not silence the next ones
  // for minutes: signs of life come by looking too.
  return std::clamp(std::chrono::duration_cast<std::chrono::milliseconds>(kShare * look),
                    options_.interval, options_.repeat_interval);
}

}  // namespace katip::app
