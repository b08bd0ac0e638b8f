#include "remote/http_client.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <memory>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/atomic_file.h"
#include "base/sha256.h"
#include "remote/curl/transfer.h"
#include "remote/part_file.h"

// Three layers: transfer() does one hop, follow() the redirects of one attempt, and get() and
// download() the attempts. Tested by http_client_test.cc and tests/e2e.
namespace katip::remote {
namespace {

constexpr int kAttemptCountMaxOverall = 1000;

struct Answer {
  int status = 0;
  std::vector<HttpHeader> headers;  // All hops.
};

// What the status of a final answer means, or nothing when it is a success.
std::optional<Error> status_error(int status, const std::string& url) {
  if (status >= 200 && status < 300) {
    return std::nullopt;
  }
  const std::string said = fmt::format("{} answered {}", host_of(url), status);
  switch (status) {
    case 401:
      return Error{ErrorCode::kUnauthenticated, said + " (a token is needed, or it is not valid)"};
    case 403:
      return Error{ErrorCode::kPermissionDenied, said + " (access refused)"};
    case 404:
    case 410:
      return Error{ErrorCode::kNotFound, said + " (not there)"};
    case 408:
      return Error{ErrorCode::kTimeout, said};
    case 429:
      return Error{ErrorCode::kOverloaded, said + " (too many requests)"};
    default:
      return Error{status >= 500 ? ErrorCode::kUnavailable : ErrorCode::kInvalidArgument, said};
  }
}

bool may_pass(const Error& error) {
  return error.code == ErrorCode::kOverloaded || error.code == ErrorCode::kUnavailable ||
         error.code == ErrorCode::kTimeout;
}

bool same_origin(const UrlParts& a, const UrlParts& b) {
  return a.scheme == b.scheme && a.host == b.host && a.port == b.port;
}

struct Callbacks {
  std::function<Status(int status, const std::vector<HttpHeader>&)> on_headers;
  std::function<Status(std::string_view)> on_body;
};

// A redirect that is to be followed: its callbacks are not the caller's, its body is thrown away.
bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

Result<Answer> follow(const HttpRequest& request, std::vector<std::string> lines,
                      const Callbacks& callbacks, const HttpOptions& options,
                      std::stop_token stop) {
  const UrlParts first = KATIP_TRY(split_url(request.url));
  Answer all;
  std::string url = request.url;
  Reach reach = Reach::kAnywhere;
  for (int hop = 0; hop <= options.redirect_count_max; ++hop) {
    const UrlParts parts = KATIP_TRY(split_url(url));
    if (first.scheme == "https" && parts.scheme != "https") {
      return fail(ErrorCode::kPermissionDenied, "a redirect led from https to " + parts.scheme +
                                                    "://" + parts.host + ": not followed");
    }
    TransferRequest one{.url = url,
                        .method = request.method,
                        .reach = reach,
                        .body = nullptr,
                        .header_lines = lines,
                        .on_headers = {},
                        .on_body = {}};
    one.header_lines.insert(one.header_lines.end(), request.header_lines.begin(),
                            request.header_lines.end());
    if (!request.bearer_token.empty() && same_origin(first, parts)) {
      one.header_lines.push_back("Authorization: Bearer " + request.bearer_token.reveal());
    }
    bool is_final = true;
    one.on_headers = [&](int status, const std::vector<HttpHeader>& headers) -> Status {
      is_final = !is_redirect(status) || !find_header(headers, "Location");
      return is_final && callbacks.on_headers ? callbacks.on_headers(status, headers) : Status{};
    };
    one.on_body = [&](std::string_view bytes) -> Status {
      return is_final && callbacks.on_body ? callbacks.on_body(bytes) : Status{};
    };
    TransferAnswer answer = KATIP_TRY(transfer(one, options, stop));
    std::ranges::move(answer.headers, std::back_inserter(all.headers));
    all.status = answer.status;
    if (is_final || !answer.redirect_url) {
      return all;
    }
    if (hop == 0 && answer.peer_is_public) {
      reach = Reach::kPublicOnly;
    }
    url = *answer.redirect_url;
  }
  return fail(ErrorCode::kUnavailable, fmt::format("{} redirects more than {} times", first.host,
                                                   options.redirect_count_max));
}

// How long to wait before the next attempt: what the server asked for, else a doubling time.
std::chrono::milliseconds backoff(int attempt, const std::vector<HttpHeader>& headers,
                                  const HttpOptions& options) {
  auto wait = options.backoff_first * (1 << std::min(attempt, 16));
  if (const auto after = find_header(headers, "Retry-After")) {
    int seconds = 0;
    std::from_chars(after->data(), after->data() + after->size(), seconds);
    wait = std::max(wait, std::chrono::milliseconds(1000ll * std::clamp(seconds, 0, 3600)));
  }
  return std::min(wait, options.backoff_max);
}

Error stopped() { return {ErrorCode::kCancelled, "stopped"}; }

}  // namespace

Status HttpOptions::validate() const {
  if (redirect_count_max < 0 || redirect_count_max > 50) {
    return fail(ErrorCode::kInvalidArgument, "redirect_count_max must be 0 to 50");
  }
  if (attempt_count_max < 1 || attempt_count_max > 100) {
    return fail(ErrorCode::kInvalidArgument, "attempt_count_max must be 1 to 100");
  }
  return {};
}

std::optional<std::string> HttpResponse::header(std::string_view name) const {
  return find_header(headers, name);
}

HttpClient::HttpClient(HttpOptions options) : options_(std::move(options)) {
  KATIP_ASSERT(options_.validate().has_value());
}

Result<HttpResponse> HttpClient::send(const HttpRequest& request, const BodyReader& on_body,
                                      std::stop_token stop) const {
  HttpResponse response;
  bool is_enough = false;
  TransferRequest one{.url = request.url,
                      .method = request.method,
                      .reach = Reach::kAnywhere,
                      .body = &request.body,
                      .header_lines = request.header_lines,
                      .on_headers = {},
                      .on_body = {}};
  if (!request.bearer_token.empty()) {
    one.header_lines.push_back("Authorization: Bearer " + request.bearer_token.reveal());
  }
  one.on_headers = [&](int status, const std::vector<HttpHeader>& headers) -> Status {
    response.status = status;
    response.headers = headers;
    return {};
  };
  one.on_body = [&](std::string_view bytes) -> Status {
    is_enough = !KATIP_TRY(on_body(response.status, bytes));
    return is_enough ? Status(std::unexpected(stopped())) : Status{};
  };
  Result<TransferAnswer> answer = transfer(one, options_, stop);
  if (answer) {
    response.retry_after = answer->retry_after;
  } else if (!is_enough || stop.stop_requested()) {
    return std::unexpected(std::move(answer).error());
  }
  return response;
}

Result<HttpResponse> HttpClient::send(const HttpRequest& request, std::stop_token stop) const {
  std::string body;
  const auto keep = [&](int, std::string_view bytes) -> Result<bool> {
    if (std::cmp_greater(body.size() + bytes.size(), request.size_max)) {
      return fail(ErrorCode::kTooLarge, fmt::format("the answer of {} is larger than {} bytes",
                                                    host_of(request.url), request.size_max));
    }
    body += bytes;
    return true;
  };
  HttpResponse response = KATIP_TRY(send(request, keep, std::move(stop)));
  response.body = std::move(body);
  return response;
}

Result<HttpResponse> HttpClient::get(const HttpRequest& request, std::stop_token stop) const {
  for (int attempt = 0;; ++attempt) {
    HttpResponse response;
    const Callbacks callbacks{
        .on_headers = {}, .on_body = [&](std::string_view bytes) -> Status {
          if (std::cmp_greater(response.body.size() + bytes.size(), request.size_max)) {
            return fail(ErrorCode::kTooLarge,
                        fmt::format("the answer of {} is larger than {} bytes",
                                    host_of(request.url), request.size_max));
          }
          response.body += bytes;
          return {};
        }};
    Result<Answer> answer = follow(request, {}, callbacks, options_, stop);
    std::optional<Error> error =
        answer ? status_error(answer->status, request.url) : std::optional(answer.error());
    if (answer) {
      response.status = answer->status;
      response.headers = std::move(answer->headers);
    }
    if (!error) {
      return response;
    }
    if (!may_pass(*error) || attempt + 1 >= options_.attempt_count_max) {
      return std::unexpected(*std::move(error));
    }
    if (!options_.clock->sleep_for(backoff(attempt, response.headers, options_), stop)) {
      return std::unexpected(stopped());
    }
  }
}

namespace {

// One attempt at a file: asks for what is missing, and writes what comes to the right place.
Status attempt_download(const DownloadRequest& request, PartFile& part, const HttpOptions& options,
                        const DownloadProgress& on_progress, std::vector<HttpHeader>& headers_seen,
                        std::stop_token stop) {
  std::vector<std::string> lines = part.range_lines();
  lines.push_back("Accept-Encoding: identity");
  std::optional<Error> refused;
  std::optional<std::int64_t> total = request.size;
  const Callbacks callbacks{
      .on_headers = [&](int status, const std::vector<HttpHeader>& headers) -> Status {
        headers_seen = headers;
        refused = status_error(status, request.request.url);
        if (status == 416) {  // What we have is not a beginning of what the server has.
          return part.restart();
        }
        if (refused) {
          return {};
        }
        Status begun = part.begin(status, find_header(headers, "Content-Range").value_or(""),
                                  find_header(headers, "ETag").value_or(""));
        if (const auto length = find_header(headers, "Content-Length"); begun && length && !total) {
          std::int64_t size = 0;
          std::from_chars(length->data(), length->data() + length->size(), size);
          total = part.size() + size;
        }
        return begun;
      },
      .on_body = [&](std::string_view bytes) -> Status {
        if (refused) {
          return {};
        }
        const std::int64_t size_max = request.size.value_or(request.size_max);
        if (std::cmp_greater(bytes.size(), size_max - part.size())) {
          return fail(ErrorCode::kTooLarge,
                      fmt::format("the file is larger than {} bytes", size_max));
        }
        Status written = part.write(bytes);
        if (written && on_progress) {
          on_progress(part.size(), total);
        }
        return written;
      }};
  Result<Answer> answer = follow(request.request, std::move(lines), callbacks, options, stop);
  if (!answer) {
    return std::unexpected(std::move(answer).error());
  }
  headers_seen = std::move(answer->headers);
  if (answer->status == 416) {
    return fail(ErrorCode::kUnavailable, "the file changed on the server");
  }
  return refused ? Status(std::unexpected(*refused)) : Status{};
}

Status check_size(const DownloadRequest& request, const PartFile& part) {
  if (request.size && part.size() != *request.size) {
    return fail(ErrorCode::kCorruptData,
                fmt::format("{} has {} bytes instead of {}", request.target.filename().string(),
                            part.size(), *request.size));
  }
  return {};
}

Result<std::string> check_sum(const DownloadRequest& request, const PartFile& part,
                              std::stop_token stop) {
  std::string sum = KATIP_TRY(sha256_of_file(part.path(), stop));
  if (request.sha256 && sum != *request.sha256) {
    return fail(ErrorCode::kCorruptData,
                fmt::format("{} has SHA-256 {} instead of {}", request.target.filename().string(),
                            sum, *request.sha256));
  }
  return sum;
}

}  // namespace

Result<Download> HttpClient::download(const DownloadRequest& request,
                                      const DownloadProgress& on_progress,
                                      std::stop_token stop) const {
  PartFile part = KATIP_TRY(PartFile::open(request.target, request.sha256.has_value()));
  Download result;
  int attempt_in_a_row = 0;
  for (int attempt = 0; !request.size || part.size() != *request.size; ++attempt) {
    const std::int64_t size_before = part.size();
    Status done = attempt_download(request, part, options_, on_progress, result.headers, stop);
    if (done) {
      break;
    }
    attempt_in_a_row = part.size() > size_before ? 0 : attempt_in_a_row + 1;
    if (!may_pass(done.error()) || attempt_in_a_row >= options_.attempt_count_max ||
        attempt >= kAttemptCountMaxOverall) {
      if (done.error().code == ErrorCode::kTooLarge) {
        part.discard();
      }
      return std::unexpected(std::move(done).error());
    }
    if (!options_.clock->sleep_for(backoff(attempt_in_a_row, result.headers, options_), stop)) {
      return std::unexpected(stopped());
    }
  }
  Status whole = check_size(request, part);
  Result<std::string> sum =
      whole ? check_sum(request, part, stop) : Result<std::string>(std::unexpected(whole.error()));
  if (!sum) {
    if (sum.error().code == ErrorCode::kCorruptData) {
      part.discard();  // Going on from these bytes would only give the same again.
    }
    return std::unexpected(std::move(sum).error());
  }
  result.sha256 = *std::move(sum);
  result.size = part.size();
  if (Status kept = part.keep(); !kept) {
    return std::unexpected(std::move(kept).error());
  }
  return result;
}

std::string host_of(const std::string& url) {
  const Result<UrlParts> parts = split_url(url);
  if (!parts) {
    return "the server";
  }
  const bool is_default = (parts->scheme == "https" && parts->port == "443") ||
                          (parts->scheme == "http" && parts->port == "80");
  return is_default ? parts->host : parts->host + ":" + parts->port;
}

}  // namespace katip::remote
