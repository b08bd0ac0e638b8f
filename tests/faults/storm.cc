#include <algorithm>
#include <map>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "faults/scenario.h"

/// All tasks need a provider that is away, fail at once, twice, and then succeed. What comes back
/// has to be spread: a provider that has just come up must not meet all of them in one second.
///
/// Counted is when the last attempts were due, and not when they ran: that would be spread by the
/// workers, who cannot run all of them in one second.
namespace katip::drill {
namespace {

using namespace std::chrono_literals;
using store::Timestamp;

constexpr int kFailureCount = 2;

struct Storm {
  Timestamp began_at;                ///< The first failure.
  std::vector<Timestamp> failed_at;  ///< The first failure of each.
  std::vector<Timestamp> due_at;     ///< The last attempt of each.
  std::int64_t wrong_attempt_count =
      0;  ///< Tasks with more or fewer attempts than there should be.
};

Storm read_storm(Drill& drill) {
  Storm storm;
  const auto connection = insist(drill.queue().pool().acquire({}));
  for (const std::string& id : drill.ended_of("kind", "drill.outage")) {
    const auto task = insist(store::TaskStore(*connection).find(id)).value();
    const auto errors = boost::json::parse(task.errors).as_array();
    const bool is_right = std::ssize(errors) == kFailureCount && task.attempt == kFailureCount + 1;
    storm.wrong_attempt_count += is_right ? 0 : 1;
    if (!is_right) continue;
    storm.failed_at.push_back(
        insist(store::parse_timestamp(std::string(errors.at(0).at("at").as_string()))));
    storm.due_at.push_back(task.run_at);
  }
  if (!storm.failed_at.empty()) storm.began_at = std::ranges::min(storm.failed_at);
  return storm;
}

/// How many there were in each `width` since the beginning.
std::vector<int> histogram(const std::vector<Timestamp>& times, Timestamp begin,
                           std::chrono::milliseconds width) {
  std::vector<int> counts;
  for (const Timestamp time : times) {
    const auto index = static_cast<std::size_t>((time - begin) / width);
    if (counts.size() <= index) counts.resize(index + 1);
    ++counts[index];
  }
  return counts;
}

void print_histogram(const char* what, const std::vector<int>& counts) {
  fmt::print("{}: {}\n", what, fmt::join(counts, " "));
}

/// A critical task each 50 ms until the storm is over. Returns their ids.
std::vector<std::string> ask_meanwhile(Drill& drill) {
  std::vector<std::string> ids;
  const auto deadline = system_clock().now() + 600s;
  while (drill.count("select count(*) from tasks where kind = 'drill.outage'") > 0 &&
         system_clock().now() < deadline) {
    const jobs::TaskRequest request{.kind = "drill.effect", .queue = "critical"};
    ids.push_back(insist(drill.queue().enqueue(request, {})).id);
    system_clock().sleep_for(50ms, {});
  }
  return ids;
}

}  // namespace

bool run_storm(Wanted wanted) {
  constexpr double kPeakMax = 2;
  constexpr double kWaitMsMax = 2'000;
  // Machines that run small rounds are busy with other tests.
  const double share = wanted.task_count >= 5'000 ? 0.99 : 0.5;
  // So long that all have failed in a fraction of it: only chance can spread them then.
  wanted.drill.backoff_first_ms = std::max(2'000, wanted.task_count);
  wanted.drill.backoff_max_ms = 4 * wanted.drill.backoff_first_ms;
  wanted.drill.critical_slot_count = 2;
  wanted.drill.lease_ms = 15'000;
  const std::chrono::milliseconds width(wanted.drill.backoff_first_ms / 10);
  Drill drill(wanted.drill);
  drill.put("drill.outage", wanted.task_count, fmt::format(R"({{"failures":{}}})", kFailureCount));
  drill.start_server();
  const std::vector<std::string> ids = ask_meanwhile(drill);
  const bool is_done = drill.wait_until_empty(60s);
  const Storm storm = read_storm(drill);
  const std::vector<int> due = histogram(storm.due_at, storm.began_at, width);
  fmt::print("each number is {} ms\n", width.count());
  print_histogram("first failures", histogram(storm.failed_at, storm.began_at, width));
  print_histogram("last attempts due", due);
  // Pauses are chosen evenly, so whatever the tasks and the workers did before, no more of them can
  // be expected in a while than its share of the longest pause.
  const double even = static_cast<double>(storm.due_at.size()) *
                      static_cast<double>(width.count()) / (2.0 * wanted.drill.backoff_first_ms);
  const double mean = static_cast<double>(storm.due_at.size()) /
                      static_cast<double>(std::max<std::size_t>(1, due.size()));
  const double peak = due.empty() ? 0 : std::ranges::max(due);
  const Waits waits = waits_of(drill, ids);
  fmt::print(
      "storm on {}: {} tasks failed {} times each; at most {:.0f} last attempts were due in {} ms, "
      "{:.2f} times an even spread over their pause (limit {:.0f}), {:.2f} times the mean of the "
      "whole storm; {} critical tasks meanwhile waited {:.0f} ms (median), {:.0f} ms (99th "
      "percentile), {:.0f} ms (worst; limit of {:.0f} % of them: {:.0f})\n",
      wanted.drill.database, storm.due_at.size(), kFailureCount, peak, width.count(), peak / even,
      kPeakMax, peak / mean, waits.count(), waits.at(0.5), waits.at(0.99), waits.worst(),
      share * 100, kWaitMsMax);
  const Tally tally = drill.tally();
  const bool is_good = report(wanted, tally, wanted.task_count + std::ssize(ids));
  return is_good && is_done && storm.wrong_attempt_count == 0 &&
         std::ssize(storm.due_at) == wanted.task_count && peak <= kPeakMax * even &&
         waits.count() == ids.size() && waits.at(share) <= kWaitMsMax;
}

}  // namespace katip::drill
