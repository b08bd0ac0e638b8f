#include "cli/accounts/work.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace katip::cli {
namespace {

using namespace std::chrono_literals;

constexpr app::AccountTime kNow = std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} + 12h;

TEST(ParseExpiry, TakesDurationsDatesAndTimes) {
  EXPECT_EQ(*parse_expiry("90d", kNow), kNow + 90 * 24h);
  EXPECT_EQ(*parse_expiry("12h", kNow), kNow + 12h);
  EXPECT_EQ(*parse_expiry("2026-03-02", kNow), kNow + 12h);
  EXPECT_EQ(*parse_expiry("2026-03-01T13:00:00Z", kNow), kNow + 1h);
}

TEST(ParseExpiry, RefusesTheRestAndWhatIsOver) {
  for (const char* text : {"", "d", "0d", "-1d", "9", "1.5d", "999999d", "90days", "2026-02-30x",
                           "tomorrow", "2026-03-01", "2025-01-01T00:00:00Z"}) {
    EXPECT_FALSE(parse_expiry(text, kNow)) << text;
  }
}

TEST(TableText, HasColumnsAsWideAsTheirWidestCell) {
  EXPECT_EQ(table_text({{"LOGIN", "ROLE"}, {"ayşe", "editor"}, {"a", ""}}),
            "LOGIN  ROLE\n"
            "ayşe   editor\n"
            "a\n");
  EXPECT_EQ(table_text({{"a\x1b[31m", "b"}}), "a?[31m  b\n");
}

TEST(ShortTime, IsForPeople) {
  EXPECT_EQ(short_time(kNow), "2026-03-01 12:00");
  EXPECT_EQ(short_time(std::nullopt), "-");
  EXPECT_TRUE(json_time(std::nullopt).is_null());
}

}  // namespace
}  // namespace katip::cli
