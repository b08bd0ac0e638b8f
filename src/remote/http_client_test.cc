#include "remote/http_client.h"

#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/manual_clock.h"
#include "base/scripted_server.h"
#include "base/sha256.h"
#include "base/testing/temporary_folder.h"

namespace katip::remote {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

std::string answer(int status, const std::string& headers, const std::string& body) {
  return fmt::format("HTTP/1.1 {} X\r\nContent-Length: {}\r\n{}\r\n{}", status, body.size(),
                     headers, body);
}

std::string sum_of(const std::string& text) {
  Sha256 sum;
  sum.update(text);
  return sum.finish();
}

class HttpClientTest : public testing::Test {
 protected:
  HttpClient client(int attempts = 3) {
    HttpOptions options;
    options.attempt_count_max = attempts;
    options.clock = &clock_;
    return HttpClient(options);
  }
  Result<Download> download(const ScriptedServer& server, std::optional<std::string> sum) {
    return client().download(
        {.request = {.url = server.url("/f")}, .target = target(), .sha256 = sum}, {}, {});
  }
  fs::path target() const { return folder_ / "file"; }

  ManualClock clock_;
  TemporaryFolder temporary_;
  const fs::path folder_ = temporary_.path();
};

TEST_F(HttpClientTest, GivesBodyAndHeaders) {
  ScriptedServer server({answer(200, "X-Some: thing\r\n", "hello")});
  const auto response = client().get({.url = server.url("/a")}, {});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "hello");
  EXPECT_EQ(response->header("x-SOME"), "thing");
}

TEST_F(HttpClientTest, TriesAgainAfterA503AndWaitsAsLongAsTheServerAsks) {
  ScriptedServer server({answer(503, "Retry-After: 7\r\n", "busy"), answer(200, "", "ok")});
  const auto response = client().get({.url = server.url("/a")}, {});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "ok");
  EXPECT_EQ(clock_.elapsed(), 7s);
}

TEST_F(HttpClientTest, GivesUpAfterItsLastAttempt) {
  const std::string busy = answer(503, "", "");
  ScriptedServer server({busy, busy, busy, busy});
  const auto response = client(3).get({.url = server.url("/a")}, {});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(server.requests().size(), 3u);
}

TEST_F(HttpClientTest, DoesNotTryAgainWhatCannotHelp) {
  ScriptedServer server({answer(404, "", ""), answer(200, "", "never")});
  const auto response = client().get({.url = server.url("/a")}, {});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(HttpClientTest, RefusesOtherSchemesAndNonsense) {
  for (const char* url :
       {"file:///etc/passwd", "ftp://host/x", "gopher://x", "", "http://", "x y"}) {
    const auto response = client().get({.url = url}, {});
    ASSERT_FALSE(response) << url;
    EXPECT_EQ(response.error().code, ErrorCode::kInvalidArgument) << url;
  }
}

TEST_F(HttpClientTest, RefusesARedirectToAFile) {
  ScriptedServer server({answer(302, "Location: file:///etc/passwd\r\n", "")});
  EXPECT_FALSE(client().get({.url = server.url("/a")}, {}));
}

TEST_F(HttpClientTest, FollowsRedirectsAndSeesTheHeadersOfAllHops) {
  ScriptedServer server({answer(302, "Location: /b\r\nX-Linked-Etag: \"sum\"\r\n", "ignored"),
                         answer(200, "ETag: \"other\"\r\n", "there")});
  const auto response = client().get({.url = server.url("/a")}, {});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "there");
  EXPECT_EQ(response->header("X-Linked-Etag"), "\"sum\"");
}

TEST_F(HttpClientTest, StopsAnEndlessChainOfRedirects) {
  ScriptedServer server(std::vector<std::string>(60, answer(302, "Location: /a\r\n", "")));
  EXPECT_FALSE(client(1).get({.url = server.url("/a")}, {}));
  EXPECT_EQ(server.requests().size(), 9u);
}

TEST_F(HttpClientTest, KeepsTheTokenFromOtherHosts) {
  ScriptedServer other({answer(200, "", "ok")});
  ScriptedServer server({answer(302, "Location: " + other.url("/b") + "\r\n", "")});
  const auto response =
      client().get({.url = server.url("/a"), .bearer_token = Secret("hf_secret")}, {});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_NE(server.requests().at(0).find("Bearer hf_secret"), std::string::npos);
  EXPECT_EQ(other.requests().at(0).find("hf_secret"), std::string::npos);
}

