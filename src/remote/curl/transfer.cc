#include "remote/curl/transfer.h"

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>

#include <curl/curl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/trimmed.h"
#include "remote/curl/address.h"
#include "remote/ip_address.h"

// libcurl calls back into `Exchange` from within curl_easy_perform, on the same thread. Its
// progress call comes about once a second even when nothing moves, which is where a stop request is
// seen. Tested by http_client_test.cc and by tests/e2e.
namespace katip::remote {
namespace {

struct Exchange {
  const TransferRequest& request;
  std::stop_token stop;
  std::optional<OutgoingGuard::Target> target;  // With a guard: where to, and nowhere else.
  TransferAnswer answer;
  std::optional<Error> error;  // Of a callback; it ends the transfer.
  bool headers_are_complete = false;
  bool was_out_of_reach = false;
};

using Handle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using List = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;
using Mime = std::unique_ptr<curl_mime, decltype(&curl_mime_free)>;

std::size_t on_header(char* data, std::size_t, std::size_t size, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const std::string_view line(data, size);
  if (line.starts_with("HTTP/")) {
    exchange.answer.headers.clear();  // A 100 Continue, or the answer of a proxy, came before.
  } else if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
    constexpr std::size_t kHeaderCountMax = 200;
    if (exchange.answer.headers.size() == kHeaderCountMax) {
      exchange.error = Error{ErrorCode::kTooLarge, "the answer has too many headers"};
      return 0;
    }
    exchange.answer.headers.push_back({std::string(trimmed(line.substr(0, colon))),
                                       std::string(trimmed(line.substr(colon + 1)))});
  }
  return size;
}

bool complete_headers(Exchange& exchange, CURL* handle) {
  if (exchange.headers_are_complete) {
    return true;
  }
  exchange.headers_are_complete = true;
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  exchange.answer.status = static_cast<int>(status);
  if (exchange.request.on_headers) {
    Status decided = exchange.request.on_headers(exchange.answer.status, exchange.answer.headers);
    if (!decided) {
      exchange.error = std::move(decided).error();
      return false;
    }
  }
  return true;
}

struct BodyTarget {
  Exchange* exchange;
  CURL* handle;
};

std::size_t on_body(char* data, std::size_t, std::size_t size, void* user) {
  const auto& target = *static_cast<BodyTarget*>(user);
  if (!complete_headers(*target.exchange, target.handle)) {
    return 0;
  }
  if (target.exchange->request.on_body) {
    Status taken = target.exchange->request.on_body(std::string_view(data, size));
    if (!taken) {
      target.exchange->error = std::move(taken).error();
      return 0;
    }
  }
  return size;
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Exchange*>(user)->stop.stop_requested() ? 1 : 0;
}

// The address that is checked is the one that is connected to: a name that changes its mind between
// two look-ups gains nothing.
curl_socket_t on_open_socket(void* user, curlsocktype, curl_sockaddr* address) {
  auto& exchange = *static_cast<Exchange*>(user);
  const bool is_reachable = is_public(address->addr);
  bool is_allowed = is_reachable || exchange.request.reach == Reach::kAnywhere;
  if (exchange.target) {
    const auto number = IpAddress::from(address->addr);
    is_allowed = number && std::ranges::find(exchange.target->addresses, *number) !=
                               exchange.target->addresses.end();
  }
  if (!is_allowed) {
    exchange.was_out_of_reach = true;
    return CURL_SOCKET_BAD;
  }
  exchange.answer.peer_is_public = is_reachable;
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

void apply_options(CURL* handle, const HttpOptions& options) {
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(options.connect_timeout.count()));
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME,
                   static_cast<long>((options.stall_timeout.count() + 999) / 1000));
  if (options.total_timeout.count() > 0) {
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(options.total_timeout.count()));
  }
  curl_easy_setopt(handle, CURLOPT_USERAGENT, options.user_agent.c_str());
  if (!options.ca_file.empty()) {
    curl_easy_setopt(handle, CURLOPT_CAINFO, options.ca_file.c_str());
  }
}

void apply_callbacks(CURL* handle, Exchange& exchange, BodyTarget& body) {
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &on_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &exchange);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &on_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &body);
  curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, &on_progress);
  curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &exchange);
  curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, &on_open_socket);
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, &exchange);
}

