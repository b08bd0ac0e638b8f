#include <chrono>
#include <fstream>
#include <numeric>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/testing/server_fixture.h"

/// Clients that are slow, large, many or of another time.
namespace katip::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::Client;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::kLargeSize;
using ::testing::Not;
using ::testing::StartsWith;

class ServerLimitsTest : public testing::ServerTest {
 protected:
  void restart(const ServerOptions& options) {
    server_->stop();
    start(options);
  }
  /// Bytes of this process that are in memory.
  static std::int64_t memory_size() {
    std::ifstream file("/proc/self/statm");
    std::int64_t total = 0;
    std::int64_t resident = 0;
    file >> total >> resident;
    return resident * ::sysconf(_SC_PAGESIZE);
  }
};

TEST_F(ServerLimitsTest, ChunksThatComeByteByByteAreRead) {
  Client client(server_->port());
  const std::string message =
      "PATCH /stream HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5;a=b\r\nabcde\r\nA\r\n0123456789\r\n0\r\nX-Trailer: y\r\n\r\n";
  for (const char byte : message) client.send(std::string(1, byte));
  EXPECT_THAT(client.read_until("\r\n\r\n15"), StartsWith("HTTP/1.1 200"));
  client.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  client.read_until("hello 0");
}

TEST_F(ServerLimitsTest, AHalfChunkHeadHoldsNobodyUp) {
  Client half(server_->port());
  half.send("PATCH /stream HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5");
  Client other_half(server_->port());
  other_half.send("PATCH /stream HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r");
  for (int i = 0; i < 4; ++i) EXPECT_THAT(get("/hello"), EndsWith("hello 0"));
  half.send("\r\nabcde\r\n0\r\n\r\n");
  EXPECT_THAT(half.read_until("\r\n\r\n5"), StartsWith("HTTP/1.1 200"));
}

