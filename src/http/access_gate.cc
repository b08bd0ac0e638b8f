#include "http/access_gate.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "base/sha256.h"
#include "http/access/credentials.h"

/// Tested by tests/e2e/test_access.py and access/credentials_test.cc.
namespace katip::http {
namespace {

constexpr std::string_view kRepeatHeader = "Idempotency-Key";
constexpr std::string_view kUploadPrefix = "Upload-";

Failure missing_credentials() {
  Failure failure(401, "UNAUTHENTICATED",
                  "this needs an API key (`Authorization: Bearer kp_…`) or a login");
  failure.headers.set("WWW-Authenticate", "Bearer");
  return failure;
}

Failure wrong_credentials(const Error& error) {
  Failure failure(error);
  failure.openai_code = "invalid_api_key";
  return failure;
}

Failure too_many(std::string message, const app::RateDecision& decision) {
  Failure failure(429, "RATE_LIMITED", std::move(message));
  failure.openai_code = "rate_limit_exceeded";
  failure.headers.set("Retry-After", std::to_string(decision.reset.count()));
  return failure;
}

/// One limit more in the headers that tell them: what it allows, and what of it is left.
void add_limit(Headers& headers, const std::string& policy, const std::string& left) {
  for (const auto& [name, text] :
       {std::pair("RateLimit-Policy", &policy), std::pair("RateLimit", &left)}) {
    const std::string before(headers.get(name));
    headers.set(name, before.empty() ? *text : before + ", " + *text);
  }
}

Failure foreign_page() {
  return {403, "FOREIGN_PAGE",
          "a page of another origin may not do this; allow it in server.cors_origins, or send an "
          "API key, or the header X-Requested-With from what is no browser"};
}

Failure only_transcribes() {
  return {403, "PERMISSION_DENIED", "a client secret (ek_…) is for transcribing and nothing else"};
}

/// What has no principal may do nothing that needs one.
app::Principal nobody() { return {.name = "nobody"}; }

/// SHA-256 of what makes a request the same: its query and its body; of an upload, what it says of
/// itself.
std::string fingerprint(const Request& request) {
  Sha256 hash;
  const std::size_t query = request.target.find('?');
  if (query != request.target.npos) hash.update(std::string_view(request.target).substr(query));
  hash.update("\n");
  hash.update(request.body);
  for (const auto& [name, value] : request.form.fields) {
    hash.update(fmt::format("\n{}:{}={}:{}", name.size(), name, value.size(), value));
  }
  for (const auto& [name, file] : request.form.files) {
    hash.update(fmt::format("\n{}:{}={}", name.size(), name, file.sha256));
  }
  for (const auto& [name, value] : request.headers) {
    if (name.size() < kUploadPrefix.size() ||
        !equals_ignoring_case(std::string_view(name).substr(0, kUploadPrefix.size()),
                              kUploadPrefix)) {
      continue;
    }
    hash.update(fmt::format("\n{}:{}", name, value));
  }
  return hash.finish();
}

/// What may come again because nothing was done.
bool is_worth_repeating(int status) {
  return status == 408 || status == 429 || status == 460 || status == 503 || status == 504;
}

Response replayed(const app::KeptAnswer& answer) {
  Response response{
      .status = answer.status, .headers = {{"Idempotent-Replayed", "true"}}, .body = answer.body};
  if (!answer.media_type.empty()) response.headers.set("Content-Type", answer.media_type);
  if (!answer.location.empty()) response.headers.set("Location", answer.location);
  return response;
}

/// A ticket that is given back unless the answer was kept, whatever the handler throws.
class HeldTicket final : public RepeatableTurn {
 public:
  HeldTicket(app::Idempotency& repeats, app::RepeatTicket ticket, const Request& request,
             ErrorShape errors)
      : repeats_(repeats), ticket_(std::move(ticket)), errors_(errors) {
    // What the shape of an error depends on; the request itself may end before its answer comes.
    shown_.headers = request.headers;
    shown_.request_id = request.request_id;
    shown_.path = request.path;
  }
  ~HeldTicket() override {
    if (!is_settled_) static_cast<void>(repeats_.release(ticket_, {}));
  }