TEST_F(HttpClientTest, LimitsTheSizeOfAnAnswer) {
  ScriptedServer server({answer(200, "", std::string(101, 'x'))});
  const auto response = client().get({.url = server.url("/a"), .size_max = 100}, {});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kTooLarge);
}

TEST_F(HttpClientTest, StopsWhenAsked) {
  ScriptedServer server({});
  std::stop_source stop;
  stop.request_stop();
  const auto response = client().get({.url = server.url("/a")}, stop.get_token());
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kCancelled);
}

TEST_F(HttpClientTest, DownloadsAndChecksTheSum) {
  ScriptedServer server({answer(200, "ETag: \"1\"\r\n", "0123456789")});
  const auto result = download(server, sum_of("0123456789"));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(read_whole_file(target(), 100), "0123456789");
  EXPECT_FALSE(fs::exists(target().string() + ".part"));
  EXPECT_FALSE(fs::exists(target().string() + ".part.etag"));
}

TEST_F(HttpClientTest, GoesOnWhereTheConnectionBroke) {
  ScriptedServer server({"HTTP/1.1 200 X\r\nContent-Length: 10\r\nETag: \"1\"\r\n\r\n0123",
                         "HTTP/1.1 206 X\r\nContent-Length: 6\r\nContent-Range: bytes "
                         "4-9/10\r\nETag: \"1\"\r\n\r\n45",
                         "HTTP/1.1 206 X\r\nContent-Length: 4\r\nContent-Range: bytes "
                         "6-9/10\r\nETag: \"1\"\r\n\r\n6789"});
  const auto result = download(server, sum_of("0123456789"));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(read_whole_file(target(), 100), "0123456789");
  const auto requests = server.requests();
  EXPECT_NE(requests.at(1).find("Range: bytes=4-\r\n"), std::string::npos);
  EXPECT_NE(requests.at(1).find("If-Range: \"1\"\r\n"), std::string::npos);
  EXPECT_NE(requests.at(2).find("Range: bytes=6-\r\n"), std::string::npos);
}

TEST_F(HttpClientTest, StartsAgainWhenTheFileChangedOnTheServer) {
  ScriptedServer server({"HTTP/1.1 200 X\r\nContent-Length: 10\r\nETag: \"1\"\r\n\r\nabcd",
                         answer(200, "ETag: \"2\"\r\n", "0123456789")});
  const auto result = download(server, std::nullopt);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(read_whole_file(target(), 100), "0123456789");
}

TEST_F(HttpClientTest, DoesNotJoinTheHalvesOfTwoFiles) {
  ScriptedServer server({"HTTP/1.1 200 X\r\nContent-Length: 10\r\nETag: \"1\"\r\n\r\nabcd",
                         "HTTP/1.1 206 X\r\nContent-Length: 6\r\nContent-Range: bytes "
                         "4-9/10\r\nETag: \"2\"\r\n\r\n456789",
                         answer(200, "ETag: \"2\"\r\n", "0123456789")});
  const auto result = download(server, std::nullopt);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(read_whole_file(target(), 100), "0123456789");
}

TEST_F(HttpClientTest, StartsAgainWhenTheRangeIsRefused) {
  ASSERT_TRUE(write_file_atomically(target().string() + ".part", "longer than the real one"));
  ScriptedServer server({answer(416, "", ""), answer(200, "", "0123456789")});
  const auto result = download(server, sum_of("0123456789"));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(read_whole_file(target(), 100), "0123456789");
}

