#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "app/accounts/tokens.h"
#include "app/rate_limit.h"
#include "http/access/credentials.h"

using namespace katip;

/// Lines of the input are the headers that say who sends a request and from where. Whatever they
/// are: a credential is a piece of what was sent, a page of nobody known does not pass for one of
/// the server's, and what passes for a key has the form of one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array<const char*, 7> kNames = {
      "Authorization", "X-API-Key", "Cookie", "Host", "Origin", "Sec-Fetch-Site", "Upgrade"};
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  http::Request request;
  for (const char* name : kNames) {
    const std::size_t end = rest.find('\n');
    if (const std::string_view line = rest.substr(0, end); !line.empty()) {
      request.headers.add(name, std::string(line));
    }
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  }
  const http::Credentials credentials = http::read_credentials(request.headers);
  const std::string& secret = credentials.secret.reveal();
  if (secret.size() > size ||
      (credentials.kind == http::CredentialKind::kNone && !secret.empty())) {
    std::abort();
  }
  if (const auto prefix = app::key_prefix_of(secret); prefix && !secret.starts_with(*prefix)) {
    std::abort();
  }
  const std::string_view origin = request.headers.get("Origin");
  const bool names_host = origin.size() > request.headers.get("Host").size();
  if (!origin.empty() && !names_host && http::is_from_own_page(request, {})) std::abort();
  static_cast<void>(http::is_not_from_foreign_page(request, {"https://app.example"}));
  static_cast<void>(http::is_for_loopback(request.headers));
  static_cast<void>(http::may_change(request));
  static_cast<void>(app::network_of(request.headers.get("Host")));
  return 0;
}
