#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/server.h"

/// A server with a route of each kind, and a client that says what it is told to, byte for byte.
namespace katip::http::testing {

/// A connection that says what it is told to, byte for byte.
class Client {
 public:
  explicit Client(int port) : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_connected_ =
        ::connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
    timeval limit{.tv_sec = 30, .tv_usec = 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  }
  ~Client() { close(); }

  void close() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }
  void send(const std::string& bytes) const {
    for (std::size_t sent = 0; sent < bytes.size();) {
      const ssize_t size =
          ::send(descriptor_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (size <= 0) return;
      sent += static_cast<std::size_t>(size);
    }
  }
  /// Until the text has come, or the end.
  std::string read_until(const std::string& wanted) {
    while (!received_.contains(wanted)) {
      char buffer[4096];
      const ssize_t size = ::recv(descriptor_, buffer, sizeof(buffer), 0);
      if (size <= 0) break;
      received_.append(buffer, static_cast<std::size_t>(size));
    }
    const std::size_t end = std::min(received_.find(wanted), received_.size() - wanted.size());
    const std::string text = received_.substr(0, end + wanted.size());
    received_.erase(0, text.size());
    return text;
  }
  std::string read_all() {
    char buffer[4096];
    for (ssize_t size = 0; (size = ::recv(descriptor_, buffer, sizeof(buffer), 0)) > 0;) {
      received_.append(buffer, static_cast<std::size_t>(size));
    }
    return std::exchange(received_, {});
  }
  [[nodiscard]] bool is_connected() const { return is_connected_; }
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
  bool is_connected_ = false;
  std::string received_;
};

class TestGate final : public Gate {
 public:
  std::expected<Headers, Failure> admit(Request& request, const Route&) override {
    if (request.headers.get("Authorization") == "Bearer wrong") {
      return std::unexpected(Failure(Error{ErrorCode::kUnauthenticated, "who are you?"}));
    }
    return Headers{{"RateLimit", "\"default\";r=9;t=60"}};
  }
  void on_answered(const RequestRecord& record) override { last_status = record.status; }
  std::atomic<int> last_status = 0;
};

class CountingSink final : public BodySink {
 public:
  Status write(std::string_view bytes) override {
    size_ += bytes.size();
    if (bytes.contains("refuse")) return fail(ErrorCode::kConflict, "not this");
    return {};
  }
  Answer finish() override { return text_response(std::to_string(size_)); }

 private:
  std::size_t size_ = 0;
};

class EchoHandler final : public SocketHandler {
 public:
  EchoHandler(std::shared_ptr<SocketSender> sender, std::atomic<int>& close_code)
      : sender_(std::move(sender)), close_code_(close_code) {}
  void on_text(std::string_view text) override {
    if (text == "throw") throw std::runtime_error("a secret of the house");
    sender_->send_text(text == "close" ? "last words" : text);
    if (text == "close") sender_->close(CloseCode::kPolicy, "enough");
  }
  void on_binary(std::string_view bytes) override {
    sender_->send_text(std::to_string(bytes.size()) + " bytes");
  }
  void on_close(CloseCode code) override { close_code_ = static_cast<int>(code); }

 private:
  const std::shared_ptr<SocketSender> sender_;
  std::atomic<int>& close_code_;
};

/// Bytes of the answer of /large: more than the buffers of a connection hold.
inline constexpr std::size_t kLargeSize = 24 << 20;

/// A server with a route of each kind.
class ServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("http_test_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ / "file.txt") << "0123456789";
    start({});
  }
  void TearDown() override {
    server_->stop();
    std::filesystem::remove_all(folder_);
  }

  void start(ServerOptions options) {
    options.port = 0;
    options.temporary_dir = folder_;
    options.stop_grace = std::chrono::milliseconds(500);
    auto server = Server::create(options, routes(), gate_, nullptr);
    ASSERT_TRUE(server) << server.error().message;
    server_ = *std::move(server);
    const Status started = server_->start();
    ASSERT_TRUE(started) << started.error().message;
  }