TEST_F(HttpClientTest, ThrowsAwayWhatHasTheWrongSum) {
  ScriptedServer server({answer(200, "", "0123456789")});
  const auto result = download(server, sum_of("something else"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kCorruptData);
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(HttpClientTest, GoesOnWithTheBytesOfAnEarlierDay) {
  ASSERT_TRUE(write_file_atomically(target().string() + ".part", "0123"));
  ASSERT_TRUE(write_file_atomically(target().string() + ".part.etag", "\"1\""));
  ScriptedServer server(
      {"HTTP/1.1 206 X\r\nContent-Length: 6\r\nContent-Range: bytes "
       "4-9/10\r\nETag: \"1\"\r\n\r\n456789"});
  const auto result = download(server, std::nullopt);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->sha256, sum_of("0123456789"));
}

TEST_F(HttpClientTest, KeepsThePartWhenItGivesUp) {
  ScriptedServer server({"HTTP/1.1 200 X\r\nContent-Length: 10\r\nETag: \"1\"\r\n\r\n0123"});
  EXPECT_FALSE(download(server, std::nullopt));
  EXPECT_EQ(read_whole_file(target().string() + ".part", 100), "0123");
  EXPECT_EQ(read_whole_file(target().string() + ".part.etag", 100), "\"1\"");
}

TEST(HostOf, LeavesOutSecretsAndDefaultPorts) {
  EXPECT_EQ(host_of("https://user:pass@example.org/x?token=1"), "example.org");
  EXPECT_EQ(host_of("http://example.org:8080/x"), "example.org:8080");
  EXPECT_EQ(host_of("nonsense"), "the server");
}

TEST_F(HttpClientTest, SendsABodyOnceAndGivesEveryAnswer) {
  ScriptedServer server({answer(503, "Retry-After: 9\r\n", "busy"),
                         answer(302, "Location: /b\r\n", ""), answer(200, "", "")});
  const HttpRequest request{.url = server.url("/hook"),
                            .method = Method::kPost,
                            .body = R"({"a":1})",
                            .header_lines = {"Content-Type: application/json", "X-A: b"}};
  const auto busy = client().send(request, {});
  ASSERT_TRUE(busy) << busy.error().message;
  EXPECT_EQ(busy->status, 503);
  EXPECT_EQ(busy->body, "busy");
  EXPECT_EQ(busy->retry_after, 9s);
  EXPECT_EQ(client().send(request, {})->status, 302);
  EXPECT_EQ(server.requests().size(), 2u);
  EXPECT_NE(server.requests()[0].find("POST /hook"), std::string::npos);
  EXPECT_NE(server.requests()[0].find("X-A: b\r\n"), std::string::npos);
  EXPECT_NE(server.requests()[0].find("Content-Length: 7\r\n"), std::string::npos);
  EXPECT_EQ(clock_.elapsed(), 0s);
}

TEST_F(HttpClientTest, SendsAFormWithAFileThatIsReadAsItGoes) {
  std::ofstream(folder_ / "a.wav") << "RIFF sound";
  ScriptedServer server({answer(200, "", "ok")});
  const auto got = client().send(
      {.url = server.url("/"),
       .method = Method::kPost,
       .bearer_token = Secret("sk-1"),
       .body = Form{.fields = {{"model", "m\r\n\"1\""}, {"list[]", "a"}, {"list[]", "b"}},
                    .files = {{"file", folder_ / "a.wav", "a.wav", "audio/wav"}}}},
      {});
  ASSERT_TRUE(got) << got.error().message;
  const std::string request = server.requests().at(0);
  EXPECT_NE(request.find("Bearer sk-1"), std::string::npos);
  EXPECT_NE(request.find("multipart/form-data; boundary="), std::string::npos);
  EXPECT_EQ(client()
                .send({.url = server.url("/"),
                       .method = Method::kPost,
                       .body = Form{.fields = {}, .files = {{"file", folder_ / "none", "a", "b"}}}},
                      {})
                .error()
                .code,
            ErrorCode::kNotFound);
}

TEST_F(HttpClientTest, ReadsAnAnswerOnlyAsFarAsItIsWanted) {
  ScriptedServer server({answer(200, "", std::string(1 << 20, 'x'))});
  std::size_t size = 0;
  const auto got = client().send({.url = server.url("/")},
                                 [&](int, std::string_view bytes) -> Result<bool> {
                                   size += bytes.size();
                                   return false;
                                 },
                                 {});
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->status, 200);
  EXPECT_LT(size, 1U << 20);
  ScriptedServer large({answer(200, "", std::string(101, 'x'))});
  EXPECT_EQ(client().send({.url = large.url("/"), .size_max = 100}, {}).error().code,
            ErrorCode::kTooLarge);
}

TEST_F(HttpClientTest, ADownloadAboveItsLimitLeavesNothing) {
  ScriptedServer server({answer(200, "", std::string(101, 'x'))});
  const auto got = client().download(
      {.request = {.url = server.url("/f")}, .target = target(), .size_max = 100}, {}, {});
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::kTooLarge);
  EXPECT_TRUE(fs::is_empty(folder_));
}

}  // namespace
}  // namespace katip::remote
