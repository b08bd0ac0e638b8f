#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// A WebSocket as handlers see it (Route::open_socket): whole messages come in, and anybody may
/// send at any time. Pings, masks, fragments and the goodbye are the server's business.
namespace katip::http {

/// Codes of RFC 6455, section 7.4.1.
enum class CloseCode : std::uint16_t {
  kNormal = 1000,
  kGoingAway = 1001,
  kProtocolError = 1002,
  kUnsupportedData = 1003,
  kNone = 1005,      ///< The goodbye had no code. Never sent.
  kAbnormal = 1006,  ///< The connection broke without one. Never sent.
  kBadText = 1007,
  kPolicy = 1008,
  kTooLarge = 1009,
  kInternal = 1011,
};

/// Threads: thread-safe; nothing blocks.
class SocketSender {
 public:
  virtual ~SocketSender() = default;
  /// False: nobody listens any more (the client went away, or reads so slowly that more than
  /// ResponseStream::kBufferSizeMax waits), and nothing that comes later will be sent.
  virtual bool send_text(std::string_view text) = 0;
  virtual bool send_binary(std::string_view bytes) = 0;
  /// What was sent before still goes out. The reason is cut to 123 bytes.
  virtual void close(CloseCode code, std::string_view reason) = 0;
};

/// Threads: one call at a time, on threads that may block; destroyed there too.
class SocketHandler {
 public:
  virtual ~SocketHandler() = default;
  /// UTF-8.
  virtual void on_text(std::string_view text) = 0;
  virtual void on_binary(std::string_view bytes) = 0;
  /// The last call, whoever ended it.
  virtual void on_close(CloseCode code) { (void)code; }
};

}  // namespace katip::http
