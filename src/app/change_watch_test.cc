#include "app/change_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/testing/record_fixture.h"

namespace katip::app {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ChangeWatchTest : public RecordFixture {
 protected:
  void listen(const Principal& principal, std::vector<std::string>& told) {
    watch_->add(principal, [&told](const Changes& changes) {
      told.push_back(changes.jobs && changes.queue ? "both"
                     : changes.jobs                ? "jobs"
                     : changes.queue               ? "queue"
                                                   : "life");
    });
  }
  void look() { jobs::must(watch_->look({})); }
  std::string submit(const std::string& owner) {
    const std::string id = queue().new_id();
    const auto sql = jobs::must(pool().acquire({}));
    jobs::must(store::insert_job(
        *sql,
        {.id = id, .job_id = "job_" + id, .submitted_by = owner, .created_at = queue().now()}));
    return id;
  }

  void SetUp() override {
    RecordFixture::SetUp();
    watch_ = std::make_unique<ChangeWatch>(pool(), clock(), ChangeWatchOptions{});
  }

  std::unique_ptr<ChangeWatch> watch_;
};
KATIP_ON_BOTH_DATABASES(ChangeWatchTest);

TEST_P(ChangeWatchTest, EverybodyIsToldOfWhatTheySee) {
  Principal ali = this->ali();
  ali.permissions = permissions_of(Permission::kReadJobs);
  std::vector<std::string> to_ali;
  std::vector<std::string> to_admin;
  submit("ali");
  listen(ali, to_ali);
  listen(admin(), to_admin);
  look();
  EXPECT_THAT(to_ali, IsEmpty()) << "what was there before is no news";
  submit("ayşe");
  look();
  EXPECT_THAT(to_ali, IsEmpty());
  EXPECT_THAT(to_admin, ElementsAre("jobs"));
  submit("ali");
  look();
  look();
  EXPECT_THAT(to_ali, ElementsAre("jobs"));
  put({.kind = "cleanup.x"});
  look();
  EXPECT_THAT(to_ali, ElementsAre("jobs")) << "the queue is for operators";
  EXPECT_THAT(to_admin, ElementsAre("jobs", "jobs", "queue"));
}

TEST_P(ChangeWatchTest, WhatMovedInTheQueueBeforeAnOperatorCameIsNoNews) {
  Principal ali = this->ali();
  ali.permissions = permissions_of(Permission::kReadJobs);
  std::vector<std::string> to_ali;
  std::vector<std::string> to_admin;
  listen(ali, to_ali);
  look();
  put({.kind = "cleanup.x"});
  look();
  listen(admin(), to_admin);
  look();
  EXPECT_THAT(to_admin, IsEmpty());
  put({.kind = "cleanup.y"});
  look();
  EXPECT_THAT(to_admin, ElementsAre("queue"));
  EXPECT_THAT(to_ali, IsEmpty());
}

TEST_P(ChangeWatchTest, AJobThatComesAndEndsBetweenTwoLooksIsTold) {
  std::vector<std::string> to_ali;
  std::vector<std::string> to_ayse;
  completed("ali");
  listen(ali(), to_ali);
  listen(ayse(), to_ayse);
  look();
  EXPECT_THAT(to_ali, IsEmpty()) << "what ended before is no news";
  clock().advance(std::chrono::seconds(1));
  completed("ali");
  look();
  look();
  EXPECT_THAT(to_ali, ElementsAre("jobs"));
  EXPECT_THAT(to_ayse, IsEmpty());
  clock().advance(std::chrono::minutes(30));  // A database that was away.
  completed("ali");
  look();
  EXPECT_THAT(to_ali, ElementsAre("jobs", "jobs"));
  clock().advance(std::chrono::minutes(30));
  look();
  EXPECT_THAT(to_ali, ElementsAre("jobs", "jobs", "life")) << "one long ago is forgotten quietly";
}

TEST_P(ChangeWatchTest, ASignOfLifeComesNowAndThen) {
  std::vector<std::string> told;
  listen(admin(), told);
  look();
  clock().advance(std::chrono::seconds(14));
  look();
  EXPECT_THAT(told, IsEmpty());
  clock().advance(std::chrono::seconds(1));
  look();
  EXPECT_THAT(told, ElementsAre("life"));
}

TEST_P(ChangeWatchTest, LooksThatTakeLongAreRare) {
  using std::chrono_literals::operator""ms;
  EXPECT_EQ(watch_->pause_after(3ms), 500ms);
  EXPECT_EQ(watch_->pause_after(200ms), 4'000ms);
  EXPECT_EQ(watch_->pause_after(5'000ms), 15'000ms) << "a sign of life comes in time all the same";
}

TEST_P(ChangeWatchTest, WhatMovedWhileNobodyListenedIsNoNews) {
  std::vector<std::string> told;
  std::vector<std::string> later;
  const auto id = watch_->add(admin(), [&](const Changes&) { told.emplace_back("x"); });
  look();
  watch_->remove(id);
  submit("ali");
  look();
  listen(admin(), later);
  look();
  EXPECT_THAT(told, IsEmpty());
  EXPECT_THAT(later, IsEmpty());
}

}  // namespace
}  // namespace katip::app
