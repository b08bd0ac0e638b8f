#include "app/maintenance_tasks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "jobs/testing/no_lease.h"
#include "jobs/testing/queue_fixture.h"

namespace katip::app {
namespace {

using std::chrono::days;
using ::testing::HasSubstr;

class MaintenanceTest : public jobs::QueueFixture {
 protected:
  Result<jobs::TaskResult> clean(const std::string& args) {
    store::ClaimedTask task;
    task.args = args;
    jobs::NoLease lease;
    jobs::TaskContext context{.task = task, .lease = lease, .stop = {}};
    return maintenance_handlers(queue()).at("cleanup.history").run(context);
  }
};
KATIP_ON_BOTH_DATABASES(MaintenanceTest);

TEST_P(MaintenanceTest, ForgetsWhatEndedLongAgo) {
  const std::string me = worker();
  const std::string old = put({.kind = "a"});
  settle(claim(me).front());
  bury(me);
  clock().advance(days(8));
  const std::string young = put({.kind = "a"});
  settle(claim(worker()).front());
  const auto result = jobs::must(clean(R"({"days": 7})"));
  EXPECT_THAT(result.json.value(), HasSubstr("\"deleted_tasks\":1"));
  EXPECT_THAT(result.json.value(), HasSubstr("\"deleted_workers\":1"));
  EXPECT_EQ(state(old), "gone");
  EXPECT_EQ(state(young), "completed");
}

TEST_P(MaintenanceTest, RefusesArgumentsThatItDoesNotKnow) {
  for (const char* args :
       {R"({"day": 7})", R"({"days": 0})", R"({"days": "7"})", R"({"days": 99999})"}) {
    const auto result = clean(args);
    ASSERT_FALSE(result) << args;
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_TRUE(clean("{}"));
}

}  // namespace
}  // namespace katip::app
