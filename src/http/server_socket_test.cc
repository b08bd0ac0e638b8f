#include <mutex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/testing/server_fixture.h"
#include "http/testing/socket_client_frame.h"
#include "http/wire/socket_frame.h"

namespace katip::http {
namespace {

using std::chrono::milliseconds;
using testing::Client;
using testing::client_frame;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class ServerSocketTest : public testing::ServerTest {
 protected:
  void restart(const ServerOptions& options) {
    server_->stop();
    start(options);
  }
  std::string handshake(const std::string& fields = "") {
    return "GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
           fields + "\r\n";
  }
  void open(Client& client) {
    client.send(handshake());
    EXPECT_THAT(client.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 101 Switching Protocols\r\n"));
  }
  static std::string text(const std::string& payload) {
    return socket_frame(SocketOpcode::kText, payload);
  }
};

TEST_F(ServerSocketTest, MessagesGoBothWays) {
  Client client(server_->port());
  // The first message may come with the handshake.
  client.send(handshake("Sec-WebSocket-Protocol: other, echo\r\n") + client_frame(1, "one"));
  const std::string head = client.read_until("\r\n\r\n");
  EXPECT_THAT(head, HasSubstr("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
  EXPECT_THAT(head, HasSubstr("Sec-WebSocket-Protocol: echo\r\n"));
  EXPECT_EQ(client.read_until(text("one")), text("one"));
  client.send(client_frame(2, std::string(100'000, 'x')));
  EXPECT_EQ(client.read_until(text("100000 bytes")), text("100000 bytes"));
  EXPECT_TRUE(socket()->send_text("from elsewhere"));
  EXPECT_EQ(client.read_until(text("from elsewhere")), text("from elsewhere"));
  client.send(client_frame(9, "are you there"));
  const std::string pong = socket_frame(SocketOpcode::kPong, "are you there");
  EXPECT_EQ(client.read_until(pong), pong);
  client.send(client_frame(8, "\x03\xE8"));
  EXPECT_EQ(client.read_all(), socket_close_frame(CloseCode::kNormal, ""));
  client.close();
  EXPECT_TRUE(waits_for([&] { return close_code_ == 1000; }));
  EXPECT_TRUE(waits_for([&] { return gate_.last_status == 101; }));
  EXPECT_FALSE(socket()->send_text("too late"));
}

TEST_F(ServerSocketTest, OrdinaryRequestsAreToldToUpgrade) {
  const std::string answer = get("/socket");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 426 Upgrade Required\r\n"));
  EXPECT_THAT(answer, HasSubstr("Upgrade: websocket\r\n"));
  const std::pair<std::string, std::string> refused[] = {
      {"Origin: https://evil.example\r\n", "403"},
      {"Authorization: Bearer wrong\r\n", "401"},
      {"X-Refuse: yes\r\n", "409"}};
  for (const auto& [field, status] : refused) {
    Client client(server_->port());
    client.send(handshake(field));
    EXPECT_THAT(client.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 " + status));
  }
}

TEST_F(ServerSocketTest, BadFramesAreToldWhy) {
  Client client(server_->port());
  open(client);
  client.send(client_frame(1, "\xFF"));
  EXPECT_THAT(client.read_all(),
              EndsWith(socket_close_frame(CloseCode::kBadText, "this cannot be read")));
  client.close();
  EXPECT_TRUE(waits_for([&] { return close_code_ == 1007; }));
  Client large(server_->port());
  open(large);
  large.send("\x82\xFF" + std::string("\0\0\0\0\x7F\xFF\xFF\xFF", 8) + "mask");
  EXPECT_THAT(large.read_all(),
              EndsWith(socket_close_frame(CloseCode::kTooLarge, "this cannot be read")));
}

TEST_F(ServerSocketTest, AHandlerThatThrowsEndsItsSocketOnly) {
  Client client(server_->port());
  open(client);
  client.send(client_frame(1, "throw"));
  const std::string goodbye = socket_close_frame(CloseCode::kInternal, "something went wrong here");
  EXPECT_EQ(client.read_until(goodbye), goodbye);
  EXPECT_THAT(get("/hello"), EndsWith("hello 0"));
}

TEST_F(ServerSocketTest, TheServerMaySayGoodbye) {
  Client client(server_->port());
  open(client);
  client.send(client_frame(1, "close"));
  const std::string goodbye = socket_close_frame(CloseCode::kPolicy, "enough");
  EXPECT_EQ(client.read_until(goodbye), text("last words") + goodbye);
  client.send(client_frame(1, "not heard") + client_frame(8, "\x03\xF0"));
  EXPECT_EQ(client.read_all(), "");
  client.close();
  EXPECT_TRUE(waits_for([&] { return close_code_ == 1008; }));
}

TEST_F(ServerSocketTest, WhoGoesAwayIsNoticed) {
  Client client(server_->port());
  open(client);
  client.close();
  EXPECT_TRUE(waits_for([&] { return close_code_ == 1006; }));
  EXPECT_TRUE(waits_for([&] { return server_->connection_count() == 0; }));
}

TEST_F(ServerSocketTest, AQuietSocketIsAskedAndOneThatDoesNotAnswerIsClosed) {
  restart({.silence_timeout = milliseconds(300), .socket_ping_interval = milliseconds(100)});
  Client client(server_->port());
  open(client);
  const std::string ping = socket_frame(SocketOpcode::kPing, "");
  for (int i = 0; i < 15; ++i) {
    EXPECT_EQ(client.read_until(ping), ping) << "who answers stays";
    client.send(client_frame(10, ""));
  }
  client.read_all();  // Says nothing any more.
  EXPECT_TRUE(waits_for([&] { return close_code_ == 1006; }));
}

TEST_F(ServerSocketTest, AReaderThatStopsIsGivenUp) {
  restart({.silence_timeout = milliseconds(300)});
  Client client(server_->port());
  open(client);
  const std::string piece(1 << 20, 'x');
  ASSERT_TRUE(waits_for([&] { return socket() != nullptr; }));
  ASSERT_TRUE(waits_for([&] { return !socket()->send_binary(piece); }));
  EXPECT_TRUE(waits_for([&] { return close_code_ == 1006; }));
}

TEST_F(ServerSocketTest, StopSaysGoodbyeAtOnce) {
  restart({});
  Client client(server_->port());
  open(client);
  std::jthread stopper([&] { server_->stop(); });
  const std::string goodbye = socket_close_frame(CloseCode::kGoingAway, "the server stops");
  EXPECT_EQ(client.read_until(goodbye), goodbye);
  client.send(client_frame(8, "\x03\xE9"));
  client.close();
  stopper.join();
  EXPECT_EQ(close_code_, 1001);
  EXPECT_FALSE(socket()->send_text("too late"));
}

TEST_F(ServerSocketTest, SendingAndGoingAwayAtTheSameTime) {
  for (int i = 0; i < 50; ++i) {
    close_code_ = 0;
    auto client = std::make_unique<Client>(server_->port());
    open(*client);
    std::jthread sender([&, target = socket()] {
      while (target->send_text("hello")) {
      }
    });
    client->send(client_frame(1, "one") + client_frame(9, "p"));
    client.reset();
  }
  EXPECT_TRUE(waits_for([&] { return server_->connection_count() == 0; }));
}

}  // namespace
}  // namespace katip::http
