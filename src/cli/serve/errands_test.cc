#include "cli/serve/errands.h"

#include <atomic>
#include <latch>
#include <memory>

#include <gtest/gtest.h>

namespace katip::cli {
namespace {

TEST(Errands, AreRunElsewhereSideBySide) {
  Errands errands(2);
  std::latch both(3);
  const auto meet = [&both] { both.arrive_and_wait(); };
  errands.run(meet);
  errands.run(meet);
  both.arrive_and_wait();  // Neither one after the other nor on this thread.
}

TEST(Errands, ThatWaitWhenItStopsAreDropped) {
  Errands errands(1);
  std::latch begun(1);
  std::latch may_end(1);
  std::atomic<int> count = 0;
  errands.run([&] {
    begun.count_down();
    may_end.wait();
    ++count;
  });
  begun.wait();
  const auto mark = std::make_shared<int>(0);
  errands.run([&count, mark] { ++count; });
  std::jthread stopping([&] { errands.stop(); });
  while (mark.use_count() > 1) std::this_thread::yield();  // Dropped before the first has ended.
  may_end.count_down();
  stopping.join();
  EXPECT_EQ(count, 1);
  errands.run([&count] { ++count; });
  errands.stop();
  EXPECT_EQ(count, 1);
}

}  // namespace
}  // namespace katip::cli
