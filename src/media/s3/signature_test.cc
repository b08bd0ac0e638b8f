#include "media/s3/signature.h"

#include <algorithm>
#include <ctime>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::media {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

/// Source: the examples of "Authenticating requests" in Amazon's S3 API reference; their keys are
/// known to everybody.
const S3Credentials kCredentials = {
    .access_key = "AKIAIOSFODNN7EXAMPLE",
    .secret_key = Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")};

S3Scope scope() {
  std::tm parts{};
  ::strptime("2013-05-24 00:00:00", "%Y-%m-%d %H:%M:%S", &parts);
  return {.region = "us-east-1", .time = std::chrono::system_clock::from_time_t(::timegm(&parts))};
}

S3Request request(std::string method, std::string path) {
  return {.method = std::move(method),
          .host = "examplebucket.s3.amazonaws.com",
          .path = std::move(path),
          .payload_sha256 = sha256_of("")};
}

std::string authorization(const S3Request& request) {
  for (const auto& [name, value] : signed_headers(request, kCredentials, scope())) {
    if (name == "authorization") return value;
  }
  return "";
}

TEST(Signature, OfARangeOfAnObject) {
  S3Request get = request("GET", "/test.txt");
  get.headers = {{"range", "bytes=0-9"}};
  EXPECT_EQ(authorization(get),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
            "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(Signature, OfAnObjectThatIsSent) {
  S3Request put = request("PUT", percent_encoded("/test$file.text", Slash::kKeep));
  put.headers = {{"date", "Fri, 24 May 2013 00:00:00 GMT"},
                 {"x-amz-storage-class", "REDUCED_REDUNDANCY"}};
  put.payload_sha256 = sha256_of("Welcome to Amazon S3.");
  EXPECT_THAT(
      authorization(put),
      EndsWith("Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"));
}

TEST(Signature, OfAQuery) {
  S3Request lifecycle = request("GET", "/");
  lifecycle.query = {{"lifecycle", ""}};
  EXPECT_THAT(
      authorization(lifecycle),
      EndsWith("Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"));
  S3Request list = request("GET", "/");
  list.query = {{"prefix", "J"}, {"max-keys", "2"}};
  EXPECT_THAT(
      authorization(list),
      EndsWith("Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"));
}

TEST(Signature, OfAnAddress) {
  const std::string query = presigned_query(request("GET", "/test.txt"), kCredentials, scope(),
                                            std::chrono::seconds(86'400));
  EXPECT_EQ(query,
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2F"
            "us-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&"
            "X-Amz-SignedHeaders=host&X-Amz-Signature="
            "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

TEST(Signature, ATokenOfTemporaryKeysIsSigned) {
  S3Credentials temporary = kCredentials;
  temporary.session_token = Secret("token/of=today");
  const auto headers = signed_headers(request("GET", "/a"), temporary, scope());
  EXPECT_TRUE(std::ranges::find(headers, std::pair<std::string, std::string>("x-amz-security-token",
                                                                             "token/of=today")) !=
              headers.end());
  EXPECT_THAT(headers.back().second, HasSubstr("x-amz-date;x-amz-security-token,"));
  EXPECT_THAT(presigned_query(request("GET", "/a"), temporary, scope(), std::chrono::seconds(60)),
              HasSubstr("X-Amz-Security-Token=token%2Fof%3Dtoday&"));
}

TEST(Signature, NamesAreEncodedByteByByte) {
  EXPECT_EQ(percent_encoded("a/b c~ğ", Slash::kKeep), "a/b%20c~%C4%9F");
  EXPECT_EQ(percent_encoded("a/b", Slash::kEncode), "a%2Fb");
  EXPECT_EQ(percent_encoded("", Slash::kKeep), "");
  EXPECT_EQ(canonical_query({{"b", "1"}, {"a", "x y"}, {"a", "+"}}), "a=%2B&a=x%20y&b=1");
}

}  // namespace
}  // namespace katip::media
