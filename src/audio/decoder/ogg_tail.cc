#include "audio/decoder/ogg_tail.h"

#include <algorithm>
#include <vector>

// A page is at most 65,307 bytes, so the last one begins in the last 64 KiB of a sound file. The
// marker "OggS" can also occur inside a page: pages are walked by their sizes from the first marker
// whose chain reaches the end. Tested by ogg_tail_test.cc.
namespace katip::audio {
namespace {

constexpr int64_t kTailSize = 128 * 1024;
constexpr size_t kHeaderSize = 27;
constexpr size_t kFlagsAt = 5;
constexpr size_t kSegmentCountAt = 26;
constexpr uint8_t kLastPage = 0x04;

bool is_page(std::span<const uint8_t> bytes) {
  static constexpr uint8_t kMagic[] = {'O', 'g', 'g', 'S', 0};
  return bytes.size() >= sizeof kMagic &&
         std::equal(std::begin(kMagic), std::end(kMagic), bytes.begin());
}

/// 0: the page does not end within `bytes`.
size_t page_size(std::span<const uint8_t> bytes) {
  if (bytes.size() < kHeaderSize || bytes.size() < kHeaderSize + bytes[kSegmentCountAt]) {
    return 0;
  }
  size_t size = kHeaderSize + bytes[kSegmentCountAt];
  for (size_t i = 0; i < bytes[kSegmentCountAt]; ++i) {
    size += bytes[kHeaderSize + i];
  }
  return size <= bytes.size() ? size : 0;
}

}  // namespace

bool lacks_last_ogg_page(std::span<const uint8_t> tail) {
  size_t position = 0;
  bool found = false;
  bool lacks = false;
  while (position < tail.size()) {
    const auto rest = tail.subspan(position);
    const size_t size = is_page(rest) ? page_size(rest) : 0;
    if (is_page(rest)) {
      found = true;
      lacks = size == 0 || (rest[kFlagsAt] & kLastPage) == 0;
    }
    position += size > 0 ? size : 1;
  }
  return found && lacks;
}

bool lacks_last_ogg_page(const InputSource& input) {
  if (!input.is_seekable() || input.size() < 0) {
    return false;
  }
  std::vector<uint8_t> tail(static_cast<size_t>(std::min(kTailSize, input.size())));
  const int64_t count = input.read_at(input.size() - static_cast<int64_t>(tail.size()), tail.data(),
                                      static_cast<int64_t>(tail.size()));
  return count == static_cast<int64_t>(tail.size()) && lacks_last_ogg_page(std::span(tail));
}

}  // namespace katip::audio
