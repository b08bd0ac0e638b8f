#include "media/s3_blobs.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/manual_clock.h"
#include "base/scripted_server.h"
#include "media/testing/s3_server.h"

/// What the conformance suite cannot make a real server do.
namespace katip::media {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

std::string answer(int status, const std::string& body, const std::string& headers = "") {
  return fmt::format("HTTP/1.1 {} x\r\nContent-Length: {}\r\nConnection: close\r\n{}\r\n{}", status,
                     body.size(), headers, body);
}

std::string refusal(int status, const std::string& code) {
  return answer(status, fmt::format("<Error><Code>{}</Code><Message>m</Message></Error>", code));
}

class S3BlobsTest : public ::testing::Test {
 protected:
  void serve(std::vector<std::string> answers) {
    server_ = std::make_unique<ScriptedServer>(std::move(answers));
    S3Options options;
    options.url = "s3://bucket/pre/fix";
    options.endpoint = server_->url("");
    options.access_key = "key";
    options.secret_key = Secret("very secret");
    options.part_size = 5 << 20;
    options.attempt_count_max = 3;
    blobs_ = S3Blobs::open(options, clock_, system_rng()).value();
  }
  S3Blobs& blobs() { return *blobs_; }
  std::vector<std::string> requests() { return server_->requests(); }
  Status put(const std::string& bytes) {
    std::string rest = bytes;
    const auto source = [&rest](std::span<char> buffer) -> Result<std::size_t> {
      const std::size_t count = std::min(buffer.size(), rest.size());
      std::copy_n(rest.begin(), count, buffer.begin());
      rest.erase(0, count);
      return count;
    };
    KATIP_TRY(blobs().put("k", source, {}, {}));
    return {};
  }
  Result<std::string> read(ByteRange range = {}) {
    std::string bytes;
    const auto sink = [&bytes](std::string_view piece) {
      bytes += piece;
      return Status();
    };
    KATIP_TRY(blobs().read("k", range, sink, {}));
    return bytes;
  }
  ManualClock clock_;

