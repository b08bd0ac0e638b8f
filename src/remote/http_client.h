#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "remote/outgoing_guard.h"

/// Outgoing HTTP: everything that katip asks of another machine goes through this one client.
///
///   HttpClient client({});
///   const HttpResponse answer = KATIP_TRY(client.get({.url = "https://host/x.json"}, stop));
///   KATIP_TRY(client.download({.request = {.url = "https://host/model.bin"},
///                              .target = "base/model.bin", .sha256 = sum}, on_progress, stop));
///
/// What it guards: http and https only; certificates are checked; at most a few redirects, each
/// checked again (never from https down to http, never from a public machine into a private
/// network, and a token is never passed on to another host); limits on size, silence and attempts.
/// Proxies are taken from the environment, as curl does, unless there is a guard: a request whose
/// address somebody else chose must have one, see outgoing_guard.h.
namespace katip::remote {

struct HttpOptions {
  std::chrono::milliseconds connect_timeout{15'000};
  std::chrono::milliseconds stall_timeout{30'000};  ///< Nothing received for so long: try again.
  int redirect_count_max = 8;
  int attempt_count_max = 5;                     ///< In a row without a new byte.
  std::chrono::milliseconds backoff_first{500};  ///< Doubles with each attempt in a row.
  std::chrono::milliseconds backoff_max{20'000};
  std::filesystem::path ca_file;  ///< Certificates to trust; empty: those of the system.
  std::string user_agent = "katip";
  const Clock* clock = &system_clock();               ///< Waits between attempts.
  std::chrono::milliseconds total_timeout{0};         ///< Of each hop; 0: as long as bytes come.
  std::optional<OutgoingGuard> guard = std::nullopt;  ///< Checks each hop.

  /// kInvalidArgument, naming the field and its limits.
  [[nodiscard]] Status validate() const;
};

enum class Method { kGet, kHead, kPost, kDelete };

/// A file of a form. It is read while it is sent, so it may be larger than the memory.
struct FormFile {
  std::string name;
  std::filesystem::path path;
  std::string file_name;  ///< What the receiver is told.
  std::string media_type;
};

/// multipart/form-data. A name may come more than once.
struct Form {
  struct Field {
    std::string name;
    std::string value;
  };
  std::vector<Field> fields;
  std::vector<FormFile> files;
};

using RequestBody = std::variant<std::monostate, std::string, Form>;

struct HttpRequest {
  std::string url;
  Method method = Method::kGet;
  Secret bearer_token = {};                    ///< Sent to the host of `url` only.
  std::int64_t size_max = 16ll << 20;          ///< Of the body of the answer, in bytes.
  RequestBody body = {};                       ///< Of a POST. A form names its own type.
  std::vector<std::string> header_lines = {};  ///< "Content-Type: application/json".
};

struct HttpHeader {
  std::string name;
  std::string value;
};

struct HttpResponse {
  int status = 0;
  std::vector<HttpHeader> headers;  ///< Of all hops, in the order of their coming.
  std::string body;
  std::optional<std::chrono::seconds> retry_after = {};  ///< As the server asked, if it did.

  /// The last one of this name (any case), from whichever hop.
  [[nodiscard]] std::optional<std::string> header(std::string_view name) const;
};

struct DownloadRequest {
  HttpRequest request;           ///< Its size_max does not count here: a file may have any size.
  std::filesystem::path target;  ///< Until it is complete the bytes are in `<target>.part`.
  std::optional<std::string> sha256 = std::nullopt;  ///< What the file must have.
  std::optional<std::int64_t> size = std::nullopt;   ///< What the file must have.
  std::int64_t size_max = 64ll << 30;                ///< A larger one is refused.
};

struct Download {
  std::string sha256;
  std::int64_t size = 0;
  std::vector<HttpHeader> headers;  ///< Of the last attempt, all hops.
};

/// A piece of an answer as it comes. False: this is enough, the rest is not wanted.
using BodyReader = std::function<Result<bool>(int status, std::string_view bytes)>;

/// Units: bytes; total is unknown when the server does not say.
using DownloadProgress = std::function<void(std::int64_t done, std::optional<std::int64_t> total)>;

/// Threads: thread-safe; calls block.
class HttpClient {
 public:
  explicit HttpClient(HttpOptions options);

  /// Gets a small answer, with retries.
  ///
  /// Errors: kNotFound, kUnauthenticated, kPermissionDenied and kInvalidArgument from the status;
  ///         kOverloaded, kUnavailable, kTimeout after the last attempt; kTooLarge; kCancelled.
  Result<HttpResponse> get(const HttpRequest& request, std::stop_token stop) const;

  /// Sends one request, once. Every answer is a success, whatever its status, and a redirect is an
  /// answer too: what it means is the caller's to say.
  ///
  /// Errors: kUnavailable and kTimeout when there is no answer; kInvalidArgument and
  ///         kPermissionDenied for an address that is not connected to, or a certificate; kTooLarge
  ///         for an answer above size_max; those of a file of the form; kCancelled.
  Result<HttpResponse> send(const HttpRequest& request, std::stop_token stop) const;

  /// The same for an answer that is read as it comes, such as one of server-sent events; its body
  /// is not kept, and size_max does not count.
  Result<HttpResponse> send(const HttpRequest& request, const BodyReader& on_body,
                            std::stop_token stop) const;

  /// Gets a file of any size. An interrupted one goes on where it stopped, in this call or in one
  /// of a later day, when the server still has the same file (by its validator, or by the sum).
  ///
  /// Errors: those of get(), those of writing a file, and kCorruptData when sum or size differ: the
  ///         bytes are thrown away then.
  Result<Download> download(const DownloadRequest& request, const DownloadProgress& on_progress,
                            std::stop_token stop) const;

 private:
  HttpOptions options_;
};

/// The host of a URL, for messages: "https://u:p@host:8/x" -> "host:8".
std::string host_of(const std::string& url);

}  // namespace katip::remote
