#pragma once

#include <functional>
#include <memory>
#include <string>

#include "http/response.h"

namespace katip::http {

/// A body that is written while it is made: server-sent events, large exports.
///
/// Threads: thread-safe; nothing blocks.
class ResponseStream {
 public:
  virtual ~ResponseStream() = default;
  /// False: nobody listens any more (the client went away, or reads so slowly that more than
  /// kBufferSizeMax waits), and nothing that comes later will be sent.
  virtual bool write(std::string bytes) = 0;
  /// The end of the body. Without it, dropping the stream breaks the connection, so that no client
  /// takes a part for the whole.
  virtual void finish() = 0;

  static constexpr std::size_t kBufferSizeMax = 4 << 20;
};

/// One request that is answered later, by another thread: exactly one of respond() and stream() is
/// called, once. When the last reference is dropped without, the client gets a 500.
///
/// Threads: thread-safe.
class Exchange {
 public:
  virtual ~Exchange() = default;
  virtual void respond(Answer answer) = 0;
  /// Sends the head and goes on with the body as it comes.
  virtual std::shared_ptr<ResponseStream> stream(Response head) = 0;
  /// Called once when the client goes away before it has its whole answer; at once when it has gone
  /// already. On a thread that may block.
  virtual void on_disconnect(std::function<void()> callback) = 0;
};

}  // namespace katip::http
