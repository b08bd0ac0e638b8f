#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include "faults/scenario.h"

/// PostgreSQL has a small disk of its own, with its log on it as well, and somebody else fills that
/// disk to the last byte: it refuses what needs room, or it stops. Then there is room again.
namespace katip::drill {
namespace {

using namespace std::chrono_literals;

/// A file system in memory that only this process and its children see, so that nothing is left of
/// it when they are gone, however they end.
class SmallDisk {
 public:
  explicit SmallDisk(int size_mb) {
    std::filesystem::permissions(folder_.path(), std::filesystem::perms(0755));
    const std::string options = fmt::format("size={}m,mode=0755", size_mb);
    if (unshare(CLONE_NEWNS) != 0 ||
        mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("none", path().c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options.c_str()) != 0) {
      insist(fail(ErrorCode::kNotFound,
                  fmt::format("a small disk cannot be mounted here, which takes root: {}",
                              std::strerror(errno))));
    }
  }
  ~SmallDisk() { umount2(path().c_str(), MNT_DETACH); }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  [[nodiscard]] std::string path() const { return folder_.path().string(); }

  /// False when there was room left in the end.
  bool fill() {
    const int file = open(ballast().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const std::string block(1 << 16, 'x');
    std::size_t size = block.size();
    while (size > 0) {  // The last bytes one by one.
      if (write(file, block.data(), size) < 0) size = errno == ENOSPC ? size / 2 : 0;
    }
    const bool is_full = errno == ENOSPC;
    close(file);
    return is_full;
  }
  void make_room() { std::filesystem::remove(ballast()); }

 private:
  [[nodiscard]] std::filesystem::path ballast() const { return folder_.path() / "ballast"; }

  TemporaryFolder folder_;
};

bool speaks_of_space(const Error& error) {
  return error.message.find("No space left on device") != std::string::npos;
}

/// Clear are "no space" and, when the server stopped for it, that it is not there; and all of them
/// say that it is worth trying again.
bool are_clear(const std::vector<Error>& refusals) {
  return std::ranges::any_of(refusals, speaks_of_space) &&
         std::ranges::all_of(refusals, [](const Error& error) {
           return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kTimeout ||
                  error.code == ErrorCode::kOverloaded;
         });
}

/// False when whoever puts tasks in did not notice for long.
bool fill_until_refused(Drill& drill, SmallDisk& disk) {
  const std::size_t before = drill.refusals().size();
  const auto deadline = system_clock().now() + 30s;
  if (!disk.fill()) return false;
  while (system_clock().now() < deadline) {
    if (drill.refusals().size() > before) return true;
    system_clock().sleep_for(10ms, {});
  }
  return false;
}

/// Somebody else's connection, from before the disk is full: a new one may need room, too.
std::unique_ptr<store::Connection> connect_neighbour(Drill& drill) {
  const auto url = insist(store::DatabaseUrl::parse(drill.postgres()->url("postgres")));
  const auto deadline = system_clock().now() + 30s;
  while (true) {  // It may have just been started.
    auto connection = store::Connection::open(url, {});
    if (connection || system_clock().now() >= deadline) return insist(std::move(connection));
    system_clock().sleep_for(50ms, {});
  }
}

/// Writes until the server's own log needs a new file, for which there is no room. What cannot be
/// logged cannot be done, so the server throws out everybody and starts anew. False when it does
/// not come to that.
bool use_up_the_log(store::Connection& neighbour) {
  for (int i = 0; i < 20; ++i) {
    const Status status =
        neighbour.execute("select pg_logical_emit_message(false, 'drill', repeat('x', 10000000))");
    if (!status) return !neighbour.is_alive();
  }
  return false;
}

}  // namespace

bool run_full_disk(Wanted wanted) {
  constexpr int kDiskMb = 256;
  // A server that crashes leaves no memory image on the disk that it has just found full.
  const rlimit none{.rlim_cur = 0, .rlim_max = 0};
  setrlimit(RLIMIT_CORE, &none);
  SmallDisk disk(kDiskMb);
  wanted.drill.postgres_folder = disk.path();
  wanted.drill.lease_ms = 15'000;  // Longer than the disk is full, as in life.
  wanted.drill.postgres_settings = {"max_wal_size=64MB", "min_wal_size=32MB"};
  Drill drill(wanted.drill);
  Dice dice(wanted.drill.seed);
  drill.start_server();
  const std::vector<pid_t> before = drill.wait_for_workers(30s);
  int task_count = 0;
  // Goes on as long as the disk is filled, so that there is always something to refuse.
  std::jthread producer([&](const std::stop_token& stop) {
    while (task_count < wanted.task_count || !stop.stop_requested()) {
      drill.put("drill.effect", 20, R"({"ms":8})");
      task_count += 20;
      system_clock().sleep_for(15ms, {});
    }
  });
  int crash_count = 0;
  int down_count = 0;
  int harmless_count = 0;
  for (int i = 0; i < wanted.round_count; ++i) {
    dice.wait(100, 400);
    const auto neighbour = connect_neighbour(drill);
    if (!fill_until_refused(drill, disk)) ++harmless_count;
    if (dice.below(2) == 0 && use_up_the_log(*neighbour)) ++crash_count;
    dice.wait(300, 1'500);
    disk.make_room();
    if (!drill.postgres()->is_running()) {  // It may stop for a full disk: then somebody starts it.
      ++down_count;
      insist(drill.postgres()->resume());
    }
  }
  producer.request_stop();
  producer.join();
  const bool is_done = drill.wait_until_empty(120s);
  const std::vector<Error> refusals = drill.refusals();
  fmt::print(
      "{} times the server had no room for its log and crashed, {} times it had to be started "
      "again; {} "
      "batches were refused, {} of them with a word of the "
      "disk{}\n",
      crash_count, down_count, refusals.size(), std::ranges::count_if(refusals, speaks_of_space),
      refusals.empty() ? "" : ", first: " + refusals.front().message);
  const Tally tally = drill.tally();
  const bool is_good = report(wanted, tally, task_count);
  return are_at_work(drill, before) && is_good && is_done && harmless_count == 0 &&
         are_clear(refusals) && tally.discarded == 0 && tally.quarantined == 0;
}

}  // namespace katip::drill
