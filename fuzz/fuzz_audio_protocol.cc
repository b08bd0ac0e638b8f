#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "audio/protocol/frame.h"
#include "audio/protocol/request.h"

using namespace katip::audio;

namespace {

constexpr std::int64_t kSampleCountMax = 100'000;

void check_samples(const PcmBlock& block) {
  std::vector<float> pcm(block.bytes.size() / sizeof(float));
  copy_samples(block.bytes, pcm);
  for (const float sample : pcm) {
    if (!(sample >= -1.0f && sample <= 1.0f)) std::abort();
  }
}

void check_text(const std::string& text) {
  for (const char c : text) {
    if (c < 0x20 || c > 0x7e) std::abort();
  }
}

/// True while the answer goes on.
bool check(const Frame& frame, std::int64_t& sample_count, int& info_count, int channel_count) {
  if (const auto* info = std::get_if<StreamInfo>(&frame)) {
    if (++info_count > 1 || info->output_channel_count < 1 ||
        info->output_channel_count > kChannelCountMax) {
      std::abort();
    }
    check_text(info->media.container);
    check_text(info->media.codec);
  } else if (const auto* block = std::get_if<PcmBlock>(&frame)) {
    if (info_count != 1) std::abort();
    check_samples(*block);
    sample_count += static_cast<std::int64_t>(block->bytes.size() / sizeof(float)) / channel_count;
    if (sample_count > kSampleCountMax) std::abort();
  } else if (const auto* end = std::get_if<StreamEnd>(&frame)) {
    check_text(end->message);
    return false;
  }
  return true;
}

}  // namespace

/// The first byte says in which pieces the rest arrives, which is what a decoder that was taken
/// over could send; the same bytes are also read as a request.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece_size = data[0] == 0 ? 70'000 : data[0];
  auto bytes = std::as_bytes(std::span(data, size)).subspan(1);
  if (const auto request = parse_request(bytes)) {
    if (parse_request(encode_request(*request)) != *request) std::abort();
  }
  FrameReader reader(kSampleCountMax);
  std::int64_t sample_count = 0;
  int info_count = 0;
  int channel_count = 1;
  while (true) {
    const auto frame = reader.next();
    if (!frame) return 0;
    if (*frame) {
      if (const auto* info = std::get_if<StreamInfo>(&**frame)) {
        channel_count = info->output_channel_count;
      }
      if (!check(**frame, sample_count, info_count, channel_count)) {
        if (!reader.ended()) std::abort();
      }
      continue;
    }
    if (bytes.empty()) return 0;
    const auto room = reader.room();
    if (room.empty() && !reader.ended()) std::abort();
    const std::size_t count = std::min({piece_size, bytes.size(), room.size()});
    if (count == 0) return 0;
    std::copy_n(bytes.begin(), count, room.begin());
    reader.added(count);
    bytes = bytes.subspan(count);
  }
}
