#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/testing/temporary_folder.h"
#include "jobs/caretaker.h"
#include "jobs/queue.h"
#include "jobs/worker.h"
#include "store/pool.h"
#include "store/schema.h"
#include "store/testing/postgres_server.h"

/// bench/queue: tasks a second and pick-up latency, with everything on the disk before it counts.
///
///   build/release/bench/queue [--database sqlite,postgres] [--parallel 1,8,64] [--seconds 10]
///                             [--batch 50] [--folder DIR] [--json FILE] [--soak SECONDS]
///
/// Throughput: so many producers put empty tasks in, `batch` in a transaction, and so many slots
/// run them at the same time. A task counts when its completion is committed. Latency: one task at
/// a time comes into an idle queue; from its commit to the first line of its handler. PostgreSQL
/// runs with fsync and synchronous_commit on, SQLite with a write-ahead log and synchronous FULL.
/// `--folder` says on which disk the files of SQLite are, in a new folder that goes away again.
/// docs/benchmarks.md has the results.
namespace katip {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

struct BenchOptions {
  std::vector<std::string> databases = {"sqlite", "postgres"};
  std::vector<int> parallel = {1, 8, 64};
  int seconds = 10;
  int batch = 50;
  int soak_seconds = 0;
  std::string folder;
  std::string json_file;
};

struct Figures {
  double enqueued_per_s = 0;
  double completed_per_s = 0;
  double enqueue_p50_ms = 0;  ///< Of a batch, from the call to its commit.
  double enqueue_p99_ms = 0;
  double enqueue_max_ms = 0;
  double pickup_p50_ms = 0;
  double pickup_p99_ms = 0;
};

template <typename T>
T must(Result<T> result) {
  if (!result) {
    fmt::print(stderr, "queue: {}\n", result.error().message);
    std::exit(1);
  }
  return std::move(result).value();
}
void must(const Status& status) {
  if (!status) {
    fmt::print(stderr, "queue: {}\n", status.error().message);
    std::exit(1);
  }
}

/// A database on a disk, and what keeps it alive.
struct BenchDatabase {
  std::unique_ptr<TemporaryFolder> folder;
  std::unique_ptr<store::testing::PostgresServer> server;
  std::unique_ptr<store::Pool> pool;
};

BenchDatabase open_database(const std::string& kind, const std::string& parent) {
  BenchDatabase database;
  std::string url;
  if (kind == "postgres") {
    database.server = must(store::testing::PostgresServer::start({.is_durable = true}));
    url = database.server->url(must(database.server->create_database()));
  } else {
    database.folder = parent.empty() ? std::make_unique<TemporaryFolder>()
                                     : std::make_unique<TemporaryFolder>(parent);
    url = "sqlite:///" + (database.folder->path() / "queue.db").string();
  }
  const store::DatabaseUrl parsed = must(store::DatabaseUrl::parse(url));
  const auto connection = must(store::Connection::open(parsed, {}));
  must(store::upgrade_to_head(*connection));
  database.pool =
      must(store::Pool::create(parsed, {}, {.connection_count_max = 40, .acquire_timeout = 30s}));
  return database;
}

/// Workers on threads of this process, each with its own registration, lease and connections.
class Crew {
 public:
  Crew(jobs::Queue& queue, const jobs::Handlers& handlers, int slot_count) {
    const int worker_count = std::max(1, slot_count / 16);
    jobs::WorkerObserver observer;
    observer.on_ended = [this](const auto&, auto, bool is_ours) { completed_ += is_ours ? 1 : 0; };
    observer.on_problem = [](const char* what, const Error& error) {
      fmt::print(stderr, "queue: {}: {}\n", what, error.message);
    };
    for (int i = 0; i < worker_count; ++i) {
      jobs::WorkerOptions options;
      options.slots = {.slot_count_max = slot_count / worker_count,
                       .slot_count_min = slot_count / worker_count};
      options.prefetch_multiplier = 32;
      threads_.emplace_back([=, &queue, &handlers](const std::stop_token& stop) {
        must(jobs::Worker(queue, handlers, options, observer).run(stop));
      });
    }
    threads_.emplace_back([&queue](const std::stop_token& stop) {  // As every server has one.
      jobs::CaretakerObserver care;
      care.on_problem = [](const char* what, const Error& error) {
        fmt::print(stderr, "queue: {}: {}\n", what, error.message);
      };
      jobs::Caretaker(queue, system_rng(), {}, care).run(stop);
    });
  }
  std::int64_t completed() const { return completed_; }

