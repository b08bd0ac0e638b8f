#include "http/server.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include <arpa/inet.h>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

namespace katip::http {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

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
    timeval limit{.tv_sec = 10, .tv_usec = 0};
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

 private:
  int descriptor_;
  bool is_connected_ = false;
  std::string received_;
};

class OpenGate final : public Gate {
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

/// A server with a route of each kind.
class ServerTest : public testing::Test {
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
    options.stop_grace = std::chrono::seconds(2);
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
    table.add({.path = "/events",
               .operation = "events",
               .handle_later = [this](Request&, std::shared_ptr<Exchange> exchange) {
                 auto stream = exchange->stream(text_response("", "text/event-stream"));
                 stream->write("data: 1\n\n");
                 stream_ = stream;
               }});
    table.add({.path = "/later",
               .operation = "later",
               .handle_later = [this](Request&, std::shared_ptr<Exchange> exchange) {
                 exchange->on_disconnect([this] { gone_ = true; });
                 exchange_ = std::move(exchange);
               }});
    return table;
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
  static bool waits_for(const std::function<bool()>& condition) {
    for (int i = 0; i < 500 && !condition(); ++i) {
      system_clock().sleep_for(std::chrono::milliseconds(10), {});
    }
    return condition();
  }

  OpenGate gate_;
  std::unique_ptr<Server> server_;
  std::filesystem::path folder_;
  std::shared_ptr<ResponseStream> stream_;
  std::shared_ptr<Exchange> exchange_;
  std::atomic<bool> gone_ = false;
};

TEST_F(ServerTest, AnswersWithWhatEveryAnswerHas) {
  const std::string answer = get("/hello?count=3", "X-Request-Id: abc-1\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("X-Request-Id: abc-1\r\n"));
  EXPECT_THAT(answer, HasSubstr("RateLimit: \"default\";r=9;t=60\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 7\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nhello 3"));
}

TEST_F(ServerTest, ARequestIdThatIsNoneIsReplaced) {
  EXPECT_THAT(get("/hello", "X-Request-Id: a b\r\n"), Not(HasSubstr("X-Request-Id: a b")));
}

TEST_F(ServerTest, KeepsTheConnectionForMoreRequests) {
  Client client(server_->port());
  for (int i = 1; i < 4; ++i) {
    client.send("GET /hello?count=" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(client.read_until("hello " + std::to_string(i)), HasSubstr("keep-alive"));
  }
}

TEST_F(ServerTest, AnswersRequestsThatCameAtOnceInTheirOrder) {
  Client client(server_->port());
  client.send(
      "GET /hello?count=1 HTTP/1.1\r\nHost: x\r\n\r\nGET /hello?count=2 HTTP/1.1\r\nHost: "
      "x\r\n\r\n");
  client.read_until("hello 1");
  EXPECT_THAT(client.read_until("hello 2"), StartsWith("HTTP/1.1 200"));
}

TEST_F(ServerTest, SaysWhatIsNotThere) {
  EXPECT_THAT(get("/nowhere"), HasSubstr("404 Not Found"));
  EXPECT_THAT(get("/v1/nowhere"), HasSubstr(R"("type":"not_found_error")"));
  const std::string answer = post("/hello", "text/plain", "x");
  EXPECT_THAT(answer, HasSubstr("405 Method Not Allowed"));
  EXPECT_THAT(answer, HasSubstr("Allow: GET, HEAD, OPTIONS\r\n"));
  EXPECT_THAT(get("/hello?count=10"), HasSubstr(R"("field":"count","message":"must be 1 to 9")"));
  EXPECT_THAT(get("/hello?cuont=1"), HasSubstr("Did you mean `count`?"));
  EXPECT_THAT(get("/hel%zz"), HasSubstr("400 Bad Request"));
}

TEST_F(ServerTest, AProblemIsOneWhereTheClientAsksForIt) {
  const std::string answer = get("/nowhere", "Accept: application/problem+json\r\n");
  EXPECT_THAT(answer, HasSubstr("Content-Type: application/problem+json\r\n"));
  EXPECT_THAT(answer, HasSubstr(R"("status":404)"));
}

TEST_F(ServerTest, HidesWhatBrokeInside) {
  const std::string answer = get("/broken");
  EXPECT_THAT(answer, HasSubstr("500 Internal Server Error"));
  EXPECT_THAT(answer, Not(HasSubstr("secret")));
}

TEST_F(ServerTest, ChecksJsonBodies) {
  EXPECT_THAT(post("/json", "application/json", R"({"name":"ada"})"),
              HasSubstr(R"("success":true,"data":{"name":"ada"})"));
  EXPECT_THAT(post("/json", "application/json", R"({"name":"too long"})"), HasSubstr("/name"));
  EXPECT_THAT(post("/json", "application/json", R"({"name":"a","x":1})"), HasSubstr("422"));
  EXPECT_THAT(post("/json", "application/json", "{"), HasSubstr("400 Bad Request"));
  EXPECT_THAT(post("/json", "text/plain", "{}"), HasSubstr("415 Unsupported Media Type"));
}

TEST_F(ServerTest, TakesAFormWithAFile) {
  const std::string body =
      "--b\r\nContent-Disposition: form-data; name=\"language\"\r\n\r\ntr\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n" +
      std::string(100'000, 'x') + "\r\n--b--\r\n";
  EXPECT_THAT(post("/form", "multipart/form-data; boundary=b", body), HasSubstr("a.wav 100000 "));
  EXPECT_THAT(post("/form", "multipart/form-data; boundary=b", "--b--\r\n"),
              HasSubstr(R"("field":"file","message":"is needed")"));
  EXPECT_THAT(post("/form", "multipart/form-data; boundary=b", body.substr(0, 500)),
              HasSubstr("400 Bad Request"));
  EXPECT_THAT(post("/form", "multipart/form-data", body), HasSubstr("400 Bad Request"));
  const auto left = std::distance(std::filesystem::directory_iterator(folder_), {});
  EXPECT_EQ(left, 1) << "files of forms must be gone";
}

TEST_F(ServerTest, TakesABodyPieceByPiece) {
  const std::string answer =
      ask("PATCH /stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: "
          "chunked\r\n\r\n5\r\nabcde\r\n3\r\nfgh\r\n0\r\n\r\n");
  EXPECT_THAT(answer, EndsWith("\r\n\r\n8"));
  const std::string refused = ask(
      "PATCH /stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 6\r\n\r\nrefuse");
  EXPECT_THAT(refused, HasSubstr("409 Conflict"));
}

TEST_F(ServerTest, AsksForTheBodyOnlyWhenItWillTakeIt) {
  Client client(server_->port());
  client.send(
      "PATCH /stream HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("abc");
  EXPECT_THAT(client.read_until("\r\n\r\n3"), StartsWith("HTTP/1.1 200"));
  Client refused(server_->port());
  refused.send(
      "PATCH /stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer wrong\r\nContent-Length: "
      "99999999\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(refused.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 401"));
}

TEST_F(ServerTest, RefusesABodyThatIsTooLargeBeforeItIsSent) {
  EXPECT_THAT(ask("POST /json HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                  "Connection: close\r\nContent-Length: 2000000\r\n\r\n{"),
              HasSubstr("413 Content Too Large"));
}

TEST_F(ServerTest, SendsPartsOfFiles) {
  EXPECT_THAT(get("/file"), EndsWith("\r\n\r\n0123456789"));
  const std::string part = get("/file", "Range: bytes=2-4\r\n");
  EXPECT_THAT(part, HasSubstr("206 Partial Content"));
  EXPECT_THAT(part, HasSubstr("Content-Range: bytes 2-4/10\r\n"));
  EXPECT_THAT(part, EndsWith("\r\n\r\n234"));
  EXPECT_THAT(get("/file", "Range: bytes=10-\r\n"), HasSubstr("416 Range Not Satisfiable"));
}

TEST_F(ServerTest, SaysWhenNothingHasChanged) {
  const std::string answer = get("/hello");
  const std::size_t at = answer.find("ETag: ") + 6;
  const std::string tag = answer.substr(at, answer.find("\r\n", at) - at);
  EXPECT_THAT(get("/hello", "If-None-Match: " + tag + "\r\n"), HasSubstr("304 Not Modified"));
}

TEST_F(ServerTest, StreamsWhatComesLater) {
  Client client(server_->port());
  client.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.read_until("data: 1\n\n"), HasSubstr("text/event-stream"));
  EXPECT_TRUE(stream_->write("data: 2\n\n"));
  client.read_until("data: 2\n\n");
  stream_->finish();
  client.read_until("0\r\n\r\n");
  client.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.read_until("hello 0"), HasSubstr("200 OK"));
}

TEST_F(ServerTest, AStreamEndsWhenNobodyListens) {
  Client client(server_->port());
  client.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  client.read_until("data: 1\n\n");
  client.close();
  EXPECT_TRUE(waits_for([&] { return !stream_->write("data: x\n\n"); }));
}

TEST_F(ServerTest, AStreamThatBreaksOffIsNoWholeOne) {
  Client client(server_->port());
  client.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  client.read_until("data: 1\n\n");
  stream_.reset();
  EXPECT_THAT(client.read_all(), Not(HasSubstr("0\r\n\r\n")));
}

TEST_F(ServerTest, AnswersLater) {
  Client client(server_->port());
  client.send("GET /later HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  ASSERT_TRUE(waits_for([&] { return exchange_ != nullptr; }));
  exchange_->respond(text_response("at last"));
  EXPECT_THAT(client.read_all(), EndsWith("at last"));
  EXPECT_FALSE(gone_);
}

TEST_F(ServerTest, TellsWhenTheClientGoesAway) {
  Client client(server_->port());
  client.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(waits_for([&] { return exchange_ != nullptr; }));
  client.close();
  EXPECT_TRUE(waits_for([&] { return gone_.load(); }));
  EXPECT_TRUE(waits_for([&] { return gate_.last_status == 499; }));
}

TEST_F(ServerTest, AnExchangeThatIsForgottenIsA500) {
  Client client(server_->port());
  client.send("GET /later HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  ASSERT_TRUE(waits_for([&] { return exchange_ != nullptr; }));
  exchange_.reset();
  EXPECT_THAT(client.read_all(), HasSubstr("500 Internal Server Error"));
}

TEST_F(ServerTest, RefusesWhatTwoReadersCouldReadDifferently) {
  const std::vector<std::string> requests = {
      "GET /hello HTTP/1.1\r\n\r\n",
      "GET /hello HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
      "POST /json HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: "
      "chunked\r\n\r\n0\r\n\r\n",
      "POST /json HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: "
      "5\r\n\r\n0\r\n\r\n",
      "POST /json HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
      "POST /json HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
      "POST /json HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\nhello",
      "POST /json HTTP/1.1\r\nHost: x\r\nContent-Length: 0x5\r\n\r\nhello",
      "POST /json HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, identity\r\n\r\nhello",
      "POST /json HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
      "GET /hello HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n",
      "GET /hello HTTP/1.1\nHost: x\n\n",
      "GET /hello HTTP/2.7\r\nHost: x\r\n\r\n",
      "GET  /hello HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /hello\r\n\r\n",
      "\x16\x03\x01\x02\r\n\r\n",
  };
  for (const std::string& request : requests) {
    const std::string answer = ask(request);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 ")) << request;
    EXPECT_EQ(answer.find("HTTP/1.1", 1), answer.npos) << "one answer only: " << request;
  }
}

TEST_F(ServerTest, RefusesAHeadThatIsTooLarge) {
  const std::string answer =
      ask("GET /hello HTTP/1.1\r\nHost: x\r\nA: " + std::string(64 << 10, 'a') + "\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 431 "));
}

TEST_F(ServerTest, ClosesThoseWhoAreTooSlow) {
  server_->stop();
  start({.header_timeout = std::chrono::milliseconds(300)});
  Client client(server_->port());
  client.send("GET /hello HTTP/1.1\r\nHo");
  EXPECT_EQ(client.read_all(), "");
}

TEST_F(ServerTest, AnswersBrowsersThatAskFirst) {
  server_->stop();
  start({.cors_origins = {"https://app.example"}});
  const std::string preflight =
      "OPTIONS /json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
      "Access-Control-Request-Method: POST\r\nOrigin: ";
  EXPECT_THAT(ask(preflight + "https://app.example\r\n\r\n"),
              HasSubstr("Access-Control-Allow-Origin: https://app.example\r\n"));
  EXPECT_THAT(ask(preflight + "https://evil.example\r\n\r\n"),
              Not(HasSubstr("Access-Control-Allow-Origin")));
}

TEST_F(ServerTest, StopsWhileSomebodyWaits) {
  Client idle(server_->port());
  Client waiting(server_->port());
  waiting.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(waits_for([&] { return exchange_ != nullptr; }));
  server_->stop();
  EXPECT_EQ(server_->connection_count(), 0);
  exchange_->respond(text_response("too late"));
}

TEST_F(ServerTest, APortThatIsTakenIsAClearError) {
  auto second = Server::create({.port = server_->port()}, RouteTable(), gate_, nullptr);
  ASSERT_TRUE(second);
  const Status started = (*second)->start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, ErrorCode::kConflict);
  EXPECT_THAT(started.error().message, HasSubstr("--port"));
}

}  // namespace
}  // namespace katip::http
