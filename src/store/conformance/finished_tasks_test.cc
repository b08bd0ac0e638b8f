#include "store/finished_tasks.h"

#include <gmock/gmock.h>

#include "store/conformance/schema_conformance.h"
#include "store/task_store.h"
#include "store/worker_store.h"

namespace katip::store {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;

constexpr Timestamp kNow = std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} + 12h;
constexpr const char* kWorker = "019a0000-0000-7000-8000-00000000000f";

std::string id_of(int number) {
  return "019a0000-0000-7000-8000-00000000000" + std::to_string(number);
}

class FinishedTasksConformance : public SchemaConformance {
 protected:
  void finish(int number, Timestamp at) const {
    TaskStore tasks(sql());
    const NewTask task{.id = id_of(number), .kind = "x.y", .run_at = kNow, .created_at = kNow};
    must(tasks.insert(std::span(&task, 1)));
    const LaneClaim claim{.queue = "default", .priority = 5, .tenant = "", .count = 1};
    const auto claimed = must(tasks.claim({.worker_id = kWorker}, std::span(&claim, 1), kNow + 1s));
    ASSERT_EQ(claimed.size(), 1u);
    const FinishedTask done{.key = claimed[0].key, .state = "completed"};
    must(tasks.finish(std::span(&done, 1), at));
  }
};
KATIP_CONFORMANCE(FinishedTasksConformance);

TEST_P(FinishedTasksConformance, AreToldOnceEachHoweverManyEndedAtOneTime) {
  must(WorkerStore(sql()).insert({.id = kWorker,
                                  .name = "w",
                                  .host = "h",
                                  .pid = 1,
                                  .worker_kind = "general",
                                  .lease_ms = 1'000},
                                 kNow));
  for (int number = 1; number <= 3; ++number) finish(number, kNow + 2s);
  finish(4, kNow + 3s);
  HistoryPosition position{.finished_at = kNow + 2s};
  std::vector<std::string> ids;
  while (true) {
    const auto tasks = must(finished_tasks(sql(), position, 2));
    if (tasks.empty()) break;
    for (const auto& task : tasks) {
      ids.push_back(task.id);
      EXPECT_EQ(task.queue, "default");
      EXPECT_EQ(task.kind, "x.y");
      EXPECT_EQ(task.state, "completed");
      EXPECT_EQ(task.attempt, 1);
      EXPECT_EQ(task.claimed_at, kNow + 1s);
    }
    position = {.finished_at = tasks.back().finished_at, .id = tasks.back().id};
  }
  EXPECT_THAT(ids, ::testing::ElementsAre(id_of(1), id_of(2), id_of(3), id_of(4)));
  EXPECT_THAT(must(finished_tasks(sql(), {.finished_at = kNow + 1h}, 10)), IsEmpty());
}

}  // namespace
}  // namespace katip::store
