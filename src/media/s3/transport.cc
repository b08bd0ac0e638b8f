#include "media/s3/transport.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include <curl/curl.h>
#include <fmt/format.h>

#include "base/assert.h"
#include "base/trimmed.h"

/// The only file of this module that knows libcurl. Tested by transport_test.cc.
namespace katip::media {
namespace {

constexpr std::size_t kHeaderCountMax = 200;
constexpr std::size_t kIdleCountMax = 8;

struct Exchange {
  const TransportRequest& request;
  const std::stop_token& stop;
  CURL* handle;
  TransportAnswer answer = {};
  std::optional<Error> error = {};
  bool is_told = false;  // of the headers
  bool is_head_whole = false;
};

/// The headers of the last answer are complete. False: the request is over.
bool tell_headers(Exchange& exchange) {
  if (exchange.is_told) return true;
  exchange.is_told = true;
  long status = 0;
  curl_easy_getinfo(exchange.handle, CURLINFO_RESPONSE_CODE, &status);
  exchange.answer.status = static_cast<int>(status);
  if (!exchange.request.on_headers) return true;
  Status decided = exchange.request.on_headers(exchange.answer.status, exchange.answer.headers);
  if (!decided) exchange.error = std::move(decided).error();
  return decided.has_value();
}

std::size_t on_header(char* data, std::size_t, std::size_t size, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const std::string_view line(data, size);
  if (line.starts_with("HTTP/")) exchange.answer.headers.clear();  // 100 Continue came before.
  // libcurl takes a head that breaks off for a whole one.
  exchange.is_head_whole = trimmed(line).empty();
  const std::size_t colon = line.find(':');
  if (colon == line.npos) return size;
  if (exchange.answer.headers.size() == kHeaderCountMax) {
    exchange.error = Error{ErrorCode::kUnavailable, "the answer has too many headers"};
    return 0;
  }
  std::string name(trimmed(line.substr(0, colon)));
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  exchange.answer.headers.emplace_back(std::move(name), trimmed(line.substr(colon + 1)));
  return size;
}

std::size_t on_body(char* data, std::size_t, std::size_t size, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  if (!tell_headers(exchange)) return 0;
  if (!exchange.request.on_body) return size;
  Status taken = exchange.request.on_body(exchange.answer.status, std::string_view(data, size));
  if (!taken) exchange.error = std::move(taken).error();
  return taken ? size : 0;
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Exchange*>(user)->stop.stop_requested() ? 1 : 0;
}

Error error_of(CURLcode code, const char* detail) {
  const std::string what = *detail != '\0' ? detail : curl_easy_strerror(code);
  switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
      return {ErrorCode::kInvalidArgument, "this is no http or https address: " + what};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return {ErrorCode::kPermissionDenied,
              "the certificate is not trusted (" + what +
                  "); name the file of a private authority in SSL_CERT_FILE"};
    case CURLE_OPERATION_TIMEDOUT:
      return {ErrorCode::kTimeout, "no answer in time (" + what + ")"};
    default:
      return {ErrorCode::kUnavailable, "the connection failed (" + what + ")"};
  }
}

void apply_request(CURL* handle, const TransportRequest& request) {
  curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  if (request.method == "HEAD") {
    curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
    return;
  }
  if (request.method != "GET") {
    // An empty body has a length too: without one some servers wait for it.
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.empty() ? "" : request.body.data());
  }
  curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

void apply_callbacks(CURL* handle, Exchange& exchange) {
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &on_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &exchange);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &on_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &exchange);
  curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, &on_progress);
  curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &exchange);
  curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
}

void apply_options(CURL* handle, const TransportOptions& options) {
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(options.connect_timeout.count()));
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME,
                   static_cast<long>((options.stall_timeout.count() + 999) / 1000));
  curl_easy_setopt(handle, CURLOPT_USERAGENT, "katip");
  if (!options.ca_file.empty()) {
    curl_easy_setopt(handle, CURLOPT_CAINFO, options.ca_file.c_str());
  }
}

}  // namespace

std::string TransportAnswer::header(std::string_view name) const {
  const auto found =
      std::ranges::find_if(headers, [name](const auto& header) { return header.first == name; });
  return found == headers.end() ? "" : found->second;
}

struct Transport::Handle {
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl{curl_easy_init(), &curl_easy_cleanup};
};

Transport::Transport(TransportOptions options) : options_(std::move(options)) {
  static std::once_flag once;
  std::call_once(once, [] { KATIP_ASSERT(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK); });
}

Transport::~Transport() = default;

std::unique_ptr<Transport::Handle> Transport::take() {
  auto kept = idle_.with_lock([](auto& idle) {
    std::unique_ptr<Handle> last;
    if (!idle.empty()) {
      last = std::move(idle.back());
      idle.pop_back();
    }
    return last;
  });
  return kept ? std::move(kept) : std::make_unique<Handle>();
}

Result<TransportAnswer> Transport::perform(const TransportRequest& request, std::stop_token stop) {
  std::unique_ptr<Handle> handle = take();
  CURL* curl = handle->curl.get();
  if (curl == nullptr) return fail(ErrorCode::kInternal, "libcurl cannot start");
  curl_easy_reset(curl);  // Connections stay open.
  Exchange exchange{.request = request, .stop = stop, .handle = curl};
  apply_request(curl, request);
  apply_options(curl, options_);
  apply_callbacks(curl, exchange);
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> lines(nullptr, &curl_slist_free_all);
  // Who does not know this one costs a second; a type that curl makes up would not be signed.
  for (const char* line : {"Expect:", "Content-Type:"}) {
    lines.reset(curl_slist_append(lines.release(), line));
  }
  for (const std::string& line : request.header_lines) {
    lines.reset(curl_slist_append(lines.release(), line.c_str()));
  }
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, lines.get());
  std::array<char, CURL_ERROR_SIZE> detail{};
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail.data());
  const CURLcode code = curl_easy_perform(curl);
  if (code == CURLE_OK && !exchange.is_head_whole) {
    exchange.error = Error{ErrorCode::kUnavailable, "the answer broke off"};
  }
  if (code == CURLE_OK && !exchange.error) tell_headers(exchange);  // An answer without a body.
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, nullptr);
  idle_.with_lock([&](auto& idle) {
    if (idle.size() < kIdleCountMax) idle.push_back(std::move(handle));
  });
  if (stop.stop_requested()) return fail(ErrorCode::kCancelled, "stopped");
  if (exchange.error) return std::unexpected(*std::move(exchange.error));
  if (code != CURLE_OK) return std::unexpected(error_of(code, detail.data()));
  return std::move(exchange.answer);
}

std::optional<std::chrono::system_clock::time_point> parse_http_date(const std::string& text) {
  const std::time_t seconds = curl_getdate(text.c_str(), nullptr);
  if (seconds < 0) return std::nullopt;
  return std::chrono::system_clock::from_time_t(seconds);
}

}  // namespace katip::media
