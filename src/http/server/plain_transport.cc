#include <cerrno>

#include <boost/asio/write.hpp>
#include <sys/socket.h>

#include "http/server/transport.h"

/// Tested by server_test.cc.
namespace katip::http {
namespace {

class PlainTransport final : public Transport {
 public:
  explicit PlainTransport(Socket socket) : socket_(std::move(socket)) {}

  Awaitable<IoError> handshake() override { co_return IoError{}; }
  Awaitable<IoError> idle() override {
    const auto [error] = co_await socket_.async_wait(Tcp::socket::wait_read, kAwait);
    co_return error;
  }
  Awaitable<IoResult> read_some(boost::asio::mutable_buffer buffer) override {
    const auto [error, size] = co_await socket_.async_read_some(buffer, kAwait);
    co_return IoResult{error, size};
  }
  Awaitable<IoError> write(std::array<boost::asio::const_buffer, 2> buffers) override {
    const auto [error, size] = co_await boost::asio::async_write(socket_, buffers, kAwait);
    co_return error;
  }
  Awaitable<void> shutdown() override {
    IoError ignored;
    socket_.shutdown(Tcp::socket::shutdown_send, ignored);
    co_return;
  }
  void close() override {
    IoError ignored;
    socket_.close(ignored);
  }
  Peek peek() override {
    char byte = 0;
    const ssize_t size = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (size > 0) return Peek::kData;
    const bool is_empty = size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
    return is_empty ? Peek::kNothing : Peek::kClosed;
  }
  bool is_secure() const override { return false; }
  Socket& socket() override { return socket_; }

 private:
  Socket socket_;
};

}  // namespace

std::unique_ptr<Transport> plain_transport(Socket socket) {
  return std::make_unique<PlainTransport>(std::move(socket));
}

}  // namespace katip::http
