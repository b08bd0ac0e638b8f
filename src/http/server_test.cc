#include "http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/testing/server_fixture.h"

namespace katip::http {
namespace {

using testing::Client;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ServerTest;
using ::testing::StartsWith;

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
  EXPECT_THAT(get("/v1/models?a=%zz"), HasSubstr("\"type\":")) << "in the shape of its path";
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

TEST_F(ServerTest, AFormIsRefusedBeforeItIsSentWhenNoFieldsExplainItsSize) {
  const auto answer_to = [this](std::int64_t size) {
    Client client(server_->port());
    client.send(
        "POST /form HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: "
        "multipart/form-data; boundary=b\r\nExpect: 100-continue\r\nContent-Length: " +
        std::to_string(size) + "\r\n\r\n");
    return client.read_until("\r\n\r\n");
  };
  const std::int64_t file_size_max = ServerOptions().upload_size_max;
  EXPECT_THAT(answer_to(file_size_max + (20 << 20)), StartsWith("HTTP/1.1 100 Continue"));
  EXPECT_THAT(answer_to(file_size_max + (20 << 20) + 1), StartsWith("HTTP/1.1 413 "));
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
  ASSERT_TRUE(waits_for([&] { return has_exchange(); }));
  exchange_->respond(text_response("at last"));
  EXPECT_THAT(client.read_all(), EndsWith("at last"));
  EXPECT_FALSE(gone_);
}

TEST_F(ServerTest, TellsWhenTheClientGoesAway) {
  Client client(server_->port());
  client.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(waits_for([&] { return has_exchange(); }));
  client.close();
  EXPECT_TRUE(waits_for([&] { return gone_.load(); }));
  EXPECT_TRUE(waits_for([&] { return gate_.last_status == 499; }));
}

TEST_F(ServerTest, AnExchangeThatIsForgottenIsA500) {
  Client client(server_->port());
  client.send("GET /later HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  ASSERT_TRUE(waits_for([&] { return has_exchange(); }));
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
  ASSERT_TRUE(waits_for([&] { return has_exchange(); }));
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
