#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.h"
#include "base/result.h"

/// One request and its answer over libcurl, connections kept for the next one.
namespace katip::media {

struct TransportOptions {
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds stall_timeout{30'000};  ///< Nothing sent or received for so long.
  std::filesystem::path ca_file = {};  ///< Certificates to trust; empty: those of the system.
};

struct TransportRequest {
  std::string method = "GET";
  std::string url = {};
  std::vector<std::string> header_lines = {};
  std::string_view body = {};
  /// Each piece of the answer's body; an error ends the request.
  std::function<Status(int status, std::string_view bytes)> on_body = {};
  /// The headers are complete; may be empty.
  std::function<Status(int status, const std::vector<std::pair<std::string, std::string>>&)>
      on_headers = {};
};

struct TransportAnswer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers = {};  ///< Names in lower case.

  [[nodiscard]] std::string header(std::string_view name) const;
};

/// Threads: thread-safe; each request in hand has a connection of its own.
class Transport {
 public:
  explicit Transport(TransportOptions options);
  ~Transport();

  /// Redirects are answers. Nothing is tried twice.
  ///
  /// Errors: kUnavailable and kTimeout when there is no whole answer; kInvalidArgument for the
  ///         address; kPermissionDenied for a certificate; kCancelled; those of the callbacks.
  Result<TransportAnswer> perform(const TransportRequest& request, std::stop_token stop);

 private:
  struct Handle;
  std::unique_ptr<Handle> take();

  const TransportOptions options_;
  Guarded<std::vector<std::unique_ptr<Handle>>> idle_;
};

/// "Sun, 06 Nov 1994 08:49:37 GMT"; nothing for what is no date.
std::optional<std::chrono::system_clock::time_point> parse_http_date(const std::string& text);

}  // namespace katip::media
