#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/socket.h"

/// The frames of a WebSocket.
///
/// Source: RFC 6455, sections 4.2.2, 5 and 7.4.
namespace katip::http {

enum class SocketOpcode : std::uint8_t {
  kContinuation = 0,
  kText = 1,
  kBinary = 2,
  kClose = 8,
  kPing = 9,
  kPong = 10,
};

/// Sec-WebSocket-Accept for a Sec-WebSocket-Key; nothing when that is no key.
std::optional<std::string> socket_accept_key(std::string_view key);

/// A frame as servers send it: whole and without a mask.
std::string socket_frame(SocketOpcode opcode, std::string_view payload);
/// The reason is cut where a character ends.
std::string socket_close_frame(CloseCode code, std::string_view reason);

/// Reads the frames of a client in pieces of any size, and puts fragments together.
///
/// Threads: one thread.
class SocketParser {
 public:
  explicit SocketParser(std::size_t message_size_max) : message_size_max_(message_size_max) {}

  enum class Progress { kMore, kMessage, kBad };
  struct Step {
    Progress progress = Progress::kMore;
    std::size_t used = 0;  ///< Bytes of the input that are done with.
  };
  /// Up to the end of the next message or control frame. After kBad nothing more can be read.
  Step read(std::string_view bytes);

  /// Of kMessage: kText, kBinary, kClose, kPing or kPong, and what it says.
  [[nodiscard]] SocketOpcode opcode() const { return opcode_; }
  std::string take();
  /// Of kClose: kNone when there is none.
  [[nodiscard]] CloseCode close_code() const { return close_code_; }
  /// Of kBad: what the client is told.
  [[nodiscard]] CloseCode problem() const { return problem_; }

 private:
  static constexpr std::size_t kHeadSizeMax = 14;

  [[nodiscard]] std::size_t head_size() const;
  /// What the head says; false: it is bad.
  bool begin_frame();
  void unmask(std::string_view bytes, std::string& to);
  /// Whether a message or control frame is complete with it.
  Progress end_frame();
  Progress end_close();
  bool refuse(CloseCode problem);
  [[nodiscard]] bool is_control() const { return frame_ >= SocketOpcode::kClose; }

  const std::size_t message_size_max_;
  std::string head_;
  bool has_head_ = false;
  bool is_final_ = false;
  SocketOpcode frame_ = SocketOpcode::kText;  // Of the frame that is being read.
  std::array<char, 4> mask_{};
  std::uint64_t left_ = 0;  // Bytes of its payload.
  std::size_t mask_index_ = 0;

  std::optional<SocketOpcode> message_opcode_;  // Of a message that is not complete.
  std::string message_;
  std::string control_;

  SocketOpcode opcode_ = SocketOpcode::kText;
  CloseCode close_code_ = CloseCode::kNone;
  CloseCode problem_ = CloseCode::kProtocolError;
  bool is_bad_ = false;
};

}  // namespace katip::http
