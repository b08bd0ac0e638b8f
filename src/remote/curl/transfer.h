#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "remote/http_client.h"

/// One request and its answer, redirects not followed: what http_client.cc puts together.
namespace katip::remote {

enum class Reach { kAnywhere, kPublicOnly };

struct TransferRequest {
  std::string url;
  Method method = Method::kGet;
  Reach reach = Reach::kAnywhere;  ///< Which addresses may be connected to.
  const RequestBody* body = nullptr;
  std::vector<std::string> header_lines;
  /// Called once, when the headers of the answer are complete and before its body.
  std::function<Status(int status, const std::vector<HttpHeader>& headers)> on_headers;
  /// Called with each piece of the body.
  std::function<Status(std::string_view bytes)> on_body;
};

struct TransferAnswer {
  int status = 0;
  std::vector<HttpHeader> headers;
  bool peer_is_public = false;
  std::optional<std::string> redirect_url;  ///< Absolute; set for 301, 302, 303, 307 and 308.
  std::optional<std::chrono::seconds> retry_after;
};

/// Errors: those of the callbacks and of the guard; kInvalidArgument for a URL that is none of http
/// and https;
///         kPermissionDenied for an address out of reach or a certificate that is not trusted;
///         kUnavailable and kTimeout for what may go well another time; kCancelled.
Result<TransferAnswer> transfer(const TransferRequest& request, const HttpOptions& options,
                                std::stop_token stop);

/// The value of a header by its name in any case, the last one of several.
std::optional<std::string> find_header(const std::vector<HttpHeader>& headers,
                                       std::string_view wanted);

/// Parts of a URL as curl reads them, so that what is checked is what is used.
struct UrlParts {
  std::string scheme;
  std::string host;
  std::string port;
};
Result<UrlParts> split_url(const std::string& url);

}  // namespace katip::remote
