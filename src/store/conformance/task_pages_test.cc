#include "store/task_pages.h"

#include <gmock/gmock.h>

#include "store/conformance/schema_conformance.h"
#include "store/worker_store.h"

namespace katip::store {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Timestamp kNow = std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} + 12h;
constexpr const char* kWorker = "019a0000-0000-7000-8000-00000000000f";

std::string id_of(int number) {
  return "019a0000-0000-7000-8000-00000000000" + std::to_string(number);
}

class TaskPagesConformance : public SchemaConformance {
 protected:
  void SetUp() override {
    SchemaConformance::SetUp();
    if (IsSkipped()) return;
    must(WorkerStore(sql()).insert({.id = kWorker,
                                    .name = "w",
                                    .host = "h",
                                    .pid = 1,
                                    .worker_kind = "general",
                                    .lease_ms = 1000},
                                   kNow));
  }
  void insert(int number, const std::string& kind, bool is_scheduled = false) const {
    const NewTask task{.id = id_of(number),
                       .kind = kind,
                       .args = R"({"path":"Kayıt )" + std::to_string(number) + R"("})",
                       .request_id = "req-" + std::to_string(number),
                       .run_at = is_scheduled ? kNow + std::chrono::hours(10 - number) : kNow,
                       .created_at = kNow,
                       .is_scheduled = is_scheduled};
    must(TaskStore(sql()).insert(std::span(&task, 1)));
  }
  void end(int number, const std::string& kind, const std::string& state) const {
    insert(number, kind);
    const LaneClaim claim{.queue = "default", .priority = 5, .tenant = "", .count = 1};
    TaskStore tasks(sql());
    const auto claimed = must(tasks.claim({.worker_id = kWorker}, std::span(&claim, 1), kNow + 1s));
    ASSERT_EQ(claimed.size(), 1u);
    const FinishedTask done{.key = claimed[0].key, .state = state};
    must(tasks.finish(std::span(&done, 1), kNow + std::chrono::minutes(number)));
  }
  [[nodiscard]] std::string ids(const TaskPage& page) const {
    std::string all;
    for (const ListedTask& each : page.tasks) all += each.task.id.back();
    return all;
  }
  [[nodiscard]] std::string ids(const TaskPageQuery& query) const {
    return ids(must(list_tasks(sql(), query)));
  }
};
KATIP_CONFORMANCE(TaskPagesConformance);

TEST_P(TaskPagesConformance, EndedOnesComePageByPageTheLatestFirst) {
  for (const int number : {1, 2, 3, 4, 5}) {
    end(number, number % 2 == 0 ? "a.b" : "c.d", number == 4 ? "discarded" : "completed");
  }
  TaskPageQuery query{.filter = {.state = "ended"}, .count_max = 2};
  std::string all;
  for (int pages = 0; pages < 3; ++pages) {
    const TaskPage page = must(list_tasks(sql(), query));
    all += ids(page) + " ";
    EXPECT_FALSE(page.is_cut);
    EXPECT_EQ(page.next.has_value(), pages < 2);
    query.after = page.next;
  }
  EXPECT_EQ(all, "54 32 1 ");
  EXPECT_EQ(ids({.filter = {.state = "completed"}}), "5321");
  EXPECT_EQ(ids({.filter = {.state = "completed", .kind = "a.b"}}), "2");
  EXPECT_EQ(ids({.filter = {.state = "ended", .from = kNow + 2min, .before = kNow + 4min}}), "32");
  EXPECT_EQ(ids({.filter = {.state = "ended", .queue = "low"}}), "");
  EXPECT_EQ(ids({.filter = {.state = "ended", .worker_id = kWorker}}), "54321");
  EXPECT_EQ(ids({.filter = {.state = "ended", .request_id = "req-3"}}), "3");
  EXPECT_EQ(ids({.filter = {.state = "ended", .id = id_of(4)}}), "4");
}

TEST_P(TaskPagesConformance, ASearchEndsWithItsWindowAndGoesOnBehindIt) {
  for (const int number : {1, 2, 3, 4, 5}) end(number, "a.b", "completed");
  TaskPageQuery query{.filter = {.state = "ended", .text = "KAYıt 1"}, .window = 2};
  TaskPage page = must(list_tasks(sql(), query));
  EXPECT_THAT(page.tasks, IsEmpty());
  EXPECT_TRUE(page.is_cut);
  query.after = page.next;
  page = must(list_tasks(sql(), query));
  EXPECT_TRUE(page.is_cut);
  query.after = page.next;
  page = must(list_tasks(sql(), query));
  EXPECT_EQ(ids(page), "1");
  EXPECT_FALSE(page.next.has_value());
}

TEST_P(TaskPagesConformance, LiveOnesComeInTheOrderThatOperatorsLookForThem) {
  insert(1, "a.b");
  insert(2, "a.b");
  insert(3, "a.b", true);
  insert(4, "a.b", true);
  EXPECT_EQ(ids({.filter = {.state = "available"}}), "21") << "those made last first";
  EXPECT_EQ(ids({.filter = {.state = "scheduled"}}), "43") << "what is next first";
  EXPECT_EQ(ids({.filter = {.state = "live"}}), "4321");
  TaskPageQuery query{.filter = {.state = "scheduled"}, .count_max = 1};
  query.after = must(list_tasks(sql(), query)).next;
  EXPECT_EQ(ids(query), "3");
  query = {.filter = {.state = "live"}, .count_max = 3};
  query.after = must(list_tasks(sql(), query)).next;
  EXPECT_EQ(ids(query), "1");
  const LaneClaim claim{.queue = "default", .priority = 5, .tenant = "", .count = 1};
  must(TaskStore(sql()).claim({.worker_id = kWorker}, std::span(&claim, 1), kNow + 1s));
  EXPECT_EQ(ids({.filter = {.state = "running"}}), "1");
  EXPECT_EQ(ids({.filter = {.state = "retryable"}}), "");
  EXPECT_EQ(list_tasks(sql(), {.count_max = 0}).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace katip::store
