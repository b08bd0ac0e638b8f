#include "http/server/message_parser.h"

#include <array>

#include <gtest/gtest.h>

namespace katip::http {
namespace {

using Progress = MessageParser::Progress;

constexpr std::size_t kHeadSizeMax = 4'096;

struct Read {
  Progress head = Progress::kMore;
  Progress body = Progress::kMore;
  std::string text = {};
  std::string rest = {};  ///< What was not taken.
};

/// Feeds it `piece_size` bytes at a time, as a connection would: what is not taken comes again.
Read read(const std::string& message, std::size_t piece_size = 1'000'000) {
  MessageParser parser(kHeadSizeMax);
  Read result;
  std::string pending;
  std::size_t at = 0;
  const auto more = [&] {
    const std::size_t size = std::min(piece_size, message.size() - at);
    pending += message.substr(at, size);
    at += size;
    return size > 0;
  };
  while (result.head == Progress::kMore && more()) {
    const auto step = parser.read_head(pending);
    pending.erase(0, step.used);
    result.head = step.progress;
  }
  if (result.head != Progress::kDone) return result;
  result.body = parser.is_done() ? Progress::kDone : Progress::kMore;
  std::array<char, 7> out{};
  for (bool is_stuck = pending.empty(); result.body == Progress::kMore;) {
    if (is_stuck && !more()) break;
    const auto step = parser.read_body(pending, out);
    pending.erase(0, step.used);
    result.text.append(out.data(), step.size);
    result.body = step.progress;
    is_stuck = step.used == 0 && step.size == 0;
  }
  result.rest = pending + message.substr(at);
  return result;
}

TEST(MessageParserTest, ReadsAHeadInPiecesOfAnySize) {
  const std::string message =
      "POST /a?b HTTP/1.1\r\nHost: x\r\nX-Empty:\r\nX-A:  b c \r\nContent-Length: 3\r\n\r\nabcGET";
  for (std::size_t size = 1; size <= message.size(); ++size) {
    const Read done = read(message, size);
    EXPECT_EQ(done.head, Progress::kDone) << size;
    EXPECT_EQ(done.body, Progress::kDone) << size;
    EXPECT_EQ(done.text, "abc") << size;
    EXPECT_EQ(done.rest, "GET") << size;
  }
  MessageParser parser(kHeadSizeMax);
  ASSERT_EQ(parser.read_head(message).progress, Progress::kDone);
  EXPECT_EQ(parser.method(), "POST");
  EXPECT_EQ(parser.target(), "/a?b");
  EXPECT_EQ(parser.headers().get("x-a"), "b c");
  EXPECT_TRUE(parser.headers().has("X-Empty"));
  EXPECT_EQ(parser.body_size(), 3);
  EXPECT_TRUE(parser.has_body());
  EXPECT_TRUE(parser.is_kept_alive());
  EXPECT_FALSE(parser.is_http_1_0());
}

TEST(MessageParserTest, ReadsChunksInPiecesOfAnySize) {
  const std::string message =
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5;a=\"b\"\r\nhello\r\n00C\r\n, wide world\r\n0\r\nX-Trailer: y\r\n\r\nGET";
  for (std::size_t size = 1; size <= message.size(); ++size) {
    const Read done = read(message, size);
    EXPECT_EQ(done.body, Progress::kDone) << size;
    EXPECT_EQ(done.text, "hello, wide world") << size;
  }
}

TEST(MessageParserTest, ABodyMayBeAbsent) {
  const Read done = read("GET / HTTP/1.1\r\nHost: x\r\n\r\nrest");
  EXPECT_EQ(done.body, Progress::kDone);
  EXPECT_EQ(done.text, "");
  EXPECT_EQ(done.rest, "rest");
}

TEST(MessageParserTest, KnowsWhoKeepsTheConnection) {
  const auto is_kept = [](const std::string& head) {
    MessageParser parser(kHeadSizeMax);
    EXPECT_EQ(parser.read_head(head).progress, Progress::kDone);
    return parser.is_kept_alive();
  };
  EXPECT_FALSE(is_kept("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(is_kept("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
  EXPECT_FALSE(is_kept("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  EXPECT_FALSE(is_kept("GET / HTTP/1.1\r\nHost: x\r\nConnection: TE, Close\r\n\r\n"));
}

TEST(MessageParserTest, RefusesBodiesThatAreNone) {
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const char* body :
       {"g\r\n", "-1\r\n", "5\nhello\r\n", "5\r\nhelloXY\r\n", "5\r\nhello0\r\n\r\n",
        "fffffffffffffffff\r\n", "\r\n", " 5\r\nhello\r\n", "0\r\n\n", "0\r\nA: b\n\r\n",
        "0\r\nno colon\r\n", "0\r\n: b\r\n", "5\rhello\r\n", "5 \x01\r\n"}) {
    for (const std::size_t size : {std::size_t{1}, std::size_t{1'000}}) {
      EXPECT_EQ(read(head + body, size).body, Progress::kBad) << body << " " << size;
    }
  }
}

TEST(MessageParserTest, RefusesWhatTwoReadersCouldReadDifferently) {
  for (const char* message :
       {"GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
        "chunked\r\n\r\n",
        "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n\tc\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nA\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n",
        "GET / HTTP/1.1\r\n Host: x\r\n\r\n",
        "GET /\x01 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.2\r\nHost: x\r\n\r\n",
        "GET / HTTP/2.0\r\nHost: x\r\n\r\n",
        "GET / http/1.1\r\nHost: x\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"}) {
    for (const std::size_t size : {std::size_t{1}, std::size_t{1'000}}) {
      EXPECT_EQ(read(message, size).head, Progress::kBad) << message << " " << size;
    }
  }
}

TEST(MessageParserTest, NoHeadIsLargerThanItsLimit) {
  const std::string field(kHeadSizeMax, 'a');
  std::string many = "GET / HTTP/1.1\r\nHost: x\r\n";
  for (int i = 0; i < 1'000; ++i) many += "A: bbbbbbbb\r\n";
  for (const std::size_t size : {std::size_t{1}, std::size_t{100}, std::size_t{1'000'000}}) {
    EXPECT_EQ(read("GET / HTTP/1.1\r\nHost: x\r\nA: " + field + "\r\n\r\n", size).head,
              Progress::kHeadTooLarge)
        << size;
    EXPECT_EQ(read("GET /" + field + " HTTP/1.1\r\nHost: x\r\n\r\n", size).head,
              Progress::kHeadTooLarge)
        << size;
    EXPECT_EQ(read(many + "\r\n", size).head, Progress::kHeadTooLarge) << size;
  }
}

}  // namespace
}  // namespace katip::http
