#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <sys/types.h>

#include "jobs/queue.h"

/// The workers of bench/queue, on threads of this process or as processes of their own.
namespace katip::bench {

/// What the workers tell, in memory that this process and theirs share.
struct Board {
  static constexpr int kLatencyCountMax = 1'000;
  std::atomic<std::int64_t> completed_count;
  /// When the task "bench.timed" was committed, by the steady clock; 0 while none waits.
  std::atomic<std::int64_t> committed_ns;
  std::atomic<int> latency_count;
  std::array<double, kLatencyCountMax> latencies_ms;
};

/// Ends the program with a message.
[[noreturn]] void give_up(const std::string& message);
template <typename T>
T must(Result<T> result) {
  if (!result) give_up(result.error().message);
  return std::move(result).value();
}
void must(const Status& status);

/// Threads: one thread.
class Crew {
 public:
  struct Options {
    std::string url;
    int slot_count = 1;     ///< Of all together.
    int process_count = 0;  ///< 0: threads of this process, 16 slots a worker.
  };

  /// `queue` is that of this process; the others have their own.
  Crew(jobs::Queue& queue, const Options& options);
  ~Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  [[nodiscard]] Board& board() { return *board_; }

 private:
  void start_process(const Options& options, int slot_count);

  int board_file_;
  Board* board_;
  std::vector<pid_t> processes_;
  std::vector<std::jthread> threads_;  // Last: they use the others.
};

/// The other role of this program. Gives its exit code; nothing when the arguments are not for it.
std::optional<int> run_as_worker(const std::vector<std::string>& arguments);

}  // namespace katip::bench