// The name is not looked up again: curl is told what the guard has seen.
List pin(CURL* handle, const OutgoingGuard::Target& target) {
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_NOPROXY, "*");
  std::string line = target.host + ":" + target.port + ":";
  for (const IpAddress& address : target.addresses) {
    if (!line.ends_with(':')) line += ',';
    line += address.is_v6() ? "[" + address.text() + "]" : address.text();
  }
  List list(nullptr, &curl_slist_free_all);
  if (!IpAddress::parse(target.host)) {
    list.reset(curl_slist_append(nullptr, line.c_str()));
    curl_easy_setopt(handle, CURLOPT_RESOLVE, list.get());
  }
  return list;
}

Status add_form(CURL* handle, curl_mime* mime, const Form& form) {
  bool is_whole = true;
  for (const Form::Field& field : form.fields) {
    curl_mimepart* part = curl_mime_addpart(mime);
    is_whole = is_whole && curl_mime_name(part, field.name.c_str()) == CURLE_OK &&
               curl_mime_data(part, field.value.data(), field.value.size()) == CURLE_OK;
  }
  for (const FormFile& file : form.files) {
    curl_mimepart* part = curl_mime_addpart(mime);
    // Read piece by piece while it is sent.
    if (curl_mime_filedata(part, file.path.c_str()) != CURLE_OK) {
      return fail(ErrorCode::kNotFound, file.path.filename().string() + " cannot be read");
    }
    is_whole = is_whole && curl_mime_name(part, file.name.c_str()) == CURLE_OK &&
               curl_mime_filename(part, file.file_name.c_str()) == CURLE_OK &&
               curl_mime_type(part, file.media_type.c_str()) == CURLE_OK;
  }
  if (!is_whole) return fail(ErrorCode::kInternal, "libcurl cannot make this form");
  curl_easy_setopt(handle, CURLOPT_MIMEPOST, mime);
  return {};
}

Status apply_body(CURL* handle, const TransferRequest& request, Mime& mime) {
  if (request.method == Method::kDelete) curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, "DELETE");
  if (request.method != Method::kPost) return {};
  curl_easy_setopt(handle, CURLOPT_POST, 1L);
  if (request.body == nullptr) return {};
  if (const auto* form = std::get_if<Form>(request.body)) {
    mime.reset(curl_mime_init(handle));
    return add_form(handle, mime.get(), *form);
  }
  static const std::string empty;
  const auto* text = std::get_if<std::string>(request.body);
  const std::string& bytes = text != nullptr ? *text : empty;
  curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(bytes.size()));
  curl_easy_setopt(handle, CURLOPT_POSTFIELDS, bytes.c_str());  // Kept by the caller.
  return {};
}

Error curl_error(CURLcode code, const std::string& host, const char* detail) {
  const std::string what = *detail != '\0' ? detail : curl_easy_strerror(code);
  switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
      return {ErrorCode::kInvalidArgument, "not an http or https address: " + what};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return {ErrorCode::kPermissionDenied,
              "the certificate of " + host + " is not trusted (" + what +
                  "); name the file of a private authority in SSL_CERT_FILE"};
    case CURLE_OPERATION_TIMEDOUT:
      return {ErrorCode::kTimeout, "no answer from " + host + " in time (" + what + ")"};
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
      return {ErrorCode::kUnavailable, "cannot reach " + host + " (" + what + ")"};
    default:
      return {ErrorCode::kUnavailable, "the connection to " + host + " broke (" + what + ")"};
  }
}

