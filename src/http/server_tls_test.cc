#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/subprocess.h"
#include "http/testing/server_fixture.h"

namespace katip::http {
namespace {

using testing::Client;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::kLargeSize;
using ::testing::StartsWith;

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct FreeTls {
  void operator()(SSL* tls) const { SSL_free(tls); }
};

/// TLS over a connection.
class TlsClient {
 public:
  explicit TlsClient(int port, int version_max = TLS1_3_VERSION)
      : client_(port), context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_max_proto_version(context_.get(), version_max);
    tls_.reset(SSL_new(context_.get()));
    SSL_set_fd(tls_.get(), client_.descriptor());
    is_open_ = SSL_connect(tls_.get()) == 1;
  }
  [[nodiscard]] bool is_open() const { return is_open_; }
  void send(const std::string& bytes) {
    EXPECT_EQ(SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size())),
              static_cast<int>(bytes.size()));
  }
  std::string read_until(const std::string& wanted) {
    std::string text;
    char buffer[16'384];
    while (!text.contains(wanted)) {
      const int size = SSL_read(tls_.get(), buffer, sizeof(buffer));
      if (size <= 0) break;
      text.append(buffer, static_cast<std::size_t>(size));
    }
    return text;
  }
  std::string read_all() { return read_until("\x01 no text has this"); }
  void close() { client_.close(); }

 private:
  Client client_;
  std::unique_ptr<SSL_CTX, FreeContext> context_;
  std::unique_ptr<SSL, FreeTls> tls_;
  bool is_open_ = false;
};

class ServerTlsTest : public testing::ServerTest {
 protected:
  void SetUp() override {
    ServerTest::SetUp();
    server_->stop();
    key_ = (folder_ / "key.pem").string();
    certificate_ = (folder_ / "certificate.pem").string();
    const auto made = run_subprocess(
        {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", key_, "-out", certificate_},
        std::chrono::seconds(30), {});
    ASSERT_TRUE(made) << made.error().message;
    ASSERT_EQ(made->exit_code, 0) << made->output;
    start({.tls_certificate = certificate_, .tls_key = key_});
  }
  std::string key_;
  std::string certificate_;
};

TEST_F(ServerTlsTest, AnswersAsWithout) {
  TlsClient client(server_->port());
  ASSERT_TRUE(client.is_open());
  client.send("GET /hello?count=1 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.read_until("hello 1"), StartsWith("HTTP/1.1 200"));
  client.send(
      "GET /hello?count=2 HTTP/1.1\r\nHost: x\r\n\r\nGET /hello?count=3 HTTP/1.1\r\nHost: x\r\n"
      "Connection: close\r\n\r\n");
  const std::string both = client.read_all();
  EXPECT_THAT(both, HasSubstr("hello 2"));
  EXPECT_THAT(both, EndsWith("hello 3"));
}

TEST_F(ServerTlsTest, SpeaksNothingOlderThan12) {
  EXPECT_TRUE(TlsClient(server_->port(), TLS1_2_VERSION).is_open());
  EXPECT_FALSE(TlsClient(server_->port(), TLS1_1_VERSION).is_open());
  ERR_clear_error();
}

TEST_F(ServerTlsTest, LargeThingsGoBothWays) {
  TlsClient client(server_->port());
  client.send("GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_GT(client.read_all().size(), kLargeSize);
  TlsClient sender(server_->port());
  sender.send("PATCH /stream HTTP/1.1\r\nHost: x\r\nContent-Length: 8388608\r\n\r\n");
  for (int i = 0; i < 128; ++i) sender.send(std::string(64 << 10, 'x'));
  EXPECT_THAT(sender.read_until("\r\n\r\n8388608"), StartsWith("HTTP/1.1 200"));
}

TEST_F(ServerTlsTest, StreamsAndTellsWhoGoesAway) {
  TlsClient client(server_->port());
  client.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.read_until("data: 1\n\n"), HasSubstr("text/event-stream"));
  EXPECT_TRUE(stream_->write("data: 2\n\n"));
  client.read_until("data: 2\n\n");
  client.close();
  EXPECT_TRUE(waits_for([&] { return !stream_->write("data: x\n\n"); }));
  TlsClient waiting(server_->port());
  waiting.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(waits_for([&] { return has_exchange(); }));
  waiting.close();
  EXPECT_TRUE(waits_for([&] { return gone_.load(); }));
}

TEST_F(ServerTlsTest, ThoseWhoSpeakNoTlsAreClosed) {
  Client plain(server_->port());
  plain.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(plain.read_all(), ::testing::Not(HasSubstr("hello")));
  Client silent(server_->port());
  Client hasty(server_->port());
  hasty.send("\x16\x03\x01");
  hasty.close();
  TlsClient good(server_->port());
  good.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(good.read_until("hello 0"), StartsWith("HTTP/1.1 200"));
}

TEST_F(ServerTlsTest, StopsWhileAnAnswerIsAwaited) {
  TlsClient client(server_->port());
  client.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(waits_for([&] { return has_exchange(); }));
  server_->stop();
  EXPECT_EQ(server_->connection_count(), 0);
  take_exchange()->respond(text_response("too late"));
}

TEST_F(ServerTlsTest, ACertificateThatCannotBeUsedIsAClearError) {
  const auto error_of = [&](const std::string& certificate, const std::string& key) {
    auto server = Server::create({.tls_certificate = certificate, .tls_key = key}, RouteTable(),
                                 gate_, nullptr);
    return server ? std::string() : server.error().message;
  };
  EXPECT_THAT(error_of(certificate_, ""), HasSubstr("both"));
  EXPECT_THAT(error_of("/none.pem", key_), HasSubstr("/none.pem"));
  EXPECT_THAT(error_of(certificate_, "/none.pem"), HasSubstr("/none.pem"));
  EXPECT_THAT(error_of(certificate_, certificate_), HasSubstr(certificate_));
}

}  // namespace
}  // namespace katip::http
