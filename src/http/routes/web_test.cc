#include "http/routes/web.h"

#include <array>

#include <gtest/gtest.h>

namespace katip::http {
namespace {

constexpr std::string_view kPage = "<!doctype html>";
constexpr std::string_view kScript = "let scribe;";
constexpr std::string_view kPacked = "packed";

class WebRoutesTest : public ::testing::Test {
 protected:
  WebRoutesTest() { add_web_routes(table_, {.files = files_, .pages = pages_}); }

  Answer get(std::string path, Headers headers = {}) {
    const RouteMatch match = table_.find(Method::kGet, path);
    if (match.route == nullptr) return std::unexpected(Failure(404, "NO_ROUTE", "no such route"));
    Request request{.path = std::move(path), .headers = std::move(headers)};
    request.path_values = match.path_values;
    return match.route->handle(request);
  }
  static std::string body(const Response& response) { return std::get<std::string>(response.body); }

  const std::array<WebFile, 2> files_ = {
      WebFile{.path = "/index.html", .media_type = "text/html", .tag = "\"1\"", .bytes = kPage},
      WebFile{.path = "/assets/app-1x.js",
              .media_type = "text/javascript",
              .tag = "\"2\"",
              .bytes = kScript,
              .gzip = kPacked}};
  const std::array<WebPage, 2> pages_ = {
      WebPage{.name = "start", .path = "/"},
      WebPage{.name = "transcript", .path = "/transcripts/{id}"}};
  RouteTable table_;
};

TEST_F(WebRoutesTest, EveryPageIsTheSameFile) {
  for (const char* path : {"/", "/transcripts/job_1"}) {
    const Answer answer = get(path);
    ASSERT_TRUE(answer) << path;
    EXPECT_EQ(body(*answer), kPage);
    EXPECT_EQ(answer->headers.get("ETag"), "\"1\"");
    EXPECT_EQ(answer->headers.get("Cache-Control"), "no-cache");
  }
  EXPECT_FALSE(get("/transcripts"));
  EXPECT_FALSE(get("/transcripts/a/b"));
}

TEST_F(WebRoutesTest, PagesMayRunNothingThatIsInlineOrForeign) {
  const Answer answer = get("/");
  ASSERT_TRUE(answer);
  const std::string_view policy = answer->headers.get("Content-Security-Policy");
  EXPECT_TRUE(policy.starts_with("default-src 'self';"));
  EXPECT_FALSE(policy.contains("unsafe"));
  EXPECT_TRUE(policy.contains("frame-ancestors 'none'"));
}

TEST_F(WebRoutesTest, RecordingsPlayFromTheBucketThatBrowsersAreSentToAndFromNoOther) {
  const auto sounds_of = [](const RouteTable& table) {
    Request request{.path = "/"};
    const Answer answer = table.find(Method::kGet, "/").route->handle(request);
    const std::string policy(answer->headers.get("Content-Security-Policy"));
    const std::size_t begin = policy.find("media-src");
    return policy.substr(begin, policy.find(';', begin) - begin);
  };
  EXPECT_EQ(sounds_of(table_), "media-src 'self' blob:");
  RouteTable redirecting;
  add_web_routes(redirecting,
                 {.files = files_, .pages = pages_, .media_origin = "https://files.example:9000"});
  EXPECT_EQ(sounds_of(redirecting), "media-src 'self' blob: https://files.example:9000");
}

TEST_F(WebRoutesTest, AssetsAreKeptForEverAndSentPackedToThoseWhoUnpack) {
  const Answer plain = get("/assets/app-1x.js");
  ASSERT_TRUE(plain);
  EXPECT_EQ(body(*plain), kScript);
  EXPECT_EQ(plain->headers.get("ETag"), "\"2\"");
  EXPECT_EQ(plain->headers.get("Vary"), "Accept-Encoding");
  EXPECT_TRUE(plain->headers.get("Cache-Control").contains("immutable"));
  EXPECT_FALSE(plain->headers.has("Content-Encoding"));

  const Answer packed = get("/assets/app-1x.js", {{"Accept-Encoding", "br, gzip"}});
  ASSERT_TRUE(packed);
  EXPECT_EQ(body(*packed), kPacked);
  EXPECT_EQ(packed->headers.get("Content-Encoding"), "gzip");
  EXPECT_EQ(packed->headers.get("ETag"), "W/\"2\"");
}

TEST_F(WebRoutesTest, WhatIsNoAssetIsNotFound) {
  const Answer answer = get("/assets/../index.html");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().status, 404);
  EXPECT_FALSE(get("/assets/other.js"));
}

TEST(WebRoutesWithoutAppTest, AddNothing) {
  RouteTable table;
  add_web_routes(table, {});
  EXPECT_TRUE(table.routes().empty());
}

}  // namespace
}  // namespace katip::http
