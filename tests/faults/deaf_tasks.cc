#include <map>
#include <set>

#include <fmt/format.h>
#include <signal.h>

#include "faults/scenario.h"

/// Tasks that ignore their stop: the only way to have their slots back is the end of their process.
namespace katip::drill {
namespace {

using namespace std::chrono_literals;

/// One deaf task and who had it first.
struct Deaf {
  bool is_cancelled = false;  ///< By an operator; else its time limit stops it.
  std::string first_worker = {};
  pid_t first_pid = 0;
};

/// Deaf at the first attempt only, so that the second one shows that somebody else has taken it.
std::map<std::string, Deaf> put_deaf(Drill& drill, int count) {
  std::map<std::string, Deaf> all;
  for (int i = 0; i < count; ++i) {
    const bool is_cancelled = i % 2 == 1;
    jobs::TaskRequest request{.kind = "drill.deaf"};
    if (!is_cancelled) request.timeout_s = 1;
    all[insist(drill.queue().enqueue(request, {})).id] = {.is_cancelled = is_cancelled};
  }
  return all;
}

/// Notes who has each of them, and cancels those that are to be, until none is left.
bool follow(Drill& drill, std::map<std::string, Deaf>& all) {
  const auto deadline = system_clock().now() + 120s;
  while (drill.count("select count(*) from tasks") > 0) {
    if (system_clock().now() > deadline) return false;
    for (auto& [id, deaf] : all) {
      if (!deaf.first_worker.empty()) continue;
      const auto connection = insist(drill.queue().pool().acquire({}));
      const auto found = insist(store::TaskStore(*connection).find(id));
      if (!found || found->state != "running") continue;
      deaf.first_worker = found->worker_id.value_or("");
      deaf.first_pid = static_cast<pid_t>(
          drill.count("select pid from workers where id = $1", {deaf.first_worker}));
      if (deaf.is_cancelled) insist(drill.queue().cancel(id, {}));
    }
    system_clock().sleep_for(20ms, {});
  }
  return true;
}

/// Says what is wrong with one of them; nothing when all is as it should be.
std::string fault_of(Drill& drill, const std::string& id, const Deaf& deaf) {
  const auto connection = insist(drill.queue().pool().acquire({}));
  const auto found = insist(store::TaskStore(*connection).find(id));
  if (!found) return "it is gone";
  if (deaf.first_worker.empty()) return "nobody saw it run";
  // One whose worker ended before its own stop was old enough was handed back, without an error;
  // a cancel then needs no further attempt.
  const bool may_be_silent = deaf.is_cancelled && found->errors == "[]";
  if (!may_be_silent && found->errors.find("ignored its stop") == std::string::npos)
    return "its errors do not say it: " + found->errors;
  if (found->crash_count != 0) return "it counts as a crash";
  if (kill(deaf.first_pid, 0) == 0) return "its process lives";
  if (deaf.is_cancelled) return found->state == "cancelled" ? "" : "it is " + found->state;
  if (found->state != "completed") return "it is " + found->state;
  if (found->attempt != 2) return fmt::format("it had {} attempts", found->attempt);
  return found->worker_id == deaf.first_worker ? "the same worker has done it" : "";
}

}  // namespace

bool run_deaf(Wanted wanted) {
  wanted.drill.hard_stop_ms = 300;
  wanted.drill.grace_ms = 1'000;
  wanted.drill.lease_ms = 15'000;  // A worker that loses it ends without a word of its tasks.
  Drill drill(wanted.drill);
  drill.put("drill.effect", wanted.task_count / 2, R"({"ms":8})");
  std::map<std::string, Deaf> all = put_deaf(drill, wanted.round_count);
  drill.put("drill.effect", wanted.task_count / 2, R"({"ms":8})");
  drill.start_server();
  const bool is_done = follow(drill, all);
  const Tally tally = drill.tally();
  drill.stop_servers();
  bool is_good = is_done;
  std::set<pid_t> ended;
  std::int64_t cancelled = 0;
  for (const auto& [id, deaf] : all) {
    ended.insert(deaf.first_pid);
    cancelled += deaf.is_cancelled ? 1 : 0;
    const std::string fault = fault_of(drill, id, deaf);
    if (!fault.empty()) fmt::print("deaf task {}: {}\n", id, fault);
    is_good = is_good && fault.empty();
  }
  fmt::print("{} deaf tasks, {} of them cancelled, have ended {} worker processes\n", all.size(),
             cancelled, ended.size());
  const std::int64_t others = wanted.task_count / 2 * 2;
  return report(wanted, tally, others + std::ssize(all) - cancelled) && is_good &&
         tally.quarantined == 0 && tally.discarded == 0;
}

}  // namespace katip::drill