 private:
  std::atomic<std::int64_t> completed_ = 0;
  std::vector<std::jthread> threads_;
};

double percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  const auto index = static_cast<std::size_t>(share * static_cast<double>(values.size() - 1));
  return values[index];
}

jobs::TaskRequest empty_task() { return {.kind = "bench.empty"}; }

/// Producers that stay a little ahead of the workers, so that neither side waits for long and the
/// table stays as small as it is in life.
void measure_throughput(jobs::Queue& queue, const BenchOptions& options, int parallel, int seconds,
                        Figures& figures, const std::function<void(double)>& on_second) {
  jobs::Handlers handlers;
  handlers["bench.empty"] = {
      .run = [](jobs::TaskContext&) -> Result<jobs::TaskResult> { return jobs::TaskResult{}; },
      .is_short = true};
  std::atomic<std::int64_t> enqueued = 0;
  Guarded<std::vector<double>> enqueue_ms;
  Crew crew(queue, handlers, parallel);
  std::vector<std::jthread> producers;
  for (int i = 0; i < parallel; ++i) {
    producers.emplace_back([&](const std::stop_token& stop) {
      const std::vector<jobs::TaskRequest> batch(static_cast<std::size_t>(options.batch),
                                                 empty_task());
      while (!stop.stop_requested()) {
        if (enqueued - crew.completed() > 20'000) {
          system_clock().sleep_for(1ms, stop);
          continue;
        }
        const auto begin = steady_clock::now();
        const auto done = queue.enqueue(batch, stop);
        if (!done) continue;
        enqueued += options.batch;
        const std::chrono::duration<double, std::milli> duration = steady_clock::now() - begin;
        enqueue_ms.with_lock([&](auto& all) { all.push_back(duration.count()); });
      }
    });
  }
  system_clock().sleep_for(1s, {});  // Not measured: plans are made, files grow.
  const auto begin = steady_clock::now();
  const std::int64_t enqueued_before = enqueued;
  const std::int64_t completed_before = crew.completed();
  std::int64_t last = completed_before;
  for (int i = 0; i < seconds; ++i) {
    system_clock().sleep_for(1s, {});
    on_second(static_cast<double>(crew.completed() - last));
    last = crew.completed();
  }
  const double duration = std::chrono::duration<double>(steady_clock::now() - begin).count();
  figures.enqueued_per_s = static_cast<double>(enqueued - enqueued_before) / duration;
  figures.completed_per_s = static_cast<double>(crew.completed() - completed_before) / duration;
  producers.clear();
  const std::vector<double> all = enqueue_ms.with_lock([](const auto& values) { return values; });
  figures.enqueue_p50_ms = percentile(all, 0.5);
  figures.enqueue_p99_ms = percentile(all, 0.99);
  figures.enqueue_max_ms = percentile(all, 1.0);
}

