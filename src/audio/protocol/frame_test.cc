#include "audio/protocol/frame.h"

#include <cmath>
#include <cstring>
#include <limits>

#include <gtest/gtest.h>

namespace katip::audio {
namespace {

const StreamInfo kStereo{.media = {.container = "mp4",
                                   .codec = "aac",
                                   .sample_rate = 44100,
                                   .channel_count = 2,
                                   .has_video = true,
                                   .duration_ms = 61'000},
                         .output_channel_count = 2};

void feed(FrameReader& reader, std::span<const std::byte> bytes) {
  const auto room = reader.room();
  ASSERT_LE(bytes.size(), room.size());
  std::ranges::copy(bytes, room.begin());
  reader.added(bytes.size());
}

std::vector<std::byte> raw(uint32_t type, uint32_t size, size_t payload_size) {
  std::vector<std::byte> bytes(kFrameHeaderSize + payload_size);
  std::memcpy(bytes.data(), &type, 4);
  std::memcpy(bytes.data() + 4, &size, 4);
  return bytes;
}

ErrorCode refusal(std::span<const std::byte> bytes, bool with_info = false) {
  FrameReader reader(1000);
  if (with_info) {
    feed(reader, encode_info(kStereo));
    EXPECT_TRUE(reader.next().value().has_value());
  }
  feed(reader, bytes);
  const auto frame = reader.next();
  return frame ? ErrorCode::kNotFound : frame.error().code;
}

TEST(FrameReader, NothingGivesNothing) {
  FrameReader reader(1000);
  EXPECT_FALSE(reader.next().value().has_value());
  EXPECT_FALSE(reader.room().empty());
}

TEST(FrameReader, GivesBackWhatWasEncodedWhenItComesByteByByte) {
  std::vector<std::byte> all = encode_info(kStereo);
  const std::vector<float> pcm{0.5f, -0.25f};
  for (const auto& frame : {encode_pcm(pcm), encode_alive(),
                            encode_end({EndState::kDamaged, ErrorCode::kCorruptData, "cut"})}) {
    all.insert(all.end(), frame.begin(), frame.end());
  }
  FrameReader reader(1000);
  int count = 0;
  for (const std::byte byte : all) {
    feed(reader, std::span(&byte, 1));
    const auto frame = reader.next();
    ASSERT_TRUE(frame.has_value()) << frame.error().message;
    if (!*frame) {
      continue;
    }
    if (const auto* info = std::get_if<StreamInfo>(&**frame)) {
      EXPECT_EQ(info->media, kStereo.media);
      EXPECT_EQ(info->output_channel_count, 2);
    } else if (const auto* block = std::get_if<PcmBlock>(&**frame)) {
      std::vector<float> got(block->bytes.size() / 4);
      copy_samples(block->bytes, got);
      EXPECT_EQ(got, pcm);
    } else if (const auto* end = std::get_if<StreamEnd>(&**frame)) {
      EXPECT_EQ(end->state, EndState::kDamaged);
      EXPECT_EQ(end->message, "cut");
    }
    ++count;
  }
  EXPECT_EQ(count, 4);
  EXPECT_TRUE(reader.ended());
}

TEST(FrameReader, RefusesUnknownAndOversizedFramesBeforeTheirPayloadComes) {
  EXPECT_EQ(refusal(raw(0, 0, 0)), ErrorCode::kCorruptData);
  EXPECT_EQ(refusal(raw(5, 0, 0)), ErrorCode::kCorruptData);
  EXPECT_EQ(refusal(raw(1, kPayloadSizeMax + 1, 0)), ErrorCode::kCorruptData);
  EXPECT_EQ(refusal(raw(2, 0xffffffff, 0)), ErrorCode::kCorruptData);
}

TEST(FrameReader, RefusesFramesInAWrongOrder) {
  EXPECT_EQ(refusal(encode_pcm(std::vector<float>(2))), ErrorCode::kCorruptData);
  EXPECT_EQ(refusal(encode_end({})), ErrorCode::kCorruptData) << "complete, but nothing was there";
  EXPECT_EQ(refusal(encode_info(kStereo), true), ErrorCode::kCorruptData);
}

TEST(FrameReader, AFailureMayComeFirst) {
  FrameReader reader(1000);
  feed(reader, encode_end({EndState::kFailed, ErrorCode::kTooLarge, "too long"}));
  const auto frame = reader.next().value();
  EXPECT_EQ(std::get<StreamEnd>(*frame).code, ErrorCode::kTooLarge);
  feed(reader, encode_alive());
  EXPECT_FALSE(reader.next().has_value()) << "nothing may follow the end";
}

TEST(FrameReader, RefusesPartsOfSamples) {
  EXPECT_EQ(refusal(encode_pcm(std::vector<float>(3)), true), ErrorCode::kCorruptData);
  EXPECT_EQ(refusal(raw(2, 5, 5), true), ErrorCode::kCorruptData);
  EXPECT_EQ(refusal(raw(2, 0, 0), true), ErrorCode::kCorruptData);
}

TEST(FrameReader, StopsAtTheLimitOfSamples) {
  EXPECT_EQ(refusal(encode_pcm(std::vector<float>(2000)), true), ErrorCode::kNotFound);
  EXPECT_EQ(refusal(encode_pcm(std::vector<float>(2002)), true), ErrorCode::kTooLarge);
}

TEST(FrameReader, RefusesDescriptionsThatCannotBe) {
  for (const auto& change : std::vector<void (*)(StreamInfo&)>{
           [](StreamInfo& i) { i.media.sample_rate = 0; },
           [](StreamInfo& i) { i.media.sample_rate = -1; },
           [](StreamInfo& i) { i.media.channel_count = 9; },
           [](StreamInfo& i) { i.media.channel_count = 0; },
           [](StreamInfo& i) { i.output_channel_count = 3; },
           [](StreamInfo& i) { i.media.duration_ms = std::numeric_limits<int64_t>::max(); },
           [](StreamInfo& i) { i.media.duration_ms = -2; }}) {
    StreamInfo info = kStereo;
    change(info);
    EXPECT_EQ(refusal(encode_info(info)), ErrorCode::kCorruptData);
  }
}

TEST(FrameReader, ADecoderOfAnotherVersionIsNamedAsSuch) {
  auto bytes = encode_info(kStereo);
  bytes[kFrameHeaderSize] = std::byte{2};
  EXPECT_EQ(refusal(bytes), ErrorCode::kUnavailable);
}

TEST(FrameReader, TextsOfTheChildCannotControlATerminal) {
  FrameReader reader(1000);
  feed(reader, encode_end({EndState::kFailed, ErrorCode::kInternal, "a\x1b[2J\nb\xff"}));
  EXPECT_EQ(std::get<StreamEnd>(*reader.next().value()).message, "a?[2J?b?");
}

TEST(CopySamples, GivesFiniteNumbersWithinOne) {
  const std::vector<float> in{std::numeric_limits<float>::quiet_NaN(),
                              std::numeric_limits<float>::infinity(),
                              -std::numeric_limits<float>::infinity(), 1.5f, -0.5f};
  std::vector<float> out(in.size());
  copy_samples(std::as_bytes(std::span(in)), out);
  EXPECT_EQ(out, (std::vector<float>{0.0f, 1.0f, -1.0f, 1.0f, -0.5f}));
  copy_samples({}, {});
}

}  // namespace
}  // namespace katip::audio