TEST_F(ServerLimitsTest, AChunkHeadHasALimit) {
  Client client(server_->port());
  client.send("PATCH /stream HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;");
  for (int i = 0; i < 64; ++i) client.send(std::string(16 << 10, 'x'));
  EXPECT_THAT(client.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 400"));
}

TEST_F(ServerLimitsTest, ABodyThatStallsIsGivenUp) {
  restart({.silence_timeout = milliseconds(300)});
  Client client(server_->port());
  client.send("PATCH /stream HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_EQ(client.read_all(), "");
  EXPECT_TRUE(waits_for([&] { return gate_.last_status == 499; }));
}

TEST_F(ServerLimitsTest, ABodyThatDripsIsGivenUp) {
  restart({.silence_timeout = milliseconds(5'000),
           .body_grace = milliseconds(500),
           .body_rate_min = 1'000});
  Client client(server_->port());
  client.send("PATCH /stream HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n");
  const auto begin = steady_clock::now();
  while (server_->connection_count() > 0 && steady_clock::now() - begin < milliseconds(4'000)) {
    client.send("x");  // Twenty bytes a second.
    system_clock().sleep_for(milliseconds(50), {});
  }
  EXPECT_LT(steady_clock::now() - begin, milliseconds(3'000));
}

TEST_F(ServerLimitsTest, AHeadThatDripsIsGivenUp) {
  restart({.header_timeout = milliseconds(300)});
  Client client(server_->port());
  client.send("GET /hello HTTP/1.1\r\n");
  const auto begin = steady_clock::now();
  while (server_->connection_count() > 0 && steady_clock::now() - begin < milliseconds(10'000)) {
    client.send("X-A: b\r\n");
    system_clock().sleep_for(milliseconds(50), {});
  }
  EXPECT_EQ(server_->connection_count(), 0) << "headers that never end hold no connection";
}

TEST_F(ServerLimitsTest, WhoComesWhenAllPlacesAreTakenWaits) {
  restart({.connection_count_max = 2});
  Client first(server_->port());
  Client second(server_->port());
  for (Client* client : {&first, &second}) {
    client->send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    client->read_until("hello 0");
  }
  Client third(server_->port());
  third.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  system_clock().sleep_for(milliseconds(200), {});
  EXPECT_EQ(server_->connection_count(), 2);
  first.close();
  EXPECT_THAT(third.read_until("hello 0"), StartsWith("HTTP/1.1 200"));
}

TEST_F(ServerLimitsTest, AReaderThatStopsIsGivenUp) {
  restart({.silence_timeout = milliseconds(500)});
  Client client(server_->port());
  client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  client.read_until("\r\n\r\n");
  EXPECT_TRUE(waits_for([&] { return server_->connection_count() == 0; }));
  EXPECT_LT(client.read_all().size(), kLargeSize);
}

TEST_F(ServerLimitsTest, AReaderThatIsSlowGetsEverything) {
  restart({.silence_timeout = milliseconds(800)});
  Client client(server_->port());
  const int size = 64 << 10;
  ::setsockopt(client.descriptor(), SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
  client.send("GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  std::size_t received = 0;
  std::string buffer(1 << 20, '\0');
  const auto begin = steady_clock::now();
  for (ssize_t got = 1; got > 0 && received < kLargeSize;) {
    got = ::recv(client.descriptor(), buffer.data(), buffer.size(), MSG_WAITALL);
    received += static_cast<std::size_t>(std::max<ssize_t>(got, 0));
    system_clock().sleep_for(milliseconds(60), {});
  }
  EXPECT_GE(received, kLargeSize);
  EXPECT_GT(steady_clock::now() - begin, milliseconds(1'000)) << "longer than one silence";
}

TEST_F(ServerLimitsTest, AStreamThatIsNotReadBreaksOffAndHasNoHoles) {
  Client client(server_->port());
  client.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  client.read_until("data: 1\n\n");
  const std::string piece(1 << 20, 'x');
  ASSERT_TRUE(waits_for([&] { return !stream_->write(piece); }));
  EXPECT_FALSE(stream_->write("y")) << "nothing that comes later is sent";
  stream_->finish();
  const std::string rest = client.read_all();
  EXPECT_FALSE(rest.contains('y'));
  EXPECT_FALSE(rest.ends_with("0\r\n\r\n")) << "a part is not the whole";
}

TEST_F(ServerLimitsTest, UploadsTakeConstantMemory) {
  constexpr std::int64_t kSize = 256LL << 20;
  Client client(server_->port());
  client.send(
      fmt::format("PATCH /stream HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", kSize));
  const std::string piece(1 << 20, 'x');
  client.send(piece);
  const std::int64_t before = memory_size();
  std::int64_t peak = before;
  for (std::int64_t sent = 1 << 20; sent < kSize; sent += 1 << 20) {
    client.send(piece);
    peak = std::max(peak, memory_size());
  }
  EXPECT_THAT(client.read_until(fmt::format("\r\n\r\n{}", kSize)), StartsWith("HTTP/1.1 200"));
  EXPECT_LT(peak - before, 32 << 20);
}

TEST_F(ServerLimitsTest, TenThousandRequestsAtOnceAreAnsweredInTheirOrder) {
  constexpr int kCount = 10'000;
  Client client(server_->port());
  std::jthread sender([&] {
    std::string all;
    for (int i = 0; i < kCount; ++i) {
      all += fmt::format("GET /hello?count={} HTTP/1.1\r\nHost: x\r\n\r\n", i % 9 + 1);
    }
    client.send(all);
  });
  Client* reader = &client;
  for (int i = 0; i < kCount; ++i) {
    const std::string answer = reader->read_until(fmt::format("hello {}", i % 9 + 1));
    ASSERT_THAT(answer, StartsWith("HTTP/1.1 200")) << i;
    ASSERT_LT(answer.size(), 600U) << "an answer was left out before " << i;
  }
}

TEST_F(ServerLimitsTest, ManyConnectionsAtOnce) {
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 400; ++i) clients.push_back(std::make_unique<Client>(server_->port()));
  for (const auto& client : clients) client->send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  for (const auto& client : clients) {
    EXPECT_THAT(client->read_until("hello 0"), StartsWith("HTTP/1.1 200"));
  }
  clients.clear();
  EXPECT_TRUE(waits_for([&] { return server_->connection_count() == 0; }));
}

TEST_F(ServerLimitsTest, OldClientsAreAnsweredAndClosed) {
  EXPECT_THAT(ask("GET /hello HTTP/1.0\r\n\r\n"), EndsWith("hello 0"));
  Client client(server_->port());
  client.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(client.read_until("hello 0"), HasSubstr("Connection: keep-alive\r\n"));
  client.send("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_THAT(client.read_all(), EndsWith("hello 0"));
}

TEST_F(ServerLimitsTest, OldClientsGetStreamsWithoutChunks) {
  Client client(server_->port());
  client.send("GET /events HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const std::string head = client.read_until("\r\n\r\n");
  EXPECT_THAT(head, Not(HasSubstr("Transfer-Encoding")));
  EXPECT_THAT(head, HasSubstr("Connection: close\r\n"));
  EXPECT_EQ(client.read_until("data: 1\n\n"), "data: 1\n\n");
  stream_->write("end");
  stream_->finish();
  EXPECT_EQ(client.read_all(), "end");
}

TEST_F(ServerLimitsTest, OldClientsAreNotToldToContinue) {
  Client client(server_->port());
  client.send("PATCH /stream HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc");
  EXPECT_THAT(client.read_all(), StartsWith("HTTP/1.1 200 OK"));
}

TEST_F(ServerLimitsTest, HeadHasNoBody) {
  const auto head = [&](const std::string& target) {
    return ask("HEAD " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  };
  EXPECT_THAT(head("/hello"), EndsWith("\r\n\r\n"));
  EXPECT_THAT(head("/hello"), HasSubstr("Content-Length: 7\r\n"));
  EXPECT_THAT(head("/file"), EndsWith("\r\n\r\n"));
  EXPECT_THAT(head("/file"), HasSubstr("Content-Length: 10\r\n"));
  EXPECT_THAT(head("/nowhere"), EndsWith("\r\n\r\n"));
  EXPECT_THAT(head("/events"), EndsWith("\r\n\r\n"));
  Client client(server_->port());
  client.send("HEAD /file HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  client.read_until("\r\n\r\n");
  EXPECT_THAT(client.read_until("hello 0"), StartsWith("HTTP/1.1 200"));
}

TEST_F(ServerLimitsTest, WhoWaitsToBeAskedForABodyThatIsRefusedGetsTheAnswerAtOnce) {
  const auto begin = steady_clock::now();
  Client client(server_->port());
  client.send(
      "PATCH /stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer wrong\r\nContent-Length: 9\r\n"
      "Expect: 100-continue\r\n\r\n");
  EXPECT_THAT(client.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 401"));
  EXPECT_LT(steady_clock::now() - begin, milliseconds(2'000));
}

TEST_F(ServerLimitsTest, WhatBreaksLaterIsA500AndNotTheEnd) {
  const std::string answer = get("/broken-later");
  EXPECT_THAT(answer, HasSubstr("500 Internal Server Error"));
  EXPECT_THAT(answer, Not(HasSubstr("secret")));
  EXPECT_THAT(get("/hello"), EndsWith("hello 0"));
}

TEST_F(ServerLimitsTest, AnOverloadedServerSaysSo) {
  restart({.work_thread_count = 1, .work_waiting_max = 0});
  EXPECT_THAT(get("/hello"), HasSubstr("503 Service Unavailable"));
  EXPECT_THAT(get("/later"), HasSubstr("Retry-After: 2\r\n"));
  EXPECT_THAT(get("/nowhere"), HasSubstr("404 Not Found")) << "that needs no thread";
}

TEST_F(ServerLimitsTest, StopsWhileAStreamIsOpen) {
  Client client(server_->port());
  client.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  client.read_until("data: 1\n\n");
  std::jthread stopper([&] { server_->stop(); });
  EXPECT_THAT(client.read_all(), Not(HasSubstr("0\r\n\r\n")));
  stopper.join();
  EXPECT_EQ(server_->connection_count(), 0);
  EXPECT_FALSE(stream_->write("too late"));
}

TEST_F(ServerLimitsTest, StopLetsWhatIsInHandFinish) {
  restart({});
  Client client(server_->port());
  client.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(waits_for([&] { return has_exchange(); }));
  std::jthread stopper([&] { server_->stop(); });
  system_clock().sleep_for(milliseconds(100), {});
  exchange_->respond(text_response("just in time"));
  EXPECT_THAT(client.read_until("just in time"), HasSubstr("Connection: close\r\n"));
  client.close();
  stopper.join();
}

TEST_F(ServerLimitsTest, StopsTwiceAndWithoutAStart) {
  server_->stop();
  server_->stop();
  auto never = Server::create({.port = 0}, RouteTable(), gate_, nullptr);
  ASSERT_TRUE(never);
  (*never)->stop();
}

TEST_F(ServerLimitsTest, AnswersAndGoingAwayAtTheSameTime) {
  for (int i = 0; i < 200; ++i) {
    Client client(server_->port());
    client.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
    ASSERT_TRUE(waits_for([&] { return has_exchange(); }));
    const auto exchange = take_exchange();
    std::jthread answerer([&] { exchange->respond(text_response("x")); });
    client.close();
  }
  EXPECT_TRUE(waits_for([&] { return server_->connection_count() == 0; }));
}

}  // namespace
}  // namespace katip::http
