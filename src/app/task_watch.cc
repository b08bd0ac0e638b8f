#include "app/task_watch.h"

#include "store/task_store.h"

/// Tested by operations_test.cc.
namespace katip::app {
namespace {

constexpr std::chrono::milliseconds kInterval(50);

}  // namespace

void TaskWatch::add(std::string task_id, std::chrono::milliseconds wait_max,
                    std::function<void()> callback) {
  Waiting waiting{.task_id = std::move(task_id),
                  .until = clock_.now() + wait_max,
                  .callback = std::move(callback)};
  const bool is_stopped = state_.with_lock([&](State& state) {
    if (!state.is_stopped) state.waiting.emplace(++state.last_id, waiting);
    return state.is_stopped;
  });
  if (is_stopped) waiting.callback();
}

std::set<std::string> TaskWatch::wanted() const {
  return state_.with_lock([](const State& state) {
    std::set<std::string> ids;
    for (const auto& [id, waiting] : state.waiting) ids.insert(waiting.task_id);
    return ids;
  });
}

std::set<std::string> TaskWatch::ended(const std::set<std::string>& ids,
                                       std::stop_token stop) const {
  const auto connection = pool_.acquire(std::move(stop));
  if (!connection) return {};
  const auto found = store::TaskStore(**connection).ended({ids.begin(), ids.end()});
  return found ? std::set<std::string>(found->begin(), found->end()) : std::set<std::string>();
}

std::vector<std::function<void()>> TaskWatch::take(const std::set<std::string>& ended) {
  std::vector<std::function<void()>> callbacks;
  const auto now = clock_.now();
  state_.with_lock([&](State& state) {
    std::erase_if(state.waiting, [&](auto& entry) {
      const bool is_over = ended.contains(entry.second.task_id) || entry.second.until <= now;
      if (is_over) callbacks.push_back(std::move(entry.second.callback));
      return is_over;
    });
  });
  return callbacks;
}

void TaskWatch::run(std::stop_token stop) {
  do {
    const std::set<std::string> ids = wanted();
    if (ids.empty()) continue;
    for (const auto& callback : take(ended(ids, stop))) callback();
  } while (clock_.sleep_for(kInterval, stop));
  const auto rest = state_.with_lock([](State& state) {
    state.is_stopped = true;
    return std::move(state.waiting);
  });
  for (const auto& [id, waiting] : rest) waiting.callback();
}

}  // namespace katip::app
