#include "jobs/lane_windows.h"

#include <algorithm>
#include <iterator>
#include <set>

/// Tested by queue_test.cc on both databases.
namespace katip::jobs {

using store::Lane;
using store::LaneQuery;

Result<std::vector<Lane>> LaneWindows::look(store::TaskStore& tasks, const LaneQuery& query) {
  std::vector<Lane> all = KATIP_TRY(tasks.lanes(query));
  if (std::ssize(all) < query.count_max) return all;
  std::vector<Lane> seen;
  for (auto begin = all.begin(); begin != all.end();) {
    const auto end = std::find_if(begin, all.end(), [&](const Lane& lane) {
      return lane.queue != begin->queue || lane.priority != begin->priority;
    });
    std::vector<Lane> lanes(std::make_move_iterator(begin), std::make_move_iterator(end));
    if (std::ssize(lanes) >= query.count_max) {
      lanes = KATIP_TRY(turn(tasks, query, std::move(lanes)));
    }
    std::ranges::move(lanes, std::back_inserter(seen));
    begin = end;
  }
  return seen;
}

/// `first` are those that come first by name: the circle closes with them.
Result<std::vector<Lane>> LaneWindows::turn(store::TaskStore& tasks, const LaneQuery& query,
                                            std::vector<Lane> first) {
  const Class key(query.worker_kind, first.front().queue, first.front().priority);
  std::vector<Lane> window;
  Lane behind = first.front();
  const bool has_begun = last_.with_lock([&](const auto& last) {
    const auto found = last.find(key);
    if (found != last.end()) behind.tenant = found->second;
    return found != last.end();
  });
  if (has_begun) window = KATIP_TRY(tasks.lanes_behind(query, behind));
  std::set<std::string> tenants;
  for (const Lane& lane : window) tenants.insert(lane.tenant);
  for (Lane& lane : first) {
    if (std::ssize(window) >= query.count_max) break;
    if (!tenants.contains(lane.tenant)) window.push_back(std::move(lane));
  }
  last_.with_lock([&](auto& last) { last[key] = window.back().tenant; });
  return window;
}

}  // namespace katip::jobs
