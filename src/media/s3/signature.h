#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/secret.h"

/// Signature version 4 of Amazon's services, which every S3 server asks for.
///
/// Source: Amazon S3 API reference, "Authenticating requests (AWS Signature Version 4)".
namespace katip::media {

struct S3Credentials {
  std::string access_key = {};
  Secret secret_key = {};
  Secret session_token = {};  ///< Of temporary keys; may be empty.
};

using NamesAndValues = std::vector<std::pair<std::string, std::string>>;

/// A request as it will be sent. Names of headers are in lower case.
struct S3Request {
  std::string method = "GET";
  std::string host = {};            ///< With its port unless it is that of the scheme.
  std::string path = "/";           ///< Encoded already.
  NamesAndValues query = {};        ///< Not encoded yet.
  NamesAndValues headers = {};      ///< Those to be signed besides host and x-amz-*.
  std::string payload_sha256 = {};  ///< 64 hexadecimal digits.
};

struct S3Scope {
  std::string region = "us-east-1";
  std::chrono::system_clock::time_point time = {};
};

/// All headers to send with it, those of the request included and `host` left out.
///
/// Threads: pure.
NamesAndValues signed_headers(const S3Request& request, const S3Credentials& credentials,
                              const S3Scope& scope);

/// The query to ask with, signature included; nothing of it has to be secret but for as long as it
/// is valid. What the body is does not count.
///
/// Units: valid_for in whole seconds, 1 s to 7 days.
std::string presigned_query(const S3Request& request, const S3Credentials& credentials,
                            const S3Scope& scope, std::chrono::seconds valid_for);

enum class Slash { kKeep, kEncode };
/// "a b/c" -> "a%20b/c".
std::string percent_encoded(std::string_view text, Slash slash);
/// "a=1&b=%2F", in the order of the encoded names.
std::string canonical_query(const NamesAndValues& query);
/// SHA-256 in hexadecimal digits.
std::string sha256_of(std::string_view bytes);

}  // namespace katip::media