  RouteTable routes() {
    RouteTable table;
    table.add({.path = "/hello",
               .operation = "hello",
               .summary = "",
               .tag = "",
               .parameters = {{.name = "count", .schema = Schema::integer().range(1, 9)}},
               .handle = [](Request& request) -> Answer {
                 return text_response("hello " +
                                      std::to_string(request.query_integer("count").value_or(0)));
               }});
    table.add({.path = "/file", .operation = "file", .handle = [this](Request&) -> Answer {
                 return Response{.status = 200,
                                 .headers = {{"Content-Type", "text/plain"}},
                                 .body = FileBody{folder_ / "file.txt"}};
               }});
    table.add({.path = "/large", .operation = "large", .handle = [](Request&) -> Answer {
                 return text_response(std::string(kLargeSize, 'x'), "audio/wav");
               }});
    table.add({.path = "/broken-later",
               .operation = "broken_later",
               .handle_later = [](Request&, std::shared_ptr<Exchange>) {
                 throw std::runtime_error("a secret of the house");
               }});
    table.add({.path = "/broken", .operation = "broken", .handle = [](Request&) -> Answer {
                 throw std::runtime_error("a secret of the house");
               }});
    table.add(
        {.method = Method::kPost,
         .path = "/json",
         .operation = "json",
         .body_kind = BodyKind::kJson,
         .body = Schema::object({{"name", Schema::string().length(1, 5), Need::kRequired}}),
         .handle = [](Request& request) -> Answer { return native_response(*request.json); }});
    table.add({.method = Method::kPost,
               .path = "/form",
               .operation = "form",
               .body_kind = BodyKind::kForm,
               .body = Schema::object({{"file", Schema::binary(), Need::kRequired},
                                       {"language", Schema::string().length(2, 2)}}),
               .body_size_max = 0,
               .handle = [](Request& request) -> Answer {
                 const UploadedFile* file = request.form.file("file");
                 return text_response(file->file_name() + " " + std::to_string(file->size) + " " +
                                      file->sha256.substr(0, 8));
               }});
    table.add({.method = Method::kPatch,
               .path = "/stream",
               .operation = "stream",
               .body_kind = BodyKind::kStream,
               .body_size_max = 0,
               .open_body = [](Request&) -> std::expected<std::unique_ptr<BodySink>, Failure> {
                 return std::make_unique<CountingSink>();
               }});
    add_later_routes(table);
    return table;
  }
  void add_later_routes(RouteTable& table) {
    table.add({.path = "/events",
               .operation = "events",
               .handle_later = [this](Request&, std::shared_ptr<Exchange> exchange) {
                 auto stream = exchange->stream(text_response("", "text/event-stream"));
                 stream_ = stream;
                 stream->write("data: 1\n\n");
               }});
    table.add({.path = "/socket",
               .operation = "socket",
               .open_socket = [this](Request& request, std::shared_ptr<SocketSender> sender)
                   -> std::expected<std::unique_ptr<SocketHandler>, Failure> {
                 if (request.headers.has("X-Refuse")) {
                   return std::unexpected(Failure(Error{ErrorCode::kConflict, "not you"}));
                 }
                 const std::scoped_lock lock(mutex_);
                 socket_ = sender;
                 return std::make_unique<EchoHandler>(std::move(sender), close_code_);
               },
               .socket_protocols = {"echo"}});
    table.add({.path = "/later",
               .operation = "later",
               .handle_later = [this](Request&, std::shared_ptr<Exchange> exchange) {
                 exchange->on_disconnect([this] { gone_ = true; });
                 const std::scoped_lock lock(mutex_);
                 exchange_ = std::move(exchange);
               }});
  }

  /// One request on a connection of its own.
  std::string ask(const std::string& bytes) {
    Client client(server_->port());
    client.send(bytes);
    return client.read_all();
  }
  std::string get(const std::string& target, const std::string& fields = "") {
    return ask("GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + fields + "\r\n");
  }
  std::string post(const std::string& target, const std::string& type, const std::string& body) {
    return ask("POST " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: " +
               type + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }
  bool has_exchange() {
    const std::scoped_lock lock(mutex_);
    return exchange_ != nullptr;
  }
  std::shared_ptr<Exchange> take_exchange() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(exchange_, nullptr);
  }
  std::shared_ptr<SocketSender> socket() {
    const std::scoped_lock lock(mutex_);
    return socket_;
  }
  static bool waits_for(const std::function<bool()>& condition) {
    for (int i = 0; i < 500 && !condition(); ++i) {
      system_clock().sleep_for(std::chrono::milliseconds(10), {});
    }
    return condition();
  }

  TestGate gate_;
  std::unique_ptr<Server> server_;
  std::filesystem::path folder_;
  std::shared_ptr<ResponseStream> stream_;
  std::mutex mutex_;
  std::shared_ptr<Exchange> exchange_;    // Under the lock until the test has seen it.
  std::shared_ptr<SocketSender> socket_;  // Under the lock.
  std::atomic<int> close_code_ = 0;       // Of the last socket that ended.
  std::atomic<bool> gone_ = false;
};

}  // namespace katip::http::testing
