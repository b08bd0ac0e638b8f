#include <cstring>

#include <boost/asio/error.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "http/server/transport.h"

/// OpenSSL reads and writes the descriptor itself, and Asio only tells when it is ready: an idle
/// connection then costs a fifth of what Asio's own stream with its buffers does.
///
/// Tested by server_test.cc.
namespace katip::http {
namespace {

namespace net = boost::asio;

constexpr std::size_t kRecordSizeMax = 16'384;

class TlsTransport final : public Transport {
 public:
  TlsTransport(Socket socket, SSL_CTX* context)
      : socket_(std::move(socket)), ssl_(SSL_new(context)) {
    IoError ignored;
    socket_.non_blocking(true, ignored);
    if (ssl_ == nullptr) return;  // No memory: handshake() says so.
    SSL_set_fd(ssl_, static_cast<int>(socket_.native_handle()));
    SSL_set_accept_state(ssl_);
  }
  ~TlsTransport() override { SSL_free(ssl_); }
  TlsTransport(const TlsTransport&) = delete;
  TlsTransport& operator=(const TlsTransport&) = delete;

  Awaitable<IoError> handshake() override {
    if (ssl_ == nullptr) co_return IoError(net::error::no_memory);
    while (true) {
      if (is_closed_) co_return IoError(net::error::operation_aborted);
      const int result = SSL_do_handshake(ssl_);
      if (result == 1) co_return IoError{};
      const IoError error = co_await wait(result);
      if (error) co_return error;
    }
  }
  Awaitable<IoError> idle() override {
    if (is_closed_) co_return IoError(net::error::operation_aborted);
    if (SSL_has_pending(ssl_) == 1) co_return IoError{};
    const auto [error] = co_await socket_.async_wait(Tcp::socket::wait_read, kAwait);
    co_return error;
  }
  Awaitable<IoResult> read_some(net::mutable_buffer buffer) override {
    while (true) {
      if (is_closed_) co_return IoResult{net::error::operation_aborted, 0};
      std::size_t size = 0;
      const int result = SSL_read_ex(ssl_, buffer.data(), buffer.size(), &size);
      if (result == 1) co_return IoResult{{}, size};
      const IoError error = co_await wait(result);
      if (error) co_return IoResult{error, 0};
    }
  }
  Awaitable<IoError> write(std::array<net::const_buffer, 2> buffers) override {
    std::string joined;  // Head and a small body in one record.
    if (buffers[0].size() + buffers[1].size() <= kRecordSizeMax && buffers[1].size() > 0) {
      joined.append(static_cast<const char*>(buffers[0].data()), buffers[0].size());
      joined.append(static_cast<const char*>(buffers[1].data()), buffers[1].size());
      buffers = {net::buffer(joined), net::const_buffer{}};
    }
    for (net::const_buffer left : buffers) {
      while (left.size() > 0) {
        if (is_closed_) co_return IoError(net::error::operation_aborted);
        std::size_t size = 0;
        const int result = SSL_write_ex(ssl_, left.data(), left.size(), &size);
        if (result == 1) {
          left += size;
          continue;
        }
        const IoError error = co_await wait(result);
        if (error) co_return error;
      }
    }
    co_return IoError{};
  }
  Awaitable<void> shutdown() override {
    if (is_closed_) co_return;
    SSL_shutdown(ssl_);
    ERR_clear_error();
    IoError ignored;
    socket_.shutdown(Tcp::socket::shutdown_send, ignored);
    co_return;
  }
  void close() override {
    is_closed_ = true;
    IoError ignored;
    socket_.close(ignored);
  }
  Peek peek() override {
    if (is_closed_) return Peek::kClosed;
    char byte = 0;
    std::size_t size = 0;
    const int result = SSL_peek_ex(ssl_, &byte, 1, &size);
    if (result == 1) return Peek::kData;
    const int reason = SSL_get_error(ssl_, result);
    ERR_clear_error();
    return reason == SSL_ERROR_WANT_READ ? Peek::kNothing : Peek::kClosed;
  }
  bool is_secure() const override { return true; }
  Socket& socket() override { return socket_; }

 private:
  Awaitable<IoError> wait(int result) {
    const int reason = SSL_get_error(ssl_, result);
    ERR_clear_error();
    if (reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE) {
      const auto kind =
          reason == SSL_ERROR_WANT_READ ? Tcp::socket::wait_read : Tcp::socket::wait_write;
      const auto [error] = co_await socket_.async_wait(kind, kAwait);
      co_return error;
    }
    co_return reason == SSL_ERROR_ZERO_RETURN ? IoError(net::error::eof)
                                              : IoError(net::error::connection_reset);
  }

  Socket socket_;
  SSL* ssl_;
  /// OpenSSL keeps the number of the descriptor, which may be another connection's by then.
  bool is_closed_ = false;
};

class LoadedContext final : public TlsContext {
 public:
  explicit LoadedContext(SSL_CTX* context) : context_(context) {}
  ~LoadedContext() override { SSL_CTX_free(context_); }
  std::unique_ptr<Transport> accept(Socket socket) const override {
    return std::make_unique<TlsTransport>(std::move(socket), context_);
  }

 private:
  SSL_CTX* context_;
};

std::string last_error() {
  char text[256] = {};
  ERR_error_string_n(ERR_get_error(), text, sizeof(text));
  ERR_clear_error();
  return text;
}

}  // namespace

Result<std::shared_ptr<const TlsContext>> TlsContext::load(const std::string& certificate_file,
                                                           const std::string& key_file) {
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  if (context == nullptr) return fail(ErrorCode::kInternal, "TLS: " + last_error());
  auto loaded = std::make_shared<LoadedContext>(context);
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  if (SSL_CTX_use_certificate_chain_file(context, certificate_file.c_str()) != 1) {
    return fail(ErrorCode::kInvalidArgument,
                "the TLS certificate " + certificate_file + " cannot be used: " + last_error());
  }
  if (SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    return fail(ErrorCode::kInvalidArgument,
                "the TLS key " + key_file + " cannot be used: " + last_error());
  }
  return loaded;
}

}  // namespace katip::http
