#include "http/server/finished_response.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace katip::http {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class FinishedResponseTest : public testing::Test {
 protected:
  void SetUp() override {
    file_ = fs::temp_directory_path() / ("finished_response_test_" + std::to_string(::getpid()));
    std::ofstream(file_) << "0123456789";
    request_.request_id = "r-1";
  }
  void TearDown() override {
    for (const int descriptor : open_) ::close(descriptor);
    fs::remove(file_);
  }
  FinishedResponse finish(Answer answer) {
    FinishedResponse done = http::finish(std::move(answer), request_, nullptr, extra_, options_);
    if (done.file >= 0) open_.push_back(done.file);
    return done;
  }
  FinishedResponse finish_file() { return finish(Response{.body = FileBody{file_}}); }

  fs::path file_;
  Request request_;
  Headers extra_;
  ServerOptions options_;
  std::vector<int> open_;
};

TEST_F(FinishedResponseTest, EveryAnswerHasWhatEveryAnswerHas) {
  extra_ = {{"RateLimit", "x"}};
  const FinishedResponse done = finish(text_response("a"));
  EXPECT_EQ(done.headers.get("X-Request-Id"), "r-1");
  EXPECT_EQ(done.headers.get("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(done.headers.get("Cache-Control"), "no-store");
  EXPECT_EQ(done.headers.get("RateLimit"), "x");
  EXPECT_TRUE(done.headers.get("Date").ends_with(" GMT"));
  EXPECT_EQ(done.body, "a");
}

TEST_F(FinishedResponseTest, NothingIsSentThatTheClientHasAlready) {
  const std::string tag(finish(text_response("a")).headers.get("ETag"));
  request_.headers.set("If-None-Match", "\"x\", " + tag);
  EXPECT_EQ(finish(text_response("a")).status, 304);
  EXPECT_EQ(finish(text_response("a")).body, "");
  EXPECT_EQ(finish(text_response("b")).status, 200);
  request_.method = Method::kPost;
  EXPECT_EQ(finish(text_response("a")).status, 200) << "it is not a read";
}

TEST_F(FinishedResponseTest, LargeTextsAreCompressedForThoseWhoTakeIt) {
  const std::string text(10'000, 'x');
  EXPECT_EQ(finish(text_response(text)).headers.get("Vary"), "Accept-Encoding");
  request_.headers.set("Accept-Encoding", "gzip");
  const FinishedResponse done = finish(text_response(text));
  EXPECT_EQ(done.headers.get("Content-Encoding"), "gzip");
  EXPECT_LT(done.body.size(), 1'000U);
  EXPECT_TRUE(done.headers.get("ETag").starts_with("W/"));
  EXPECT_FALSE(finish(text_response("small")).headers.has("Content-Encoding"));
  EXPECT_FALSE(finish(text_response(text, "audio/wav")).headers.has("Content-Encoding"));
  request_.headers.set("If-None-Match", std::string(done.headers.get("ETag")));
  EXPECT_EQ(finish(text_response(text)).status, 304);
}

TEST_F(FinishedResponseTest, PartsOfFilesAreSentUnlessTheFileHasChanged) {
  EXPECT_EQ(finish_file().size, 10);
  request_.headers.set("Range", "bytes=2-4");
  FinishedResponse part = finish_file();
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.offset, 2);
  EXPECT_EQ(part.size, 3);
  EXPECT_EQ(part.headers.get("Content-Range"), "bytes 2-4/10");
  request_.headers.set("If-Range", std::string(part.headers.get("ETag")));
  EXPECT_EQ(finish_file().status, 206);
  request_.headers.set("If-Range", "\"other\"");
  EXPECT_EQ(finish_file().status, 200);
  EXPECT_EQ(finish_file().size, 10);
  request_.headers.remove("If-Range");
  request_.headers.set("Range", "bytes=10-");
  part = finish_file();
  EXPECT_EQ(part.status, 416);
  EXPECT_EQ(part.size, 0);
  EXPECT_EQ(part.headers.get("Content-Range"), "bytes */10");
}

TEST_F(FinishedResponseTest, AFileThatIsNotThereIsA404) {
  fs::remove(file_);
  const FinishedResponse done = finish_file();
  EXPECT_EQ(done.status, 404);
  EXPECT_EQ(done.file, -1);
}

TEST_F(FinishedResponseTest, ErrorsTakeTheShapeOfTheirRoute) {
  EXPECT_THAT(finish(std::unexpected(Failure(404, "NOT_FOUND", "no"))).body,
              HasSubstr("\"success\":false"));
  request_.path = "/v1/nothing";
  EXPECT_THAT(finish(std::unexpected(Failure(404, "NOT_FOUND", "no"))).body,
              HasSubstr("\"type\":\"not_found_error\""));
  const FinishedResponse broken =
      finish(std::unexpected(Failure(Error{ErrorCode::kInternal, "a secret"})));
  EXPECT_EQ(broken.problem, "a secret");
}

TEST_F(FinishedResponseTest, OnlyOriginsThatAreNamedMayRead) {
  request_.headers.set("Origin", "https://app.example");
  EXPECT_FALSE(finish(empty_response()).headers.has("Access-Control-Allow-Origin"));
  options_.cors_origins = {"https://app.example"};
  FinishedResponse done = finish(empty_response());
  EXPECT_EQ(done.headers.get("Access-Control-Allow-Origin"), "https://app.example");
  EXPECT_EQ(done.headers.get("Access-Control-Allow-Credentials"), "true");
  request_.headers.set("Origin", "https://app.example.evil");
  EXPECT_FALSE(finish(empty_response()).headers.has("Access-Control-Allow-Origin"));
  options_.cors_origins = {"*"};
  done = finish(empty_response());
  EXPECT_EQ(done.headers.get("Access-Control-Allow-Origin"), "*");
  EXPECT_FALSE(done.headers.has("Access-Control-Allow-Credentials"));
}

TEST_F(FinishedResponseTest, NoValueBeginsAFieldOfItsOwn) {
  FinishedResponse done;
  done.headers = {{"Location", "/a\r\nSet-Cookie: b\n\tc"}, {"X", std::string("a\0b", 3)}};
  const std::string text = head_text(done, {{"Connection", "close"}});
  EXPECT_EQ(text,
            "HTTP/1.1 200 OK\r\nLocation: /a  Set-Cookie: b \tc\r\nX: a b\r\n"
            "Connection: close\r\n\r\n");
}

TEST_F(FinishedResponseTest, PreflightsAreAnsweredWithWhatThereIs) {
  request_.method = Method::kOptions;
  EXPECT_FALSE(is_preflight(request_));
  request_.headers = {{"Origin", "https://a"},
                      {"Access-Control-Request-Method", "POST"},
                      {"Access-Control-Request-Headers", "authorization"}};
  EXPECT_TRUE(is_preflight(request_));
  const Response response = preflight_response(request_, {Method::kGet, Method::kPost});
  EXPECT_EQ(response.headers.get("Access-Control-Allow-Methods"), "GET, POST");
  EXPECT_EQ(response.headers.get("Access-Control-Allow-Headers"), "authorization");
}

}  // namespace
}  // namespace katip::http
