#include "audio/protocol/frame.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "audio/protocol/bytes.h"
#include "base/assert.h"

// A reader holds one buffer that fits the largest frame. next() looks at the frame at its front;
// room() moves what is left to the front and hands out the rest, so memory is bounded whatever
// arrives. Every number is checked before it is used. Tested by frame_test.cc and
// fuzz_audio_protocol.
namespace katip::audio {
namespace {

static_assert(std::endian::native == std::endian::little, "float32 samples are copied as they are");

constexpr int32_t kSampleRateMax = 1 << 20;
constexpr int64_t kDurationMsMax = int64_t{1} << 53;

std::vector<std::byte> frame(FrameType type, std::span<const std::byte> payload) {
  KATIP_ASSERT(payload.size() <= kPayloadSizeMax);
  ByteWriter writer;
  writer.put(std::to_underlying(type));
  writer.put(static_cast<uint32_t>(payload.size()));
  writer.put_bytes(payload);
  return writer.take();
}

std::unexpected<Error> refuse(std::string_view what) {
  return fail(ErrorCode::kCorruptData, "the decoder answered nonsense (" + std::string(what) + ")");
}

}  // namespace

std::string printable(std::string_view text, size_t size_max) {
  std::string out(text.substr(0, size_max));
  std::ranges::replace_if(out, [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return out;
}

void copy_samples(std::span<const std::byte> bytes, std::span<float> pcm) {
  KATIP_ASSERT(bytes.size() == pcm.size_bytes());
  if (bytes.empty()) {
    return;
  }
  std::memcpy(pcm.data(), bytes.data(), bytes.size());
  for (float& sample : pcm) {
    sample = std::isnan(sample) ? 0.0f : std::clamp(sample, -1.0f, 1.0f);
  }
}

std::vector<std::byte> encode_info(const StreamInfo& info) {
  ByteWriter writer;
  writer.put(kProtocolVersion);
  writer.put(static_cast<uint32_t>(info.media.sample_rate));
  writer.put(static_cast<uint32_t>(info.media.channel_count));
  writer.put(static_cast<uint32_t>(info.output_channel_count));
  writer.put_signed(info.media.duration_ms.value_or(-1));
  writer.put(static_cast<uint8_t>(info.media.has_video ? 1 : 0));
  writer.put_text(printable(info.media.container, kNameSizeMax));
  writer.put_text(printable(info.media.codec, kNameSizeMax));
  return frame(FrameType::kInfo, writer.take());
}

std::vector<std::byte> encode_pcm(std::span<const float> pcm) {
  return frame(FrameType::kPcm, std::as_bytes(pcm));
}

std::vector<std::byte> encode_alive() { return frame(FrameType::kAlive, {}); }

std::vector<std::byte> encode_end(const StreamEnd& end) {
  ByteWriter writer;
  writer.put(std::to_underlying(end.state));
  writer.put(static_cast<uint8_t>(std::to_underlying(end.code)));
  writer.put_text(printable(end.message, kMessageSizeMax));
  return frame(FrameType::kEnd, writer.take());
}

FrameReader::FrameReader(int64_t sample_count_max)
    : buffer_(kFrameHeaderSize + kPayloadSizeMax), sample_count_max_(sample_count_max) {}

std::span<std::byte> FrameReader::room() {
  if (begin_ > 0) {
    std::copy(buffer_.begin() + static_cast<ptrdiff_t>(begin_),
              buffer_.begin() + static_cast<ptrdiff_t>(end_), buffer_.begin());
    end_ -= begin_;
    begin_ = 0;
  }
  return std::span(buffer_).subspan(end_);
}

void FrameReader::added(size_t size) {
  KATIP_ASSERT(size <= buffer_.size() - end_);
  end_ += size;
}

Result<std::optional<Frame>> FrameReader::next() {
  const auto received = std::span<const std::byte>(buffer_).subspan(begin_, end_ - begin_);
  if (ended_) {
    return received.empty() ? Result<std::optional<Frame>>(std::nullopt)
                            : refuse("bytes after the end");
  }
  if (received.size() < kFrameHeaderSize) {
    return std::nullopt;
  }
  ByteReader header(received.first(kFrameHeaderSize));
  const uint32_t type = header.get<uint32_t>();
  const size_t size = header.get<uint32_t>();
  if (type < std::to_underlying(FrameType::kInfo) || type > std::to_underlying(FrameType::kEnd)) {
    return refuse("unknown frame");
  }
  if (size > kPayloadSizeMax) {
    return refuse("oversized frame");
  }
  if (received.size() < kFrameHeaderSize + size) {
    return std::nullopt;
  }
  begin_ += kFrameHeaderSize + size;
  return KATIP_TRY(parse(FrameType{type}, received.subspan(kFrameHeaderSize, size)));
}

Result<Frame> FrameReader::parse(FrameType type, std::span<const std::byte> payload) {
  switch (type) {
    case FrameType::kInfo:
      return parse_info(payload);
    case FrameType::kPcm:
      return parse_pcm(payload);
    case FrameType::kAlive:
      return payload.empty() ? Result<Frame>(Alive{}) : refuse("payload in an empty frame");
    case FrameType::kEnd:
      return parse_end(payload);
  }
  return refuse("unknown frame");
}

Result<Frame> FrameReader::parse_info(std::span<const std::byte> payload) {
  if (channel_count_ != 0) {
    return refuse("second description");
  }
  ByteReader reader(payload);
  const uint32_t version = reader.get<uint32_t>();
  if (reader.is_good() && version != kProtocolVersion) {
    return fail(ErrorCode::kUnavailable,
                "katip-decoder is of another version than katip: install both from one package");
  }
  const uint32_t rate = reader.get<uint32_t>();
  const uint32_t channels = reader.get<uint32_t>();
  const uint32_t output_channels = reader.get<uint32_t>();
  const int64_t duration_ms = reader.get_signed();
  const uint8_t video = reader.get<uint8_t>();
  StreamInfo info;
  info.media.container = printable(reader.get_text(), kNameSizeMax);
  info.media.codec = printable(reader.get_text(), kNameSizeMax);
  if (!reader.is_done() || rate == 0 || rate > kSampleRateMax || channels == 0 ||
      channels > kChannelCountMax || (output_channels != 1 && output_channels != channels) ||
      duration_ms < -1 || duration_ms > kDurationMsMax || video > 1) {
    return refuse("bad description");
  }
  info.media.sample_rate = static_cast<int32_t>(rate);
  info.media.channel_count = static_cast<int32_t>(channels);
  info.media.has_video = video == 1;
  if (duration_ms >= 0) {
    info.media.duration_ms = duration_ms;
  }
  info.output_channel_count = channel_count_ = static_cast<int32_t>(output_channels);
  return info;
}

Result<Frame> FrameReader::parse_pcm(std::span<const std::byte> payload) {
  if (channel_count_ == 0) {
    return refuse("samples before their description");
  }
  const size_t row_size = sizeof(float) * static_cast<size_t>(channel_count_);
  if (payload.empty() || payload.size() % row_size != 0) {
    return refuse("a part of a sample");
  }
  sample_count_ += static_cast<int64_t>(payload.size() / row_size);
  if (sample_count_ > sample_count_max_) {
    return fail(ErrorCode::kTooLarge, "the audio is longer than the limit for its length allows");
  }
  return PcmBlock{payload};
}

Result<Frame> FrameReader::parse_end(std::span<const std::byte> payload) {
  ByteReader reader(payload);
  const uint8_t state = reader.get<uint8_t>();
  const uint8_t code = reader.get<uint8_t>();
  StreamEnd end;
  end.message = printable(reader.get_text(), kMessageSizeMax);
  if (!reader.is_done() || state > std::to_underlying(EndState::kFailed) ||
      code > std::to_underlying(ErrorCode::kInternal)) {
    return refuse("bad end");
  }
  end.state = EndState{state};
  end.code = ErrorCode{code};
  if (end.state != EndState::kFailed && channel_count_ == 0) {
    return refuse("end before the description");
  }
  ended_ = true;
  return end;
}

}  // namespace katip::audio
