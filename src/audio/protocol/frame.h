#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "audio/media_info.h"
#include "base/result.h"

/// The decoder's answer, byte by byte: docs/formats/decoder-protocol.md. Frames of
/// `u32 type, u32 payload size, payload`, little-endian: one kInfo, then kPcm and kAlive in any
/// number, one kEnd. The child encodes, the parent parses and trusts nothing.
namespace katip::audio {

inline constexpr uint32_t kProtocolVersion = 1;
inline constexpr int32_t kOutputRate = 16'000;
inline constexpr size_t kFrameHeaderSize = 8;
inline constexpr size_t kPayloadSizeMax = 64 * 1024;
inline constexpr size_t kNameSizeMax = 32;
inline constexpr size_t kMessageSizeMax = 400;
inline constexpr int32_t kChannelCountMax = 8;

enum class FrameType : uint32_t { kInfo = 1, kPcm = 2, kAlive = 3, kEnd = 4 };

/// How decoding ended.
enum class EndState : uint8_t {
  kComplete = 0,
  kDamaged = 1,  ///< Everything that could be had was given; `message` says what is missing.
  kFailed = 2,   ///< `code` and `message` say why there is no more.
};

struct StreamInfo {
  MediaInfo media;
  int32_t output_channel_count = 1;
};
/// A view into the reader: good until its next call.
struct PcmBlock {
  std::span<const std::byte> bytes;  ///< float32, a multiple of the output channels.
};
/// The child waits for input, or works through a part of it that holds no sound.
struct Alive {};
struct StreamEnd {
  EndState state = EndState::kComplete;
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
};
using Frame = std::variant<StreamInfo, PcmBlock, Alive, StreamEnd>;

std::vector<std::byte> encode_info(const StreamInfo& info);
/// pcm.size() * 4 <= kPayloadSizeMax.
std::vector<std::byte> encode_pcm(std::span<const float> pcm);
std::vector<std::byte> encode_alive();
/// A message that is too long is cut.
std::vector<std::byte> encode_end(const StreamEnd& end);

/// Makes foreign text fit for a terminal and a log: printable ASCII stays, anything else becomes
/// '?', and no more than `size_max` bytes remain.
std::string printable(std::string_view text, size_t size_max);

/// Copies float32 samples and keeps the promise of AudioStream::read: finite, within [-1, 1].
///
/// Shapes:  bytes [4 n] -> pcm [n].
void copy_samples(std::span<const std::byte> bytes, std::span<float> pcm);

/// Cuts what the child sends into frames, in memory of a fixed size.
///
///   while (true) {
///     auto frame = KATIP_TRY(reader.next());
///     if (!frame) { reader.added(read(fd, reader.room())); continue; }
///     ...
///   }
///
/// Errors:  kCorruptData for anything that the protocol does not allow, in order, size or value;
///          kTooLarge for more samples than `sample_count_max` a channel.
/// Threads: one thread.
class FrameReader {
 public:
  explicit FrameReader(int64_t sample_count_max);

  /// Where the next bytes of the child go; never empty after next() gave nothing.
  std::span<std::byte> room();
  void added(size_t size);

  /// The next frame; nothing when more bytes are needed.
  Result<std::optional<Frame>> next();

  /// True once kEnd was seen.
  [[nodiscard]] bool ended() const { return ended_; }

 private:
  Result<Frame> parse(FrameType type, std::span<const std::byte> payload);
  Result<Frame> parse_info(std::span<const std::byte> payload);
  Result<Frame> parse_pcm(std::span<const std::byte> payload);
  Result<Frame> parse_end(std::span<const std::byte> payload);

  std::vector<std::byte> buffer_;
  size_t begin_ = 0;  ///< buffer_[begin_, end_) was received and not yet given.
  size_t end_ = 0;
  int64_t sample_count_max_;
  int64_t sample_count_ = 0;
  int32_t channel_count_ = 0;  ///< 0: no kInfo yet.
  bool ended_ = false;
};

}  // namespace katip::audio
