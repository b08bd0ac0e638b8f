#include <thread>

#include <fmt/format.h>

#include "faults/scenario.h"

/// Connections of PostgreSQL are cut while tasks come in and are done: by the server, in whatever
/// they are doing, as an administrator or a proxy that is restarted does.
namespace katip::drill {
namespace {

using namespace std::chrono_literals;

class Scissors {
 public:
  /// Works from another database of the same server, so that it never cuts itself off.
  explicit Scissors(Drill& drill)
      : database_(drill.url().substr(drill.url().rfind('/') + 1)),
        sql_(insist(store::Connection::open(
            insist(store::DatabaseUrl::parse(drill.postgres()->url("postgres"))), {}))) {}

  /// One connection; every other time one in the midst of a transaction, if there is any.
  void cut(Dice& dice) {
    const bool is_choosy = dice.below(2) == 0;
    const std::size_t number = dice.below(1'000);
    const store::Rows rows = insist(
        sql_->query("select pid, xact_start is not null from pg_stat_activity where datname = $1 "
                    "and backend_type = 'client backend' order by pid",
                    {database_}));
    std::vector<std::int64_t> all;
    std::vector<std::int64_t> busy;
    for (const store::Row row : rows) {
      all.push_back(insist(row.get<std::int64_t>(0)));
      if (insist(row.get<bool>(1))) busy.push_back(all.back());
    }
    const bool is_of_busy = is_choosy && !busy.empty();
    const std::vector<std::int64_t>& victims = is_of_busy ? busy : all;
    if (victims.empty()) return;
    const store::Rows done = insist(sql_->query("select pg_terminate_backend(cast($1 as integer))",
                                                {victims[number % victims.size()]}));
    if (!insist(done[0].get<bool>(0))) return;
    ++cut_count_;
    busy_count_ += is_of_busy ? 1 : 0;
  }

  [[nodiscard]] int cut_count() const { return cut_count_; }
  [[nodiscard]] int busy_count() const { return busy_count_; }

 private:
  std::string database_;
  std::unique_ptr<store::Connection> sql_;
  int cut_count_ = 0;
  int busy_count_ = 0;
};

}  // namespace

bool run_cuts(Wanted wanted) {
  wanted.drill.lease_ms = 15'000;  // A worker that loses it ends: here none has a reason to.
  Drill drill(wanted.drill);
  Dice dice(wanted.drill.seed);
  Scissors scissors(drill);
  drill.start_server();
  const std::vector<pid_t> before = drill.wait_for_workers(30s);
  std::jthread producer([&] {
    for (int i = 0; i < wanted.round_count; ++i) {
      const int begin = wanted.task_count * i / wanted.round_count;
      const int end = wanted.task_count * (i + 1) / wanted.round_count;
      drill.put("drill.effect", end - begin, R"({"ms":8})");
      system_clock().sleep_for(40ms, {});
    }
  });
  for (int i = 0; i < wanted.round_count; ++i) {
    dice.wait(20, 80);
    scissors.cut(dice);
  }
  producer.join();
  const bool is_done = drill.wait_until_empty(120s);
  const Tally tally = drill.tally();
  fmt::print(
      "{} connections cut, {} of them for being in a transaction; {} times a batch was "
      "refused\n",
      scissors.cut_count(), scissors.busy_count(), drill.refusals().size());
  const bool is_good = report(wanted, tally, wanted.task_count);
  return are_at_work(drill, before) && is_good && is_done && tally.discarded == 0 &&
         tally.quarantined == 0 && scissors.cut_count() > wanted.round_count / 2 &&
         scissors.busy_count() > 0;
}

}  // namespace katip::drill