Result<TransferAnswer> finish(CURL* handle, CURLcode code, Exchange& exchange, const char* detail) {
  if (exchange.stop.stop_requested()) {
    return fail(ErrorCode::kCancelled, "stopped");
  }
  if (exchange.error) {
    return std::unexpected(*std::move(exchange.error));
  }
  if (exchange.was_out_of_reach && code != CURLE_OK) {
    return fail(ErrorCode::kPermissionDenied,
                host_of(exchange.request.url) + " is in a private network: not connected to");
  }
  if (code != CURLE_OK) {
    return std::unexpected(curl_error(code, host_of(exchange.request.url), detail));
  }
  if (!complete_headers(exchange, handle)) {  // An answer without a body.
    return std::unexpected(*std::move(exchange.error));
  }
  char* redirect = nullptr;
  curl_easy_getinfo(handle, CURLINFO_REDIRECT_URL, &redirect);
  if (redirect != nullptr) {
    exchange.answer.redirect_url = redirect;
  }
  curl_off_t wait_s = 0;
  if (find_header(exchange.answer.headers, "Retry-After") &&
      curl_easy_getinfo(handle, CURLINFO_RETRY_AFTER, &wait_s) == CURLE_OK && wait_s >= 0) {
    exchange.answer.retry_after = std::chrono::seconds(wait_s);
  }
  return std::move(exchange.answer);
}

}  // namespace

Result<TransferAnswer> transfer(const TransferRequest& request, const HttpOptions& options,
                                std::stop_token stop) {
  static std::once_flag once;
  std::call_once(once, [] { KATIP_ASSERT(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK); });
  const Handle handle(curl_easy_init(), &curl_easy_cleanup);
  if (!handle) {
    return fail(ErrorCode::kInternal, "libcurl cannot start");
  }
  Exchange exchange{.request = request, .stop = stop, .target = {}, .answer = {}, .error = {}};
  BodyTarget body{.exchange = &exchange, .handle = handle.get()};
  apply_options(handle.get(), options);
  apply_callbacks(handle.get(), exchange, body);
  List pinned(nullptr, &curl_slist_free_all);
  if (options.guard) {
    exchange.target = KATIP_TRY(options.guard->check(request.url));
    pinned = pin(handle.get(), *exchange.target);
  }
  List lines(nullptr, &curl_slist_free_all);
  lines.reset(curl_slist_append(nullptr, "Expect:"));  // Who does not know it costs a second.
  for (const std::string& line : request.header_lines) {
    lines.reset(curl_slist_append(lines.release(), line.c_str()));
  }
  curl_easy_setopt(handle.get(), CURLOPT_HTTPHEADER, lines.get());
  curl_easy_setopt(handle.get(), CURLOPT_NOBODY, request.method == Method::kHead ? 1L : 0L);
  Mime mime(nullptr, &curl_mime_free);
  KATIP_TRY(apply_body(handle.get(), request, mime));
  const std::string& url = exchange.target ? exchange.target->url : request.url;
  curl_easy_setopt(handle.get(), CURLOPT_URL, url.c_str());
  std::array<char, CURL_ERROR_SIZE> detail{};
  curl_easy_setopt(handle.get(), CURLOPT_ERRORBUFFER, detail.data());
  const CURLcode code = curl_easy_perform(handle.get());
  return finish(handle.get(), code, exchange, detail.data());
}

std::optional<std::string> find_header(const std::vector<HttpHeader>& headers,
                                       std::string_view wanted) {
  const auto same = [](char x, char y) {
    return (x | (x >= 'A' && x <= 'Z' ? 32 : 0)) == (y | (y >= 'A' && y <= 'Z' ? 32 : 0));
  };
  const auto found = std::find_if(headers.rbegin(), headers.rend(), [&](const HttpHeader& header) {
    return std::ranges::equal(header.name, wanted, same);
  });
  return found == headers.rend() ? std::nullopt : std::optional(found->value);
}

Result<UrlParts> split_url(const std::string& url) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parsed(curl_url(), &curl_url_cleanup);
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) {
    return fail(ErrorCode::kInvalidArgument, "not an http or https address");
  }
  const auto part = [&](CURLUPart which) {
    char* text = nullptr;
    curl_url_get(parsed.get(), which, &text, CURLU_DEFAULT_PORT);
    std::string result = text != nullptr ? text : "";
    curl_free(text);
    return result;
  };
  UrlParts parts{
      .scheme = part(CURLUPART_SCHEME), .host = part(CURLUPART_HOST), .port = part(CURLUPART_PORT)};
  if (parts.scheme != "http" && parts.scheme != "https") {
    return fail(ErrorCode::kInvalidArgument, "not an http or https address");
  }
  return parts;
}

}  // namespace katip::remote
