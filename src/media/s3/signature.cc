#include "media/s3/signature.h"

#include <algorithm>
#include <ctime>

#include <fmt/format.h>

#include "base/hmac.h"
#include "base/sha256.h"

// The request is written in one canonical form, that form is hashed, and the hash is signed with a
// key that holds for one day, region and service only.
// Tested by signature_test.cc with the examples of the specification.
namespace katip::media {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";

std::string hexadecimal(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

/// "20130524T000000Z"
std::string stamp_of(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string scope_text(const std::string& stamp, const S3Scope& scope) {
  return fmt::format("{}/{}/s3/aws4_request", stamp.substr(0, 8), scope.region);
}

struct Canonical {
  std::string text;
  std::string signed_names;  ///< "host;x-amz-date"
};

Canonical canonical_request(const S3Request& request, NamesAndValues headers) {
  headers.emplace_back("host", request.host);
  std::ranges::sort(headers);
  Canonical canonical;
  std::string lines;
  for (const auto& [name, value] : headers) {
    lines += fmt::format("{}:{}\n", name, value);
    canonical.signed_names += (canonical.signed_names.empty() ? "" : ";") + name;
  }
  canonical.text = fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, request.path,
                               canonical_query(request.query), lines, canonical.signed_names,
                               request.payload_sha256);
  return canonical;
}

std::string signature_of(const Canonical& canonical, const S3Credentials& credentials,
                         const S3Scope& scope, const std::string& stamp) {
  const std::string to_sign = fmt::format("{}\n{}\n{}\n{}", kAlgorithm, stamp,
                                          scope_text(stamp, scope), sha256_of(canonical.text));
  std::string key = hmac_sha256("AWS4" + credentials.secret_key.reveal(), stamp.substr(0, 8));
  key = hmac_sha256(key, scope.region);
  key = hmac_sha256(key, "s3");
  key = hmac_sha256(key, "aws4_request");
  return hexadecimal(hmac_sha256(key, to_sign));
}

}  // namespace

std::string sha256_of(std::string_view bytes) {
  Sha256 sum;
  sum.update(bytes);
  return sum.finish();
}

std::string percent_encoded(std::string_view text, Slash slash) {
  std::string encoded;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~' ||
                          (c == '/' && slash == Slash::kKeep);
    if (is_plain) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

std::string canonical_query(const NamesAndValues& query) {
  NamesAndValues encoded;
  for (const auto& [name, value] : query) {
    encoded.emplace_back(percent_encoded(name, Slash::kEncode),
                         percent_encoded(value, Slash::kEncode));
  }
  std::ranges::sort(encoded);
  std::string text;
  for (const auto& [name, value] : encoded) {
    text += fmt::format("{}{}={}", text.empty() ? "" : "&", name, value);
  }
  return text;
}

NamesAndValues signed_headers(const S3Request& request, const S3Credentials& credentials,
                              const S3Scope& scope) {
  const std::string stamp = stamp_of(scope.time);
  NamesAndValues headers = request.headers;
  headers.emplace_back("x-amz-content-sha256", request.payload_sha256);
  headers.emplace_back("x-amz-date", stamp);
  if (!credentials.session_token.empty()) {
    headers.emplace_back("x-amz-security-token", credentials.session_token.reveal());
  }
  const Canonical canonical = canonical_request(request, headers);
  headers.emplace_back(
      "authorization",
      fmt::format("{} Credential={}/{},SignedHeaders={},Signature={}", kAlgorithm,
                  credentials.access_key, scope_text(stamp, scope), canonical.signed_names,
                  signature_of(canonical, credentials, scope, stamp)));
  return headers;
}

std::string presigned_query(const S3Request& request, const S3Credentials& credentials,
                            const S3Scope& scope, std::chrono::seconds valid_for) {
  const std::string stamp = stamp_of(scope.time);
  S3Request whole = request;
  whole.payload_sha256 = kUnsignedPayload;
  whole.query.emplace_back("X-Amz-Algorithm", kAlgorithm);
  whole.query.emplace_back("X-Amz-Credential",
                           fmt::format("{}/{}", credentials.access_key, scope_text(stamp, scope)));
  whole.query.emplace_back("X-Amz-Date", stamp);
  whole.query.emplace_back("X-Amz-Expires", std::to_string(valid_for.count()));
  whole.query.emplace_back("X-Amz-SignedHeaders", "host");
  if (!credentials.session_token.empty()) {
    whole.query.emplace_back("X-Amz-Security-Token", credentials.session_token.reveal());
  }
  const Canonical canonical = canonical_request(whole, {});
  return fmt::format("{}&X-Amz-Signature={}", canonical_query(whole.query),
                     signature_of(canonical, credentials, scope, stamp));
}

}  // namespace katip::media
