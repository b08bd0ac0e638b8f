#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"

/// What the parent tells a decoder, once, over the socket that carries the answer back:
/// docs/formats/decoder-protocol.md. The child trusts it; the check of size and version is against
/// a half-finished installation.
namespace katip::audio {

enum class InputKind : uint8_t {
  kFile = 0,    ///< Regular file: read by position, from `input_begin`.
  kStream = 1,  ///< Pipe or socket: read in order; `spool` keeps it when the demuxer must go back.
};
enum class Extent : uint8_t { kWhole = 0, kFirstFrame = 1 };
enum class ChannelMode : uint8_t { kMix = 0, kSeparate = 1 };

struct DecodeRequest {
  InputKind input_kind = InputKind::kFile;
  Extent extent = Extent::kWhole;
  ChannelMode channel_mode = ChannelMode::kMix;
  int64_t input_begin = 0;
  int64_t input_size = -1;  ///< Bytes from input_begin on; -1: a stream.
  int64_t input_size_max = 0;
  int64_t spool_size_max = 0;
  int64_t duration_ms_max = 0;
  int64_t input_wait_ms_max = 0;
  int32_t channel_count_max = 8;
  uint32_t cpu_seconds_max = 60;

  friend bool operator==(const DecodeRequest&, const DecodeRequest&) = default;
};

/// Every request has this many bytes.
inline constexpr size_t kRequestSize = 4 + 3 + 6 * 8 + 2 * 4;

std::vector<std::byte> encode_request(const DecodeRequest& request);

/// Errors:  kUnavailable: another version, or not a request.
Result<DecodeRequest> parse_request(std::span<const std::byte> bytes);

/// The descriptors that travel with a request. -1: none.
struct RequestFiles {
  int input = -1;
  int spool = -1;
};

/// Errors:  kUnavailable: the other side is gone.
Status send_request(int socket, const DecodeRequest& request, const RequestFiles& files);

struct ReceivedRequest {
  DecodeRequest request;
  RequestFiles files;  ///< Owned by the receiver from now on.
};

/// Waits for a request; nothing when the sender went away without one.
Result<std::optional<ReceivedRequest>> receive_request(int socket);

}  // namespace katip::audio