 private:
  std::unique_ptr<ScriptedServer> server_;
  std::unique_ptr<S3Blobs> blobs_;
};

TEST_F(S3BlobsTest, WhatMayPassIsTriedAgain) {
  serve({refusal(503, "SlowDown"), "HTTP/1.1 200 OK\r\nContent-Le", answer(200, "")});
  EXPECT_TRUE(put("bytes"));
  EXPECT_THAT(requests(), SizeIs(3));
  EXPECT_THAT(requests().back(),
              AllOf(StartsWith("PUT /bucket/pre/fix/k HTTP/1.1\r\n"), HasSubstr("\r\n\r\nbytes")));
  EXPECT_GT(clock_.elapsed().count(), 0) << "not at once";
}

TEST_F(S3BlobsTest, AttemptsHaveAnEnd) {
  serve({refusal(500, "InternalError"), refusal(500, "InternalError"),
         refusal(500, "InternalError"), answer(200, "")});
  EXPECT_EQ(put("x").error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(requests(), SizeIs(3));
}

TEST_F(S3BlobsTest, ARefusalIsSaidOnceWithWhatToDo) {
  serve({refusal(403, "SignatureDoesNotMatch"), answer(200, "")});
  const Error error = put("x").error();
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_THAT(error.message, AllOf(HasSubstr("STORAGE_SECRET_KEY"), Not(HasSubstr("very secret"))));
  EXPECT_THAT(requests(), SizeIs(1));
}

TEST_F(S3BlobsTest, AMissingBucketIsNoMissingBlob) {
  serve({refusal(404, "NoSuchBucket"), refusal(404, "NoSuchKey")});
  const auto found = blobs().find("k", {});
  ASSERT_TRUE(found) << "a HEAD has no body that could say more";
  serve({refusal(404, "NoSuchBucket")});
  EXPECT_EQ(read().error().code, ErrorCode::kUnavailable);
}

TEST_F(S3BlobsTest, AReadingThatBreaksGoesOnWhereItWas) {
  serve({"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nETag: \"v1\"\r\n\r\n0123",
         "HTTP/1.1 206 OK\r\nContent-Length: 6\r\nContent-Range: bytes 4-9/10\r\nETag: \"v1\"\r\n"
         "\r\n456789"});
  EXPECT_EQ(read(), "0123456789");
  EXPECT_THAT(requests().back(),
              AllOf(HasSubstr("range: bytes=4-\r\n"), HasSubstr("if-match: \"v1\"\r\n")));
}

TEST_F(S3BlobsTest, TheRestOfAnotherBlobIsNotTaken) {
  serve({"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nETag: \"v1\"\r\n\r\n0123",
         refusal(412, "PreconditionFailed")});
  EXPECT_EQ(read().error().code, ErrorCode::kConflict);
}

TEST_F(S3BlobsTest, AServerThatIgnoresRangesIsNotBelieved) {
  serve({answer(200, "0123456789")});
  EXPECT_EQ(read({.first = 4}).error().code, ErrorCode::kUnavailable);
}

TEST_F(S3BlobsTest, PartsAreGivenUpWhenOneFails) {
  serve({answer(200, "<R><UploadId>u/1</UploadId></R>"), answer(200, "", "ETag: \"p1\"\r\n"),
         refusal(403, "AccessDenied"), answer(204, "")});
  EXPECT_FALSE(put(std::string(6 << 20, 'x')));
  ASSERT_THAT(requests(), SizeIs(4));
  EXPECT_THAT(requests()[1], StartsWith("PUT /bucket/pre/fix/k?partNumber=1&uploadId=u%2F1 "));
  EXPECT_THAT(requests()[3], StartsWith("DELETE /bucket/pre/fix/k?uploadId=u%2F1 "));
}

TEST_F(S3BlobsTest, AnEndThatFailsLateIsTriedAgainAndMayHaveSucceeded) {
  serve({answer(200, "<R><UploadId>u</UploadId></R>"), answer(200, "", "ETag: \"p1\"\r\n"),
         answer(200, "", "ETag: \"p2\"\r\n"), refusal(200, "InternalError"),
         refusal(404, "NoSuchUpload"),
         "HTTP/1.1 200 OK\r\nContent-Length: 6291456\r\nETag: \"w-2\"\r\n\r\n"});
  EXPECT_TRUE(put(std::string(6 << 20, 'x')));
  ASSERT_THAT(requests(), SizeIs(6));
  EXPECT_THAT(requests()[3], HasSubstr("<PartNumber>2</PartNumber><ETag>\"p2\"</ETag>"));
  EXPECT_THAT(requests()[5], StartsWith("HEAD "));
}

TEST_F(S3BlobsTest, ForeignKeysAreNoBlobs) {
  serve({answer(200,
                "<L><IsTruncated>true</IsTruncated>"
                "<Contents><Key>pre/fix/a b</Key><Size>1</Size></Contents></L>"),
         answer(200,
                "<L><IsTruncated>false</IsTruncated>"
                "<Contents><Key>elsewhere</Key></Contents>"
                "<Contents><Key>pre/fix/ok</Key><Size>12</Size>"
                "<LastModified>2026-01-02T03:04:05.000Z</LastModified></Contents></L>")});
  const BlobPage page = blobs().list("", "", 10, {}).value();
  ASSERT_THAT(page.blobs, SizeIs(1));
  EXPECT_EQ(page.blobs[0].key, "ok");
  EXPECT_EQ(page.blobs[0].size, 12);
  EXPECT_EQ(utc_timestamp(page.blobs[0].modified_at), "2026-01-02T03:04:05Z");
  EXPECT_FALSE(page.has_more);
}

TEST_F(S3BlobsTest, AnAddressForDownloadsNamesTheServerThatOthersSee) {
  S3Options options{.url = "s3://bucket", .endpoint = "minio:9000", .is_secure = false};
  options.public_endpoint = "https://files.example:443";
  options.access_key = "key";
  options.secret_key = Secret("very secret");
  options.is_path_style = false;
  const auto blobs = S3Blobs::open(options, clock_, system_rng()).value();
  const std::string url =
      blobs->download_url("a/b.mp3", {.media_type = "audio/mpeg", .file_name = "ağaç.mp3"})
          .value()
          .value();
  EXPECT_THAT(
      url, AllOf(StartsWith("https://bucket.files.example/a/b.mp3?"),
                 HasSubstr("X-Amz-Expires=300&"), HasSubstr("response-content-type=audio%2Fmpeg&"),
                 HasSubstr("filename%2A%3DUTF-8%27%27a%25C4%259Fa%25C3%25A7.mp3"),
                 Not(HasSubstr("secret"))));
  EXPECT_EQ(blobs->download_origin(), "https://bucket.files.example");
  EXPECT_EQ(blobs->description(), "bucket bucket at bucket.minio:9000");
}

TEST_F(S3BlobsTest, OptionsThatCannotBeRightAreRefused) {
  const auto code_with = [&](auto change) {
    S3Options options{.url = "s3://bucket/a", .endpoint = "http://h", .access_key = "k"};
    options.secret_key = Secret("s");
    change(options);
    const auto blobs = S3Blobs::open(options, clock_, system_rng());
    return blobs ? std::optional<ErrorCode>() : blobs.error().code;
  };
  const auto no = std::optional(ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_with([](S3Options&) {}), std::nullopt);
  for (const char* url : {"", "http://x", "s3://", "s3://B/x", "s3://bucket/a b", "s3://a/.."}) {
    EXPECT_EQ(code_with([&](S3Options& options) { options.url = url; }), no) << url;
  }
  for (const char* endpoint : {"ftp://h", "http://", "http://h/path", "h?x", "http://u@h"}) {
    EXPECT_EQ(code_with([&](S3Options& options) { options.endpoint = endpoint; }), no) << endpoint;
  }
  EXPECT_EQ(code_with([](S3Options& options) { options.access_key = ""; }), no);
  EXPECT_EQ(code_with([](S3Options& options) { options.secret_key = Secret(); }), no);
  EXPECT_EQ(code_with([](S3Options& options) { options.part_size = 1; }), no);
}

class S3WithServer : public ::testing::Test {
 protected:
  void SetUp() override {
    if (testing::S3Server::program().empty()) {
      GTEST_SKIP() << "no S3 server here; tools/setup_s3_server builds one";
    }
  }
};

TEST_F(S3WithServer, AKeyThatIsWrongIsNamed) {
  const testing::S3Server server;
  server.wait();
  S3Options options = server.options();
  options.secret_key = Secret("another secret");
  const auto blobs = S3Blobs::open(options, system_clock(), system_rng()).value();
  const Error error = blobs->list("", "", 1, {}).error();
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_THAT(error.message, HasSubstr("SignatureDoesNotMatch; check STORAGE_ACCESS_KEY"));
  options = server.options();
  options.url = "s3://nobody-made-it";
  const auto nowhere = S3Blobs::open(options, system_clock(), system_rng()).value();
  EXPECT_THAT(nowhere->list("", "", 1, {}).error().message, HasSubstr("make the bucket first"));
}

}  // namespace
}  // namespace katip::media
