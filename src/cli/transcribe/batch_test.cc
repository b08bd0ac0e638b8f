#include "cli/transcribe/batch.h"

#include <atomic>
#include <latch>
#include <vector>

#include <gtest/gtest.h>

namespace katip::cli {
namespace {

TEST(ForEachParallel, CallsEachIndexOnce) {
  for (const int parallel : {1, 3, 100}) {
    std::vector<std::atomic<int>> counts(20);
    for_each_parallel(20, parallel, [&](int i) { ++counts[static_cast<std::size_t>(i)]; }, {});
    for (const auto& count : counts) {
      EXPECT_EQ(count, 1);
    }
  }
  for_each_parallel(0, 4, [](int) { FAIL(); }, {});
}

TEST(ForEachParallel, RunsAsManyAtOnceAsAllowed) {
  std::latch all_are_here(4);  // Would wait for ever if they ran one after the other.
  for_each_parallel(4, 4, [&](int) { all_are_here.arrive_and_wait(); }, {});
}

TEST(ForEachParallel, BeginsNothingAfterAStop) {
  std::stop_source stop;
  std::atomic<int> count = 0;
  for_each_parallel(
      100, 1,
      [&](int i) {
        ++count;
        if (i == 2) {
          stop.request_stop();
        }
      },
      stop.get_token());
  EXPECT_EQ(count, 3);
}

}  // namespace
}  // namespace katip::cli
