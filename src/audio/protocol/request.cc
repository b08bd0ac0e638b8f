#include "audio/protocol/request.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <sys/socket.h>

#include "audio/protocol/bytes.h"
#include "audio/protocol/frame.h"
#include "base/assert.h"

// One message of a fixed size; the descriptors ride on its first byte as SCM_RIGHTS.
// Tested by request_test.cc.
namespace katip::audio {
namespace {

constexpr size_t kFileCountMax = 2;

/// Control data must be aligned like its header.
union ControlBuffer {
  cmsghdr header;
  std::array<char, CMSG_SPACE(kFileCountMax * sizeof(int))> bytes;
};

Status send_all(int socket, msghdr& message, size_t size) {
  size_t sent = 0;
  while (sent < size) {
    const ssize_t count = sendmsg(socket, &message, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return fail(ErrorCode::kUnavailable, "the decoder went away before it was told what to do: " +
                                               std::string(std::strerror(errno)));
    }
    sent += static_cast<size_t>(count);
    message.msg_iov->iov_base = static_cast<char*>(message.msg_iov->iov_base) + count;
    message.msg_iov->iov_len -= static_cast<size_t>(count);
    message.msg_control = nullptr;  // the descriptors went with the first byte
    message.msg_controllen = 0;
  }
  return {};
}

void take_files(msghdr& message, RequestFiles& files) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) {
      continue;
    }
    const size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    std::array<int, kFileCountMax> fds{-1, -1};
    std::memcpy(fds.data(), CMSG_DATA(part), std::min(count, kFileCountMax) * sizeof(int));
    files = {.input = fds[0], .spool = fds[1]};
  }
}

}  // namespace

std::vector<std::byte> encode_request(const DecodeRequest& request) {
  ByteWriter writer;
  writer.put(kProtocolVersion);
  writer.put(std::to_underlying(request.input_kind));
  writer.put(std::to_underlying(request.extent));
  writer.put(std::to_underlying(request.channel_mode));
  writer.put_signed(request.input_begin);
  writer.put_signed(request.input_size);
  writer.put_signed(request.input_size_max);
  writer.put_signed(request.spool_size_max);
  writer.put_signed(request.duration_ms_max);
  writer.put_signed(request.input_wait_ms_max);
  writer.put(static_cast<uint32_t>(request.channel_count_max));
  writer.put(request.cpu_seconds_max);
  auto bytes = writer.take();
  KATIP_ASSERT(bytes.size() == kRequestSize);
  return bytes;
}

Result<DecodeRequest> parse_request(std::span<const std::byte> bytes) {
  ByteReader reader(bytes);
  const uint32_t version = reader.get<uint32_t>();
  const uint8_t kind = reader.get<uint8_t>();
  const uint8_t extent = reader.get<uint8_t>();
  const uint8_t mode = reader.get<uint8_t>();
  DecodeRequest request;
  request.input_begin = reader.get_signed();
  request.input_size = reader.get_signed();
  request.input_size_max = reader.get_signed();
  request.spool_size_max = reader.get_signed();
  request.duration_ms_max = reader.get_signed();
  request.input_wait_ms_max = reader.get_signed();
  request.channel_count_max = static_cast<int32_t>(reader.get<uint32_t>());
  request.cpu_seconds_max = reader.get<uint32_t>();
  if (!reader.is_done() || version != kProtocolVersion || kind > 1 || extent > 1 || mode > 1) {
    return fail(ErrorCode::kUnavailable,
                "katip-decoder is of another version than katip: install both from one package");
  }
  request.input_kind = InputKind{kind};
  request.extent = Extent{extent};
  request.channel_mode = ChannelMode{mode};
  return request;
}

Status send_request(int socket, const DecodeRequest& request, const RequestFiles& files) {
  auto bytes = encode_request(request);
  iovec data{.iov_base = bytes.data(), .iov_len = bytes.size()};
  ControlBuffer control{};
  const std::array<int, kFileCountMax> fds{files.input, files.spool};
  const size_t count = files.spool < 0 ? 1 : 2;
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes.data();
  message.msg_controllen = CMSG_SPACE(count * sizeof(int));
  cmsghdr* part = CMSG_FIRSTHDR(&message);
  part->cmsg_level = SOL_SOCKET;
  part->cmsg_type = SCM_RIGHTS;
  part->cmsg_len = CMSG_LEN(count * sizeof(int));
  std::memcpy(CMSG_DATA(part), fds.data(), count * sizeof(int));
  return send_all(socket, message, bytes.size());
}

Result<std::optional<ReceivedRequest>> receive_request(int socket) {
  std::array<std::byte, kRequestSize> bytes{};
  ReceivedRequest received;
  size_t size = 0;
  while (size < bytes.size()) {
    iovec data{.iov_base = bytes.data() + size, .iov_len = bytes.size() - size};
    ControlBuffer control{};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes.data();
    message.msg_controllen = control.bytes.size();
    const ssize_t count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      return std::nullopt;
    }
    take_files(message, received.files);
    size += static_cast<size_t>(count);
  }
  received.request = KATIP_TRY(parse_request(bytes));
  return received;
}

}  // namespace katip::audio
