#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/result.h"
#include "jobs/queue.h"

/// Starts worker processes, starts them anew when they end, and brings home what they had in hand.
///
///   Supervisor supervisor(queue, {{.worker_kind = "general", .arguments = {program, "worker",
///   …}}},
///                         {}, observer);
///   KATIP_TRY(supervisor.run(stop));
///
/// A process that dies is noticed within a tenth of a second, not after its lease: its tasks are
/// back in the queue at once, and its board tells which of them may have been the cause.
namespace katip::jobs {

/// One kind of worker process.
struct Crew {
  std::string worker_kind = "general";
  /// The program and what follows it. `--worker-id ID --board N --parent PID` is added: the id that
  /// the worker registers with, the descriptor of its TaskBoard, and whom it follows. It leaves
  /// with 0 when it has done its work, with 75 when it could not go on; everything else is a crash.
  std::vector<std::string> arguments;
  int process_count = 1;
};

struct SupervisorOptions {
  std::chrono::milliseconds restart_first{200};  ///< Doubles with each process that dies early …
  std::chrono::milliseconds restart_max{30'000};
  std::chrono::milliseconds healthy_after{10'000};  ///< … and begins anew when one lived so long.
  /// After a stop; then they are killed. More than a worker's own grace.
  std::chrono::milliseconds stop_max{40'000};
};

struct SupervisorObserver {
  std::function<void(const Crew&, pid_t, const std::string& worker_id)> on_start =
      [](const Crew&, pid_t, const std::string&) {};
  /// `how`: "exit 0", "signal 9 (Killed)".
  std::function<void(const Crew&, pid_t, const std::string& how, const RescueCounts&)> on_end =
      [](const Crew&, pid_t, const std::string&, const RescueCounts&) {};
  std::function<void(const char* what, const Error&)> on_problem = [](const char*, const Error&) {};
};

/// Threads:  run() is called once, and waits only for children of its own.
/// Lifetime: the queue outlives it.
class Supervisor {
 public:
  Supervisor(Queue& queue, std::vector<Crew> crews, SupervisorOptions options,
             SupervisorObserver observer);
  ~Supervisor();

  /// Keeps the processes running until it is stopped; then they stop softly, and are killed if they
  /// do not. Errors: those of starting the first processes.
  Status run(std::stop_token stop);

 private:
  struct Child;

  Status start(Child& child);
  void look_after(Child& child);
  void bury(Child& child, int status);
  void report_deaths();
  void stop_all();
  [[nodiscard]] bool has_children() const;

  Queue& queue_;
  const std::vector<Crew> crews_;
  const SupervisorOptions options_;
  const SupervisorObserver observer_;
  std::vector<std::unique_ptr<Child>> children_;
  std::vector<Death> deaths_;  // That the database has not been told of yet.
};

/// For a worker process: asks the system to stop it softly (SIGTERM) when its parent, the process
/// with this id, is no longer there.
///
/// Errors: kUnavailable when the parent has gone already.
Status follow_parent(pid_t parent);

}  // namespace katip::jobs
