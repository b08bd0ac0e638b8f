#include "audio/decoder/ogg_tail.h"

#include <vector>

#include <gtest/gtest.h>

namespace katip::audio {
namespace {

constexpr uint8_t kLast = 0x04;

void add_page(std::vector<uint8_t>& bytes, uint8_t flags, uint8_t payload_size) {
  const uint8_t magic[] = {'O', 'g', 'g', 'S', 0, flags};
  bytes.insert(bytes.end(), std::begin(magic), std::end(magic));
  bytes.insert(bytes.end(), 20, 0);
  bytes.push_back(1);
  bytes.push_back(payload_size);
  bytes.insert(bytes.end(), payload_size, 0x5a);
}

TEST(OggTail, BytesWithoutAPageSayNothing) {
  EXPECT_FALSE(lacks_last_ogg_page(std::span<const uint8_t>()));
  EXPECT_FALSE(lacks_last_ogg_page(std::vector<uint8_t>(1000, 'O')));
}

TEST(OggTail, TheLastPageDecides) {
  std::vector<uint8_t> bytes(13, 0);
  add_page(bytes, 0, 200);
  EXPECT_TRUE(lacks_last_ogg_page(bytes));
  add_page(bytes, kLast, 30);
  EXPECT_FALSE(lacks_last_ogg_page(bytes));
  bytes.insert(bytes.end(), 40, 0);
  EXPECT_FALSE(lacks_last_ogg_page(bytes)) << "padding after the end";
}

TEST(OggTail, ACutPageLacksEvenWhenItIsMarked) {
  std::vector<uint8_t> bytes;
  add_page(bytes, 0, 50);
  add_page(bytes, kLast, 50);
  for (size_t cut = 1; cut < 70; ++cut) {
    EXPECT_TRUE(lacks_last_ogg_page(std::span(bytes).first(bytes.size() - cut))) << cut;
  }
}

TEST(OggTail, AMarkerInsideAPageIsNoPage) {
  std::vector<uint8_t> bytes;
  add_page(bytes, kLast, 60);
  const uint8_t fake[] = {'O', 'g', 'g', 'S', 0, 0};
  std::copy(std::begin(fake), std::end(fake), bytes.end() - 50);
  EXPECT_FALSE(lacks_last_ogg_page(bytes));
}

}  // namespace
}  // namespace katip::audio
