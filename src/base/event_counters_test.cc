#include "base/event_counters.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace katip {
namespace {

TEST(EventCounters, NothingIsLostAndNothingCountsTwice) {
  take_events();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([] {
        for (int step = 0; step < 1'000; ++step) count_event("a", "x");
      });
    }
  }
  count_event("a");
  count_event("seconds", "", 0.25);
  const EventCounts counts = take_events();
  EXPECT_EQ(counts.at({"a", "x"}), 4'000);
  EXPECT_EQ(counts.at({"a", ""}), 1);
  EXPECT_EQ(counts.at({"seconds", ""}), 0.25);
  EXPECT_TRUE(take_events().empty());
}

}  // namespace
}  // namespace katip
