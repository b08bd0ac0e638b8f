#include "http/wire/conditions.h"

#include <limits>

#include <gtest/gtest.h>
#include <zlib.h>

namespace katip::http {
namespace {

TEST(RangeTest, TakesWhatLiesInTheFile) {
  const auto expect_part = [](std::string_view header, std::int64_t size, std::int64_t offset,
                              std::int64_t count) {
    const RangeChoice choice = choose_range(header, size);
    EXPECT_EQ(choice.kind, RangeKind::kPart) << header;
    EXPECT_EQ(choice.range.offset, offset) << header;
    EXPECT_EQ(choice.range.size, count) << header;
  };
  expect_part("bytes=0-0", 1, 0, 1);
  expect_part("bytes=0-", 10, 0, 10);
  expect_part("bytes=2-4", 10, 2, 3);
  expect_part("bytes= 2 - 4 ", 10, 2, 3);
  expect_part("bytes=9-9", 10, 9, 1);
  expect_part("bytes=5-99", 10, 5, 5);
  expect_part("bytes=5-99999999999999999999", 10, 5, 5);
  expect_part("bytes=-3", 10, 7, 3);
  expect_part("bytes=-99", 10, 0, 10);
  expect_part("bytes=-99999999999999999999", 10, 0, 10);
  expect_part("bytes=0-", std::numeric_limits<std::int64_t>::max(), 0,
              std::numeric_limits<std::int64_t>::max());
}

TEST(RangeTest, SaysWhatLiesOutside) {
  for (const char* header :
       {"bytes=10-", "bytes=10-20", "bytes=-0", "bytes=99999999999999999999-"}) {
    EXPECT_EQ(choose_range(header, 10).kind, RangeKind::kNotSatisfiable) << header;
  }
  EXPECT_EQ(choose_range("bytes=0-", 0).kind, RangeKind::kNotSatisfiable);
  EXPECT_EQ(choose_range("bytes=-1", 0).kind, RangeKind::kNotSatisfiable);
}

TEST(RangeTest, PassesOverWhatItDoesNotUnderstand) {
  for (const char* header : {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=1", "bytes=4-2",
                             "bytes=0-1,3-4", "items=0-1", "Bytes=0-1", "bytes=--1", "bytes=+1-2",
                             "bytes=0x1-2", "bytes=1--2", "bytes=1-2-3", "bytes=1 2-3"}) {
    EXPECT_EQ(choose_range(header, 10).kind, RangeKind::kWhole) << header;
  }
}

TEST(TagTest, ListsNameTags) {
  EXPECT_TRUE(names_tag("\"a\"", "\"a\"", Comparison::kStrong));
  EXPECT_TRUE(names_tag("\"x\" , \"a\"", "\"a\"", Comparison::kStrong));
  EXPECT_TRUE(names_tag("*", "\"a\"", Comparison::kStrong));
  EXPECT_TRUE(names_tag("\"x,y\", \"a\"", "\"x,y\"", Comparison::kStrong));
  EXPECT_FALSE(names_tag("", "\"a\"", Comparison::kWeak));
  EXPECT_FALSE(names_tag(", ,", "\"a\"", Comparison::kWeak));
  EXPECT_FALSE(names_tag("\"ab\"", "\"a\"", Comparison::kWeak));
  EXPECT_FALSE(names_tag("a", "\"a\"", Comparison::kWeak));
}

TEST(TagTest, WeakTagsAreEqualOnlyWeakly) {
  EXPECT_TRUE(names_tag("W/\"a\"", "\"a\"", Comparison::kWeak));
  EXPECT_TRUE(names_tag("\"a\"", "W/\"a\"", Comparison::kWeak));
  EXPECT_FALSE(names_tag("W/\"a\"", "\"a\"", Comparison::kStrong));
  EXPECT_FALSE(names_tag("W/\"a\"", "W/\"a\"", Comparison::kStrong));
}

TEST(TagTest, IsThatOfTheBytes) {
  EXPECT_EQ(entity_tag("").size(), 34U);
  EXPECT_EQ(entity_tag("a"), entity_tag("a"));
  EXPECT_NE(entity_tag("a"), entity_tag("b"));
}

TEST(CodingTest, IsTakenUnlessItIsRefused) {
  EXPECT_TRUE(accepts_coding("gzip", "gzip"));
  EXPECT_TRUE(accepts_coding("deflate, GZIP;q=0.1", "gzip"));
  EXPECT_TRUE(accepts_coding("gzip ; q=1", "gzip"));
  EXPECT_FALSE(accepts_coding("", "gzip"));
  EXPECT_FALSE(accepts_coding("gzip;q=0", "gzip"));
  EXPECT_FALSE(accepts_coding("gzip;q=0.000", "gzip"));
  EXPECT_FALSE(accepts_coding("x-gzip, br", "gzip"));
}

TEST(DateTest, IsWrittenAsHttpWantsIt) {
  using std::chrono::system_clock;
  EXPECT_EQ(http_date(system_clock::from_time_t(0)), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(http_date(system_clock::from_time_t(784'111'777)), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(http_date(system_clock::from_time_t(1'709'251'199)), "Thu, 29 Feb 2024 23:59:59 GMT");
}

std::string unzipped(const std::string& bytes, std::size_t size) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string input = bytes;
  std::string out(size, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  inflateEnd(&stream);
  return out;
}

TEST(GzipTest, ComesBackAsItWas) {
  const std::string text(100'000, 'x');
  EXPECT_LT(gzipped(text).size(), 1'000U);
  EXPECT_EQ(unzipped(gzipped(text), text.size()), text);
  EXPECT_EQ(unzipped(gzipped(""), 1), std::string(1, '\0'));
}

}  // namespace
}  // namespace katip::http
