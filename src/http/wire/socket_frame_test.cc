#include "http/wire/socket_frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/testing/socket_client_frame.h"

namespace katip::http {
namespace {

using Progress = SocketParser::Progress;
using testing::client_frame;
using ::testing::ElementsAre;

constexpr std::size_t kSizeMax = 70'000;

/// "opcode:payload" of all messages, and "bad:code" at the end of a bad stream.
std::vector<std::string> read(std::string_view bytes, std::size_t piece_size = 1'000'000) {
  SocketParser parser(kSizeMax);
  std::vector<std::string> all;
  while (!bytes.empty()) {
    std::string_view piece = bytes.substr(0, piece_size);
    bytes.remove_prefix(piece.size());
    while (true) {
      const SocketParser::Step step = parser.read(piece);
      piece.remove_prefix(step.used);
      if (step.progress == Progress::kBad) {
        all.push_back("bad:" + std::to_string(static_cast<int>(parser.problem())));
        return all;
      }
      if (step.progress == Progress::kMore) break;
      const int opcode = static_cast<int>(parser.opcode());
      const bool is_close = parser.opcode() == SocketOpcode::kClose;
      const int code = static_cast<int>(parser.close_code());
      const std::string payload = parser.take();
      all.push_back(std::to_string(opcode) + ":" + (is_close ? std::to_string(code) : payload));
    }
  }
  return all;
}

TEST(SocketFrameTest, TheKeyIsAnsweredAsTheStandardSays) {
  EXPECT_EQ(socket_accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  for (const char* bad : {"", "dGhlIHNhbXBsZQ==", "not base64 at all!!!!!!!", "AAAA"}) {
    EXPECT_FALSE(socket_accept_key(bad)) << bad;
  }
}

TEST(SocketFrameTest, FramesHaveTheSmallestHeadThatHoldsTheirSize) {
  EXPECT_EQ(socket_frame(SocketOpcode::kText, "Hello"), "\x81\x05Hello");
  EXPECT_EQ(socket_frame(SocketOpcode::kPing, ""), std::string("\x89\0", 2));
  EXPECT_EQ(socket_frame(SocketOpcode::kBinary, std::string(126, 'x')).substr(0, 4),
            std::string("\x82\x7E\0\x7E", 4));
  EXPECT_EQ(socket_frame(SocketOpcode::kBinary, std::string(65'535, 'x')).substr(0, 4),
            "\x82\x7E\xFF\xFF");
  EXPECT_EQ(socket_frame(SocketOpcode::kBinary, std::string(65'536, 'x')).substr(0, 10),
            std::string("\x82\x7F\0\0\0\0\0\1\0\0", 10));
}

TEST(SocketFrameTest, AGoodbyeIsCutWhereACharacterEnds) {
  EXPECT_EQ(socket_close_frame(CloseCode::kNormal, "bye"),
            "\x88\x05\x03\xE8"
            "bye");
  std::string reason(122, 'x');
  reason += "\xC3\xA7";
  const std::string frame = socket_close_frame(CloseCode::kPolicy, reason);
  EXPECT_EQ(frame.size(), 2U + 2U + 122U);
}

TEST(SocketParserTest, ReadsMessagesInPiecesOfAnySize) {
  const std::string large(66'000, 'y');
  const std::string bytes = client_frame(1, "Hello") + client_frame(2, "") +
                            client_frame(1, std::string(126, 'x')) + client_frame(9, "ping") +
                            client_frame(2, large) +
                            client_frame(8,
                                         "\x03\xE8"
                                         "bye");
  const std::vector<std::string> expected = {"1:Hello", "2:",         "1:" + std::string(126, 'x'),
                                             "9:ping",  "2:" + large, "8:1000"};
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{1'000}, bytes.size()}) {
    EXPECT_EQ(read(bytes, size), expected) << size;
  }
}

TEST(SocketParserTest, PutsFragmentsTogetherWithControlFramesBetween) {
  const std::string bytes = client_frame(1, "\xC3", false) + client_frame(9, "p") +
                            client_frame(0, "\xA7", false) + client_frame(0, "a") +
                            client_frame(2, "b");
  for (std::size_t size = 1; size <= bytes.size(); ++size) {
    EXPECT_THAT(read(bytes, size), ElementsAre("9:p",
                                               "1:\xC3\xA7"
                                               "a",
                                               "2:b"));
  }
}

TEST(SocketParserTest, RefusesWhatIsNoFrame) {
  const auto is_bad = [](const std::string& bytes, const std::string& code) {
    for (const std::size_t size : {std::size_t{1}, std::size_t{1'000'000}}) {
      const auto all = read(bytes, size);
      ASSERT_FALSE(all.empty()) << code;
      EXPECT_EQ(all.back(), "bad:" + code);
    }
  };
  is_bad(socket_frame(SocketOpcode::kText, "no mask"), "1002");
  is_bad(client_frame(3, ""), "1002");
  is_bad(client_frame(11, ""), "1002");
  is_bad(
      "\xC1\x80"
      "mask",
      "1002");                                 // A reserved bit.
  is_bad(client_frame(9, "", false), "1002");  // A fragment of a ping.
  is_bad(client_frame(9, std::string(126, 'x')), "1002");
  is_bad(client_frame(0, "x"), "1002");  // The rest of nothing.
  is_bad(client_frame(1, "a", false) + client_frame(1, "b"), "1002");
  is_bad(std::string("\x82\xFE\0\x05maskhello", 13), "1002");  // Longer than it need be.
  is_bad(std::string("\x82\xFF\0\0\0\0\0\0\xFF\xFFmask", 14), "1002");
  is_bad("\x82\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFFmask", "1002");
  is_bad(client_frame(1, "\xFF"), "1007");
  is_bad(client_frame(1, "\xC3", false) + client_frame(0, "x"), "1007");
  is_bad(client_frame(8, "x"), "1002");
  for (const char* code :
       {"\x03\xE7", "\x03\xED", "\x03\xEE", "\x03\xF7", "\x07\xD0", "\x13\x88"}) {
    is_bad(client_frame(8, code), "1002");
  }
  is_bad(client_frame(8, "\x03\xE8\xFF"), "1007");
}

TEST(SocketParserTest, AMessageHasALimitInOnePieceAndInMany) {
  EXPECT_THAT(read(client_frame(2, std::string(kSizeMax, 'x'))).size(), 1U);
  EXPECT_THAT(read(client_frame(2, std::string(kSizeMax + 1, 'x')).substr(0, 14)),
              ElementsAre("bad:1009"))
      << "before anything of it is kept";
  std::string parts = client_frame(2, std::string(kSizeMax, 'x'), false);
  EXPECT_THAT(read(parts + client_frame(0, "x")), ElementsAre("bad:1009"));
}

TEST(SocketParserTest, AGoodbyeNeedsNoCode) {
  EXPECT_THAT(read(client_frame(8, "")), ElementsAre("8:1005"));
  EXPECT_THAT(read(client_frame(8,
                                "\x0B\xB8"
                                "x")),
              ElementsAre("8:3000"));
}

}  // namespace
}  // namespace katip::http
