#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "http/request.h"

/// What a request says about who sends it, and whether a page of somebody else made a browser send
/// it.
namespace katip::http {

enum class CredentialKind {
  kNone,
  kKey,      ///< An API key: "Authorization: Bearer kp_…" or "X-API-Key".
  kSession,  ///< The token of a session as "Authorization: Bearer ks_…".
  kCookie,   ///< The token of a session as a browser sends it, also when another page says so.
};

struct Credentials {
  CredentialKind kind = CredentialKind::kNone;
  Secret secret = Secret();
};

inline constexpr std::string_view kSessionCookie = "katip_session";

/// The most explicit one; a bearer token is never passed over for a cookie.
Credentials read_credentials(const Headers& headers);

/// The value of a cookie; empty when it is not there.
std::string_view cookie_value(const Headers& headers, std::string_view name);

/// "Set-Cookie" of a session; one of no seconds ends it.
std::string session_cookie(const Secret& token, std::int64_t seconds, bool is_secure);

/// GET, HEAD and OPTIONS change nothing, unless they begin a WebSocket.
bool may_change(const Request& request);

/// Whether the request comes from a page of this server, of an allowed origin, or from no page.
/// A browser says so in Sec-Fetch-Site or Origin; one that says neither has to send
/// X-Requested-With, which no page of somebody else can without being asked (CORS).
bool is_from_own_page(const Request& request, const std::vector<std::string>& origins);
/// The same where no cookie is involved: what says nothing about a page is no browser.
bool is_not_from_foreign_page(const Request& request, const std::vector<std::string>& origins);

/// Whether the request was sent to this machine by name or number. A page on the internet can make
/// its own name point to 127.0.0.1; the browser then sends that name.
bool is_for_loopback(const Headers& headers);

/// Whether a proxy has passed the request on: its client may then be anywhere, whatever the address
/// that it came from.
bool came_through_proxy(const Headers& headers);

}  // namespace katip::http
