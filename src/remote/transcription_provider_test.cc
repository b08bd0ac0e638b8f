#include "remote/transcription_provider.h"

#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/manual_clock.h"
#include "base/scripted_server.h"

namespace katip::remote {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kVerbose =
    R"({"task":"transcribe","language":"english","duration":2.5,"text":" Hi there.",
        "segments":[{"id":0,"seek":0,"start":0.5,"end":2.25,"text":" Hi there.","tokens":[50364,7],
        "temperature":0.2,"avg_logprob":-0.3,"compression_ratio":1.1,"no_speech_prob":0.01}],
        "words":[{"word":"Hi","start":0.5,"end":1.0}],"usage":{"type":"duration","seconds":3}})";

std::string answer(int status, const std::string& body, const std::string& headers = "") {
  return fmt::format("HTTP/1.1 {} X\r\nContent-Length: {}\r\n{}\r\n{}", status, body.size(),
                     headers, body);
}

class ProviderTest : public testing::Test {
 protected:
  ProviderTest() : file_(fs::path(testing::TempDir()) / fmt::format("provider_{}.wav", getpid())) {
    std::ofstream(file_) << "RIFF";
  }
  ~ProviderTest() override { fs::remove(file_); }

  Result<ProviderTranscript> ask(const ScriptedServer& server, std::string model = "whisper-1",
                                 ProviderRequest request = {}) {
    request.file = file_;
    const TranscriptionProvider provider({.base_url = server.url("/v1/"),
                                          .api_key = Secret("sk-test"),
                                          .model = std::move(model),
                                          .timeout = 5s,
                                          .clock = &clock_});
    return provider.transcribe(request, {});
  }

  ManualClock clock_;
  fs::path file_;
};

TEST_F(ProviderTest, ReadsTextTimesAndWords) {
  ScriptedServer server({answer(200, kVerbose)});
  const auto said = ask(server);
  ASSERT_TRUE(said) << said.error().message;
  EXPECT_EQ(said->language, "english");
  ASSERT_EQ(said->segments.size(), 1U);
  EXPECT_EQ(said->segments[0].text, " Hi there.");
  EXPECT_DOUBLE_EQ(said->segments[0].end_s, 2.25);
  EXPECT_EQ(said->segments[0].tokens, (std::vector<int>{50364, 7}));
  EXPECT_FLOAT_EQ(said->segments[0].average_log_probability, -0.3f);
  ASSERT_EQ(said->words.size(), 1U);
  EXPECT_EQ(said->words[0].text, "Hi");
  const std::string request = server.requests().at(0);
  EXPECT_THAT(request, HasSubstr("POST /v1/audio/transcriptions "));
  EXPECT_THAT(request, HasSubstr("Bearer sk-test"));
}

TEST_F(ProviderTest, TranslationsHaveAnAddressOfTheirOwn) {
  ScriptedServer server({answer(200, kVerbose)});
  EXPECT_TRUE(ask(server, "whisper-1", {.file = {}, .translates = true}));
  EXPECT_THAT(server.requests().at(0), HasSubstr("POST /v1/audio/translations "));
}

TEST_F(ProviderTest, AModelWithoutTimesGivesText) {
  ScriptedServer server({answer(200, R"({"text":"Hi"})")});
  const auto said = ask(server, "gpt-4o-transcribe");
  ASSERT_TRUE(said) << said.error().message;
  EXPECT_EQ(said->text, "Hi");
  EXPECT_TRUE(said->segments.empty());
}

TEST_F(ProviderTest, TriesAgainWhatMayPassAndWaitsAsAsked) {
  ScriptedServer server(
      {answer(503, ""), answer(429, "", "Retry-After: 20\r\n"), answer(200, kVerbose)});
  EXPECT_TRUE(ask(server));
  EXPECT_EQ(clock_.elapsed(), 21s);
  ScriptedServer busy(std::vector<std::string>(9, answer(500, "")));
  EXPECT_EQ(ask(busy).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(busy.requests().size(), 4U);
  ScriptedServer tomorrow({answer(429, "", "Retry-After: 86400\r\n"), answer(200, kVerbose)});
  EXPECT_EQ(ask(tomorrow).error().code, ErrorCode::kOverloaded);
  EXPECT_EQ(tomorrow.requests().size(), 1U);
}

TEST_F(ProviderTest, EveryErrorHasOneCodeAndNoSecret) {
  const auto error = [](const std::string& message, const std::string& code = "x") {
    return fmt::format(R"({{"error":{{"message":"{}","type":"t","code":"{}"}}}})", message, code);
  };
  const std::tuple<int, std::string, ErrorCode, std::string> cases[] = {
      {400, error("Invalid file\\nformat"), ErrorCode::kInvalidArgument, "Invalid file format"},
      {401, error("Incorrect key sk-test"), ErrorCode::kUnauthenticated, "remote.api_key"},
      {403, error("no access for sk-test"), ErrorCode::kPermissionDenied, "403"},
      {404, error("no model"), ErrorCode::kNotFound, "remote.base_url"},
      {413, "<html>", ErrorCode::kTooLarge, "413"},
      {422, R"({"detail":"bad"})", ErrorCode::kInvalidArgument, "bad"},
      {429, error("You exceeded", "insufficient_quota"), ErrorCode::kPermissionDenied, "quota"},
      {302, "", ErrorCode::kInvalidArgument, "302"},
  };
  for (const auto& [status, body, code, hint] : cases) {
    ScriptedServer server({answer(status, body), answer(200, kVerbose)});
    const auto said = ask(server);
    ASSERT_FALSE(said) << status;
    EXPECT_EQ(said.error().code, code) << status;
    EXPECT_THAT(said.error().message, HasSubstr(hint));
    EXPECT_THAT(said.error().message, Not(HasSubstr("sk-test")));
    EXPECT_EQ(server.requests().size(), 1U);
  }
}

TEST(ProviderTranscript, AnAnswerThatIsNoneIsRefused) {
  for (const char* text : {"", "x", "[]", "{}", "\"text\"", R"({"segments":[]})", "{\"text\":"}) {
    const auto read = parse_provider_transcript(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, ErrorCode::kCorruptData);
  }
}

TEST(ProviderTranscript, OddMembersDoNoHarm) {
  const auto read = parse_provider_transcript(
      R"({"text":5,"language":null,"words":[1,{"word":2,"start":"x"}],
          "segments":[{"start":1e999,"end":-5e300,"tokens":[-1,"a",1e9],"text":null},7]})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->text, "");
  ASSERT_EQ(read->segments.size(), 1U);
  EXPECT_TRUE(read->segments[0].tokens.empty());
}

TEST(ProviderOptions, AreChecked) {
  EXPECT_FALSE(ProviderOptions{.base_url = "ftp://x"}.validate());
  EXPECT_FALSE(ProviderOptions{.model = ""}.validate());
  EXPECT_TRUE(ProviderOptions{}.validate());
}

}  // namespace
}  // namespace katip::remote
