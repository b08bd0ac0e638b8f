#include "store/postgres/decode.h"

#include <limits>

#include <gtest/gtest.h>

namespace katip::store::postgres {
namespace {

TEST(Iso8601, SpellsTimesAsSqliteColumnsDo) {
  EXPECT_EQ(iso_8601("2026-03-01 12:00:00+00"), "2026-03-01T12:00:00.000Z");
  EXPECT_EQ(iso_8601("2026-03-01 12:00:00.5+00"), "2026-03-01T12:00:00.500Z");
  EXPECT_EQ(iso_8601("2026-03-01 12:00:00.123456+00"), "2026-03-01T12:00:00.123456Z");
  EXPECT_EQ(iso_8601("2026-03-01 12:00:00"), "2026-03-01T12:00:00.000");
}

TEST(Iso8601, LeavesWhatIsNoUsualTime) {
  for (const char* text : {"", "infinity", "-infinity", "0044-03-15 12:00:00+00 BC",
                           "2026-03-01 12:00:00+03", "12026-03-01 12:00:00+00", "+00"}) {
    EXPECT_EQ(iso_8601(text), text);
  }
}

TEST(Decode, ReadsTheTextsOfPostgresql) {
  EXPECT_EQ(decode(16, "t"), Value(1));
  EXPECT_EQ(decode(16, "f"), Value(0));
  EXPECT_EQ(decode(20, "-9223372036854775808"), Value(std::numeric_limits<std::int64_t>::min()));
  EXPECT_EQ(decode(701, "Infinity"), Value(std::numeric_limits<double>::infinity()));
  EXPECT_EQ(decode(1700, "5"), Value(5));
  EXPECT_EQ(decode(1700, "5.25"), Value(5.25));
  EXPECT_EQ(decode(1700, "99999999999999999999"), Value(1e20));
  EXPECT_EQ(decode(17, "\\x00ff"), Value(Bytes{std::byte{0}, std::byte{255}}));
  EXPECT_EQ(decode(25, "metin"), Value("metin"));
}

TEST(Decode, RefusesWhatHasNotTheFormOfItsType) {
  for (const auto& [type, text] : {std::pair{20u, ""},
                                   {20u, "1x"},
                                   {20u, "9223372036854775808"},
                                   {701u, "one"},
                                   {17u, "00"},
                                   {17u, "\\x0"},
                                   {17u, "\\x0g"}}) {
    const auto value = decode(type, text);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().code, ErrorCode::kCorruptData);
  }
}

}  // namespace
}  // namespace katip::store::postgres
