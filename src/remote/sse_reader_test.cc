#include "remote/sse_reader.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::remote {
namespace {

using ::testing::ElementsAre;

class SseReaderTest : public testing::Test {
 protected:
  SseReader reader(std::size_t size_max = 1 << 20) {
    return SseReader(
        [this](const SseEvent& event) -> Result<bool> {
          seen.push_back(event.type + "|" + event.data + "|" + event.id);
          return event.data != "[DONE]";
        },
        size_max);
  }
  std::vector<std::string> seen;
};

constexpr std::string_view kStream =
    "\xEF\xBB\xBF: a comment\r\nevent: delta\r\nid: 7\r\ndata: one\r\ndata:two\r\n\r\n"
    "data: three\n\nevent: nothing\n\nretry: 5\rdata\r\rdata: not ended";

TEST_F(SseReaderTest, TheCutsOfTheNetworkDoNotMatter) {
  for (std::size_t piece = 1; piece <= kStream.size(); ++piece) {
    seen.clear();
    SseReader stream = reader();
    for (std::size_t at = 0; at < kStream.size(); at += piece) {
      ASSERT_TRUE(stream.feed(kStream.substr(at, piece)).value_or(false));
    }
    ASSERT_THAT(seen, ElementsAre("delta|one\ntwo|7", "message|three|7", "message||7")) << piece;
  }
}

TEST_F(SseReaderTest, SaysWhenItIsEnough) {
  SseReader stream = reader();
  EXPECT_FALSE(stream.feed("data: [DONE]\n\ndata: more\n\n").value_or(true));
  EXPECT_EQ(seen.size(), 1U);
}

TEST_F(SseReaderTest, RefusesAnEventWithoutEnd) {
  SseReader stream = reader(100);
  EXPECT_FALSE(stream.feed("data: " + std::string(100, 'x')));
  SseReader lines = reader(100);
  Result<bool> fed = true;
  for (int i = 0; i < 200 && fed; ++i) fed = lines.feed("data: x\n");
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().code, ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace katip::remote
