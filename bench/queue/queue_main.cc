#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/testing/temporary_folder.h"
#include "jobs/queue.h"
#include "queue/crew.h"
#include "store/pool.h"
#include "store/schema.h"
#include "store/testing/postgres_server.h"

/// bench/queue: tasks a second and pick-up latency, with everything on the disk before it counts.
///
///   build/release/bench/queue [--database sqlite,postgres] [--parallel 1,8,64] [--seconds 10]
///                             [--processes 0] [--batch 50] [--folder DIR] [--json FILE]
///                             [--soak SECONDS]
///
/// Throughput: so many producers put empty tasks in, `batch` in a transaction, and so many slots
/// run them at the same time. A task counts when its completion is committed. Latency: one task at
/// a time comes into an idle queue; from its commit to the first line of its handler. PostgreSQL
/// runs with fsync and synchronous_commit on, SQLite with a write-ahead log and synchronous FULL.
/// `--processes` shares the slots out among so many worker processes; 0: threads of this one.
/// `--soak` prints a line for each minute instead.
/// `--folder` says on which disk the files of SQLite are, in a new folder that goes away again.
/// docs/benchmarks.md has the results.
namespace katip::bench {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr int kSoakParallel = 8;

struct BenchOptions {
  std::vector<std::string> databases = {"sqlite", "postgres"};
  std::vector<int> parallel = {1, 8, 64};
  int seconds = 10;
  int batch = 50;
  int processes = 0;
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

/// A database on a disk, and what keeps it alive.
struct BenchDatabase {
  std::unique_ptr<TemporaryFolder> folder;
  std::unique_ptr<store::testing::PostgresServer> server;
  std::string url;
  std::unique_ptr<store::Pool> pool;
};

BenchDatabase open_database(const std::string& kind, const std::string& parent) {
  BenchDatabase database;
  std::string& url = database.url;
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

double percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  const auto index = static_cast<std::size_t>(share * static_cast<double>(values.size() - 1));
  return values[index];
}

jobs::TaskRequest empty_task() { return {.kind = "bench.empty"}; }

struct Load {
  jobs::Queue& queue;
  Crew::Options crew;  ///< Its slots are as many as there are producers.
};

/// Is told each second how many tasks were completed in it, and how long batches took to go in.
using OnSecond = std::function<void(std::int64_t completed, std::span<const double> enqueue_ms)>;

/// Producers that stay a little ahead of the workers, so that neither side waits for long and the
/// table stays as small as it is in life.
void measure_throughput(const Load& load, const BenchOptions& options, int seconds,
                        Figures& figures, const OnSecond& on_second) {
  std::atomic<std::int64_t> enqueued = 0;
  Guarded<std::vector<double>> enqueue_ms;
  Crew crew(load.queue, load.crew);
  const std::atomic<std::int64_t>& completed = crew.board().completed_count;
  std::vector<std::jthread> producers;
  for (int i = 0; i < load.crew.slot_count; ++i) {
    producers.emplace_back([&](const std::stop_token& stop) {
      const std::vector<jobs::TaskRequest> batch(static_cast<std::size_t>(options.batch),
                                                 empty_task());
      while (!stop.stop_requested()) {
        if (enqueued - completed > 20'000) {
          system_clock().sleep_for(1ms, stop);
          continue;
        }
        const auto begin = steady_clock::now();
        const auto done = load.queue.enqueue(batch, stop);
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
  const std::int64_t completed_before = completed;
  std::int64_t last = completed_before;
  std::vector<double> all;
  for (int i = 0; i < seconds; ++i) {
    system_clock().sleep_for(1s, {});
    const std::vector<double> fresh =
        enqueue_ms.with_lock([](auto& values) { return std::exchange(values, {}); });
    all.insert(all.end(), fresh.begin(), fresh.end());
    const std::int64_t now = completed;
    on_second(now - last, fresh);
    last = now;
  }
  const double duration = std::chrono::duration<double>(steady_clock::now() - begin).count();
  figures.enqueued_per_s = static_cast<double>(enqueued - enqueued_before) / duration;
  figures.completed_per_s = static_cast<double>(completed - completed_before) / duration;
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

void measure_latency(const Load& load, Figures& figures) {
  constexpr int kCount = 300;
  Crew crew(load.queue, load.crew);
  Board& board = crew.board();
  system_clock().sleep_for(500ms, {});
  for (int i = 0; i < kCount; ++i) {
    board.committed_ns = 0;  // Left from a task that was quicker than the line below.
    must(load.queue.enqueue({.kind = "bench.timed"}, {}));
    board.committed_ns = std::chrono::nanoseconds(steady_clock::now().time_since_epoch()).count();
    while (board.latency_count <= i) system_clock().sleep_for(1ms, {});
    system_clock().sleep_for(std::chrono::milliseconds(7 + i % 23), {});  // Not in step with polls.
  }
  const std::vector<double> all(board.latencies_ms.begin(), board.latencies_ms.begin() + kCount);
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
    } else if (flag == "--processes") {
      options.processes = std::stoi(value);
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

/// What the queue leaves behind.
struct Traces {
  std::int64_t dead_count =
      0;               ///< Old versions of tasks that nobody has freed yet: PostgreSQL only.
  double size_mb = 0;  ///< Of the database.
};

Traces traces_of(const BenchDatabase& database) {
  const auto connection = must(database.pool->acquire({}));
  const bool is_sqlite = connection->dialect() == store::Dialect::kSqlite;
  const auto rows = must(connection->query(
      is_sqlite ? "select 0, page_count * page_size from pragma_page_count, pragma_page_size"
                : "select (select n_dead_tup from pg_stat_user_tables where relname = 'tasks'), "
                  "pg_database_size(current_database())"));
  return {.dead_count = must(rows[0].get<std::int64_t>(0)),
          .size_mb = static_cast<double>(must(rows[0].get<std::int64_t>(1))) / 1e6};
}

/// A line for each minute: its middle and its worst second, how long batches took to go in, and
/// what has gathered.
void soak(const Load& load, const BenchOptions& options, const BenchDatabase& database,
          const std::string& kind) {
  std::vector<double> minute;
  std::vector<double> enqueue_ms;
  int minutes = 0;
  Figures figures;
  const auto on_second = [&](std::int64_t completed, std::span<const double> fresh) {
    minute.push_back(static_cast<double>(completed));
    enqueue_ms.insert(enqueue_ms.end(), fresh.begin(), fresh.end());
    if (minute.size() < 60) return;
    const Traces traces = traces_of(database);
    fmt::print(
        "{} minute {:2}: median second {:6.0f}, worst second {:6.0f}; a batch goes in within "
        "{:.1f} "
        "ms (99th percentile); {} dead rows in tasks, {:.0f} MB in all\n",
        kind, ++minutes, percentile(minute, 0.5), percentile(minute, 0.0),
        percentile(enqueue_ms, 0.99), traces.dead_count, traces.size_mb);
    std::fflush(stdout);
    minute.clear();
    enqueue_ms.clear();
  };
  measure_throughput(load, options, options.soak_seconds, figures, on_second);
  fmt::print("{} whole soak: {:.0f} a second; a batch goes in within {:.1f} ms (99th percentile)\n",
             kind, figures.completed_per_s, figures.enqueue_p99_ms);
}

int run(const BenchOptions& options) {
  boost::json::array results;
  if (options.soak_seconds == 0) {
    fmt::print(
        "| database | producers and slots | enqueued/s | completed/s | a batch in p50 ms | p99 ms "
        "| "
        "max ms | pick-up p50 ms | p99 ms |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
  }
  for (const std::string& kind : options.databases) {
    for (const int parallel : options.parallel) {
      BenchDatabase database = open_database(kind, options.folder);
      jobs::Queue queue(*database.pool, system_clock(), system_rng(), {});
      const Load load{.queue = queue,
                      .crew = {.url = database.url,
                               .slot_count = options.soak_seconds > 0 ? kSoakParallel : parallel,
                               .process_count = options.processes}};
      if (options.soak_seconds > 0) {
        soak(load, options, database, kind);
        break;
      }
      Figures figures;
      measure_throughput(load, options, options.seconds, figures, [](auto, auto) {});
      empty_queue(queue);
      measure_latency(load, figures);
      fmt::print("| {} | {} | {:.0f} | {:.0f} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {:.1f} |\n",
                 kind, parallel, figures.enqueued_per_s, figures.completed_per_s,
                 figures.enqueue_p50_ms, figures.enqueue_p99_ms, figures.enqueue_max_ms,
                 figures.pickup_p50_ms, figures.pickup_p99_ms);
      std::fflush(stdout);
      results.push_back({{"database", kind},
                         {"parallel", parallel},
                         {"processes", options.processes},
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
}  // namespace katip::bench

int main(int count, char** texts) {
  const std::vector<std::string> arguments(texts + 1, texts + count);
  if (const auto code = katip::bench::run_as_worker(arguments)) return *code;
  return katip::bench::run(katip::bench::parse(count, texts));
}
