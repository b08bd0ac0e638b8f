#include "store/transaction.h"

#include <limits>
#include <set>

#include <gtest/gtest.h>

namespace katip::store {
namespace {

using namespace std::chrono_literals;

class FixedRng final : public Rng {
 public:
  explicit FixedRng(std::uint64_t value) : value_(value) {}
  std::uint64_t next() override { return value_; }

 private:
  std::uint64_t value_;
};

TEST(JitteredBackoff, StaysBelowALimitThatDoubles) {
  const RetryOptions options{.backoff_first = 4ms, .backoff_max = 100ms};
  for (const auto& [attempt, limit] :
       {std::pair{1, 4ms}, {2, 8ms}, {3, 16ms}, {5, 64ms}, {6, 100ms}, {1'000, 100ms}}) {
    FixedRng largest(static_cast<std::uint64_t>(limit.count()));
    EXPECT_EQ(jittered_backoff(options, attempt, largest), limit) << attempt;
    FixedRng beyond(static_cast<std::uint64_t>(limit.count()) + 1);
    EXPECT_EQ(jittered_backoff(options, attempt, beyond), 0ms) << attempt;
  }
}

TEST(JitteredBackoff, ReachesEveryWaitUpToItsLimit) {
  const RetryOptions options{.backoff_first = 4ms};
  std::set<std::int64_t> seen;
  for (std::uint64_t i = 0; i < 5; ++i) {
    FixedRng rng(i);
    seen.insert(jittered_backoff(options, 1, rng).count());
  }
  EXPECT_EQ(seen, (std::set<std::int64_t>{0, 1, 2, 3, 4}));
}

TEST(RetryOptions, NameTheFieldThatIsWrong) {
  EXPECT_TRUE(RetryOptions{}.validate());
  for (const auto& [options, field] :
       {std::pair{RetryOptions{.attempt_count_max = 0}, "attempt_count_max"},
        {RetryOptions{.backoff_first = 0ms}, "backoff_first"},
        {RetryOptions{.backoff_first = 9ms, .backoff_max = 8ms}, "backoff_max"},
        {RetryOptions{.time_max = -1ms}, "time_max"}}) {
    const Status status = options.validate();
    ASSERT_FALSE(status) << field;
    EXPECT_TRUE(status.error().message.contains(field)) << status.error().message;
  }
}

}  // namespace
}  // namespace katip::store