  /// When the answer cannot be kept the request was done all the same: the ticket stays taken.
  void keep(const Answer& answer) override {
    const Response response = answer ? *answer : to_response(answer.error(), errors_, shown_);
    const auto* text = std::get_if<std::string>(&response.body);
    if (text == nullptr || is_worth_repeating(response.status)) return;
    is_settled_ = true;
    if (response.headers.get("Cache-Control") == "no-store") {  // It holds a secret.
      static_cast<void>(repeats_.finish_unkept(ticket_, response.status, {}));
      return;
    }
    static_cast<void>(
        repeats_.finish(ticket_,
                        {.status = response.status,
                         .media_type = std::string(response.headers.get("Content-Type")),
                         .location = std::string(response.headers.get("Location")),
                         .body = *text},
                        {}));
  }

 private:
  app::Idempotency& repeats_;
  app::RepeatTicket ticket_;
  const ErrorShape errors_;
  Request shown_;
  bool is_settled_ = false;
};

/// Transcriptions for OpenAI's clients are answered to whom waits for them, and not kept; a piece
/// of an upload says by its offset whether it was done.
bool can_be_repeated(const Request& request, const Route& route) {
  if (!may_change(request) || !needs_principal(route) || route.open_socket) return false;
  if (route.handle_later) return route.errors == ErrorShape::kNative;
  return !route.open_body || request.method == Method::kPost;
}

}  // namespace

std::expected<Headers, Failure> AccessGate::admit(Request& request, const Route& route) {
  Admission who = identify(request, route);
  if (!who) return std::unexpected(std::move(who).error());
  request.principal = *std::move(who);
  if (route.permission && !request.principal.may(*route.permission)) {
    Failure failure(403, "PERMISSION_DENIED",
                    fmt::format("this needs the permission `{}`", app::name(*route.permission)));
    failure.openai_code = "insufficient_permissions";
    return std::unexpected(std::move(failure));
  }
  Headers limits = KATIP_TRY(check_audio(request, route));
  if (!needs_principal(route)) return limits;
  return count(request.principal, std::move(limits));
}

std::expected<Headers, Failure> AccessGate::check_audio(const Request& request,
                                                        const Route& route) const {
  if (route.permission != app::Permission::kTranscribe || !may_change(request)) return Headers();
  const auto use = parts_.accounts.check_audio(request.principal, {});
  const auto add = [&](Headers& headers, int quota, double left) {
    add_limit(headers, fmt::format("\"audio\";q={};w=86400;qu=\"audio-seconds\"", quota),
              fmt::format("\"audio\";r={};t={}", static_cast<std::int64_t>(std::max(left, 0.0)),
                          parts_.accounts.audio_wait().count()));
  };
  if (use) {
    Headers headers;
    if (use->limit) add(headers, *use->limit, *use->limit - use->seconds);
    return headers;
  }
  Failure failure(use.error());
  if (use.error().code == ErrorCode::kOverloaded) {
    failure.code = "QUOTA_EXCEEDED";
    failure.openai_code = "insufficient_quota";
    failure.headers.set("Retry-After", std::to_string(parts_.accounts.audio_wait().count()));
    failure.headers.set("x-should-retry", "false");
    add(failure.headers, request.principal.daily_audio_seconds_limit.value_or(0), 0);
  }
  return std::unexpected(std::move(failure));
}

AccessGate::Admission AccessGate::identify(const Request& request, const Route& route) {
  if (options_.is_open_when_empty) {
    const auto is_empty = parts_.accounts.is_empty({});
    if (!is_empty && needs_principal(route)) return std::unexpected(Failure(is_empty.error()));
    if (is_empty.value_or(false)) return identify_open(request);
  }
  const Credentials credentials = read_credentials(request.headers);
  if (credentials.kind == CredentialKind::kNone) {
    if (needs_principal(route)) return std::unexpected(missing_credentials());
    return nobody();
  }
  Admission who = authenticate(credentials, request, route);
  // Whoever has an old cookie has to be able to log in.
  if (!who && !needs_principal(route)) return nobody();
  return who;
}

AccessGate::Admission AccessGate::identify_open(const Request& request) const {
  if (came_through_proxy(request.headers)) {
    return std::unexpected(Failure(
        403, "OPEN_BEHIND_PROXY",
        "this server has no administrator and is open to its own machine only, not to whom a proxy "
        "lets in: katip user create NAME --role admin, or katip key create --name N --scopes all"));
  }
  if (!is_for_loopback(request.headers)) {
    return std::unexpected(
        Failure(403, "ACCOUNTS_NEEDED",
                "without accounts katip answers only as localhost; make an administrator: katip "
                "user create NAME --role admin"));
  }
  if (may_change(request) && !is_not_from_foreign_page(request, options_.origins)) {
    return std::unexpected(foreign_page());
  }
  return app::open_principal();
}

AccessGate::Admission AccessGate::authenticate(const Credentials& credentials,
                                               const Request& request, const Route& route) {
  const bool is_key = credentials.kind == CredentialKind::kKey;
  if (is_key && credentials.secret.reveal().starts_with(app::ClientSecrets::kPrefix)) {
    // A wrong one counts as a wrong key, below.
    auto entry = parts_.secrets.find(credentials.secret.reveal());
    if (entry) {
      // A key that was revoked takes along what was made with it.
      const auto works = parts_.accounts.still_works(entry->principal, {});
      if (!works) return std::unexpected(Failure(works.error()));
      if (!*works) entry.reset();
    }
    if (entry && route.permission == app::Permission::kTranscribe) {
      return std::move(entry->principal);
    }
    // It names its maker, whose keys and sessions are none of its business.
    if (entry && needs_principal(route)) return std::unexpected(only_transcribes());
  }
  auto who = is_key ? parts_.accounts.authenticate_key(credentials.secret, {})
                    : parts_.accounts.authenticate_session(credentials.secret, {});
  if (who) {
    const bool is_cookie = credentials.kind == CredentialKind::kCookie;
    if (is_cookie && may_change(request) && !is_from_own_page(request, options_.origins)) {
      return std::unexpected(foreign_page());
    }
    return *std::move(who);
  }
  if (who.error().code != ErrorCode::kUnauthenticated) {
    return std::unexpected(Failure(who.error()));
  }
  const app::RateDecision decision =
      failures_.take(app::network_of(request.client_ip), {.quota = options_.failures_per_minute});
  if (!decision.is_allowed) {
    return std::unexpected(too_many("too many wrong keys from here; wait a while", decision));
  }
  return std::unexpected(wrong_credentials(who.error()));
}

std::expected<Headers, Failure> AccessGate::count(const app::Principal& principal, Headers limits) {
  const bool is_named =
      principal.kind == app::PrincipalKind::kUser || principal.kind == app::PrincipalKind::kApiKey;
  const std::int64_t quota =
      principal.rate_limit_per_minute.value_or(is_named ? options_.rate_limit_per_minute : 0);
  if (quota <= 0) return limits;
  const app::RateDecision decision = requests_.take(principal.id, {.quota = quota});
  add_limit(limits, fmt::format("\"default\";q={};w=60", quota),
            fmt::format("\"default\";r={};t={}", decision.remaining, decision.reset.count()));
  if (decision.is_allowed) return limits;
  Failure failure = too_many(fmt::format("more than {} requests in a minute", quota), decision);
  for (const auto& [name, value] : limits) failure.headers.set(name, value);
  return std::unexpected(std::move(failure));
}

Begun AccessGate::begin(const Request& request, const Route& route) {
  Begun begun;
  if (request.headers.has(kRepeatHeader) && can_be_repeated(request, route)) {
    auto turn = take_turn(request, route);
    if (turn) {
      begun.turn = *std::move(turn);
    } else {
      begun.answer = std::move(turn).error();
    }
  }
  return begun;
}

std::expected<std::unique_ptr<RepeatableTurn>, Answer> AccessGate::take_turn(const Request& request,
                                                                             const Route& route) {
  auto state = parts_.repeats.begin(request.principal,
                                    {.method = std::string(name(request.method)),
                                     .path = request.path,
                                     .key = std::string(request.headers.get(kRepeatHeader)),
                                     .sha256 = fingerprint(request)},
                                    {});
  if (!state) return std::unexpected(Answer(std::unexpected(Failure(state.error()))));
  if (const auto* answer = std::get_if<app::KeptAnswer>(&*state)) {
    Response response = replayed(*answer);
    if (request.headers.has("Tus-Resumable")) response.headers.set("Tus-Resumable", "1.0.0");
    return std::unexpected(Answer(std::move(response)));
  }
  if (std::holds_alternative<app::RepeatRunning>(*state)) {
    Failure failure(409, "REQUEST_IN_PROGRESS",
                    "this request is being done; ask again with the same Idempotency-Key");
    failure.headers.set("Retry-After", "1");
    return std::unexpected(Answer(std::unexpected(std::move(failure))));
  }
  if (std::holds_alternative<app::RepeatOther>(*state)) {
    return std::unexpected(Answer(std::unexpected(Failure(
        422, "IDEMPOTENCY_KEY_REUSED", "this Idempotency-Key was used for another request"))));
  }
  return std::make_unique<HeldTicket>(parts_.repeats, std::get<app::RepeatTicket>(*state), request,
                                      route.errors);
}

}  // namespace katip::http
