#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/buffer.hpp>

#include "base/result.h"
#include "http/server/asio_types.h"

namespace katip::http {

enum class Peek { kNothing, kData, kClosed };

/// The bytes of one connection, plain or encrypted: everything above is compiled once for both.
///
/// Threads: one thread, that of its io_context.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual Awaitable<IoError> handshake() = 0;
  /// Waits until there is something to read, without a buffer for it: that is how ten thousand idle
  /// connections need little memory.
  virtual Awaitable<IoError> idle() = 0;
  virtual Awaitable<IoResult> read_some(boost::asio::mutable_buffer buffer) = 0;
  /// Writes both, or fails.
  virtual Awaitable<IoError> write(std::array<boost::asio::const_buffer, 2> buffers) = 0;
  /// Tells the other side that nothing more comes.
  virtual Awaitable<void> shutdown() = 0;
  /// Ends whatever is waiting, with an error.
  virtual void close() = 0;

  /// What lies there to be read, without waiting and without taking it.
  virtual Peek peek() = 0;
  [[nodiscard]] virtual bool is_secure() const = 0;
  [[nodiscard]] virtual Socket& socket() = 0;
};

std::unique_ptr<Transport> plain_transport(Socket socket);

/// A certificate and its key, loaded once.
///
/// Threads: immutable.
class TlsContext {
 public:
  /// Errors: kNotFound, kInvalidArgument, naming the file.
  static Result<std::shared_ptr<const TlsContext>> load(const std::string& certificate_file,
                                                        const std::string& key_file);
  virtual ~TlsContext() = default;
  [[nodiscard]] virtual std::unique_ptr<Transport> accept(Socket socket) const = 0;
};

}  // namespace katip::http