void empty_queue(jobs::Queue& queue) {
  must(queue.with_store(
      [](store::TaskStore& tasks) -> Status {
        while (KATIP_TRY(tasks.delete_waiting(10'000)) > 0) {
        }
        return {};
      },
      {}));
}

void measure_latency(jobs::Queue& queue, int parallel, Figures& figures) {
  constexpr int kCount = 300;
  Guarded<std::vector<double>> latencies;
  std::atomic<std::int64_t> committed_ns = 0;
  std::atomic<int> begun = 0;
  jobs::Handlers handlers;
  handlers["bench.empty"] = {
      .run = [&](jobs::TaskContext&) -> Result<jobs::TaskResult> {
        const auto now = steady_clock::now().time_since_epoch();
        // A claim may come between the commit and the line that notes its time: no wait then.
        const auto since = std::chrono::nanoseconds(committed_ns.exchange(0));
        const double ms = since.count() == 0
                              ? 0.0
                              : std::chrono::duration<double, std::milli>(now - since).count();
        latencies.with_lock([&](auto& all) { all.push_back(ms); });
        ++begun;
        return jobs::TaskResult{};
      },
      .is_short = true};
  Crew crew(queue, handlers, parallel);
  system_clock().sleep_for(500ms, {});
  for (int i = 0; i < kCount; ++i) {
    must(queue.enqueue(empty_task(), {}));
    committed_ns = std::chrono::nanoseconds(steady_clock::now().time_since_epoch()).count();
    while (begun <= i) system_clock().sleep_for(1ms, {});
    system_clock().sleep_for(std::chrono::milliseconds(7 + i % 23), {});  // Not in step with polls.
  }
  const std::vector<double> all = latencies.with_lock([](const auto& values) { return values; });
  figures.pickup_p50_ms = percentile(all, 0.5);
  figures.pickup_p99_ms = percentile(all, 0.99);
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

BenchOptions parse(int count, char** texts) {
  BenchOptions options;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string flag = texts[i];
    const std::string value = texts[i + 1];
    if (flag == "--database") {
      options.databases = split(value);
    } else if (flag == "--parallel") {
      options.parallel.clear();
      for (const std::string& part : split(value)) options.parallel.push_back(std::stoi(part));
    } else if (flag == "--seconds") {
      options.seconds = std::stoi(value);
    } else if (flag == "--batch") {
      options.batch = std::stoi(value);
    } else if (flag == "--soak") {
      options.soak_seconds = std::stoi(value);
    } else if (flag == "--folder") {
      if (!std::filesystem::is_directory(value)) {
        fmt::print(stderr, "queue: --folder: there is no folder {}\n", value);
        std::exit(2);
      }
      options.folder = value;
    } else if (flag == "--json") {
      options.json_file = value;
    } else {
      fmt::print(stderr, "queue: no flag {}; see the top of bench/queue/queue_main.cc\n", flag);
      std::exit(2);
    }
  }
  return options;
}

/// A line for each minute: the middle and the worst second of it.
void soak(jobs::Queue& queue, const BenchOptions& options, const std::string& kind) {
  std::vector<double> minute;
  int minutes = 0;
  Figures figures;
  measure_throughput(queue, options, 8, options.soak_seconds, figures, [&](double completed) {
    minute.push_back(completed);
    if (minute.size() == 60) {
      fmt::print("{} minute {:2}: {:6.0f} a second, worst second {:6.0f}\n", kind, ++minutes,
                 percentile(minute, 0.5), percentile(minute, 0.0));
      std::fflush(stdout);
      minute.clear();
    }
  });
  fmt::print("{} whole soak: {:.0f} a second\n", kind, figures.completed_per_s);
}

int run(const BenchOptions& options) {
  boost::json::array results;
  fmt::print(
      "| database | producers and slots | enqueued/s | completed/s | a batch in p50 ms | p99 ms | "
      "max "
      "ms | pick-up p50 ms | p99 ms |\n");
  fmt::print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
  for (const std::string& kind : options.databases) {
    for (const int parallel : options.parallel) {
      BenchDatabase database = open_database(kind, options.folder);
      jobs::Queue queue(*database.pool, system_clock(), system_rng(), {});
      if (options.soak_seconds > 0) {
        soak(queue, options, kind);
        break;
      }
      Figures figures;
      measure_throughput(queue, options, parallel, options.seconds, figures, [](double) {});
      empty_queue(queue);
      measure_latency(queue, parallel, figures);
      fmt::print("| {} | {} | {:.0f} | {:.0f} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {:.1f} |\n",
                 kind, parallel, figures.enqueued_per_s, figures.completed_per_s,
                 figures.enqueue_p50_ms, figures.enqueue_p99_ms, figures.enqueue_max_ms,
                 figures.pickup_p50_ms, figures.pickup_p99_ms);
      std::fflush(stdout);
      results.push_back({{"database", kind},
                         {"parallel", parallel},
                         {"enqueued_per_s", figures.enqueued_per_s},
                         {"completed_per_s", figures.completed_per_s},
                         {"enqueue_p50_ms", figures.enqueue_p50_ms},
                         {"enqueue_p99_ms", figures.enqueue_p99_ms},
                         {"enqueue_max_ms", figures.enqueue_max_ms},
                         {"pickup_p50_ms", figures.pickup_p50_ms},
                         {"pickup_p99_ms", figures.pickup_p99_ms}});
    }
  }
  if (!options.json_file.empty()) {
    std::ofstream(options.json_file) << boost::json::serialize(results) << "\n";
  }
  return 0;
}

}  // namespace
}  // namespace katip

int main(int count, char** texts) { return katip::run(katip::parse(count, texts)); }
