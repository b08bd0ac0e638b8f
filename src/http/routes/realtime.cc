#include "http/routes/realtime.h"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "http/json_text.h"
#include "http/routes/audited.h"

/// Tested by tests/e2e/test_realtime.py with the official client.
namespace katip::http {
namespace json = boost::json;
namespace {

constexpr std::int64_t kSecretSeconds = 600;
constexpr std::int64_t kBetaSecretSeconds = 60;

RealtimeDialect dialect_of(const Request& request) {
  return request.headers.get("OpenAI-Beta").contains("realtime=v1") ||
                 request.headers.joined("Sec-WebSocket-Protocol")
                     .contains("openai-beta.realtime-v1")
             ? RealtimeDialect::kBeta
             : RealtimeDialect::kCurrent;
}

std::string_view secret_of(const Request& request) {
  constexpr std::string_view kBearer = "Bearer ";
  const std::string_view authorization = request.headers.get("Authorization");
  return authorization.starts_with(kBearer) ? authorization.substr(kBearer.size())
                                            : std::string_view();
}

/// What whoever made the client's secret wants of the connection.
std::string prepared_session(const Request& request, const app::ClientSecrets& secrets) {
  const auto entry = secrets.find(secret_of(request));
  return entry ? entry->session : "{}";
}

std::expected<RealtimeConfig, Failure> config_of(const json::object& session,
                                                 const app::ModelNames& models) {
  RealtimeConfig config;
  config.model = models.find(config.model) ? config.model : models.served_model();
  if (auto failure = config.update(session, models)) return std::unexpected(*std::move(failure));
  return config;
}

SocketOpener opener(const std::shared_ptr<const RealtimeDesk>& desk,
                    const app::ClientSecrets& secrets) {
  return [desk, &secrets](Request& request, std::shared_ptr<SocketSender> sender)
             -> std::expected<std::unique_ptr<SocketHandler>, Failure> {
    const json::value session = json::parse(prepared_session(request, secrets));
    auto config = config_of(session.as_object(), desk->models);
    if (!config) return std::unexpected(std::move(config).error());
    // Clients of conversations name a model that is none here; that is no reason to refuse them.
    const auto model = request.query_value("model");
    if (model && desk->models.find(*model)) config->model = *model;
    return std::make_unique<RealtimeSession>(
        *desk,
        RealtimeSession::Start{.dialect = dialect_of(request),
                               .config = *std::move(config),
                               .principal = request.principal,
                               .request_id = request.request_id},
        std::move(sender));
  };
}

/// The secret and when it ends, for a session that has been checked.
std::expected<json::object, Failure> make_secret(app::ClientSecrets& secrets, const Clock& clock,
                                                 const Request& request,
                                                 const json::object& session,
                                                 std::int64_t seconds) {
  // A key for a few minutes must not make itself one for ever.
  if (secret_of(request).starts_with(app::ClientSecrets::kPrefix)) {
    return std::unexpected(
        Failure(Error{ErrorCode::kPermissionDenied, "a client secret cannot make another one"}));
  }
  const auto value =
      secrets.create(request.principal, json_text(session), std::chrono::seconds(seconds));
  if (!value) {
    return std::unexpected(Failure(Error{
        ErrorCode::kOverloaded, "there are too many client secrets; they end by themselves"}));
  }
  const auto now = std::chrono::system_clock::to_time_t(clock.calendar());
  return json::object{{"value", *value}, {"expires_at", now + seconds}};
}

/// Nobody keeps it on the way.
Response secret_response(const json::value& body) {
  Response response = json_response(body);
  response.headers.set("Cache-Control", "no-store");
  return response;
}

Route client_secret_route(const std::shared_ptr<const RealtimeDesk>& desk,
                          app::ClientSecrets& secrets, const Clock& clock) {
  const Schema expiry = Schema::object({{"anchor", Schema::string().one_of({"created_at"})},
                                        {"seconds", Schema::integer().range(10, 7'200)}});
  return {
      .method = Method::kPost,
      .path = "/v1/realtime/client_secrets",
      .operation = "create_realtime_client_secret",
      .summary = "A key for a few minutes, for a browser that opens a realtime connection",
      .tag = "OpenAI",
      .permission = app::Permission::kTranscribe,
      .errors = ErrorShape::kOpenAi,
      .body_kind = BodyKind::kJson,
      .body = Schema::object({{"session", Schema::object({}).open()}, {"expires_after", expiry}}),
      .body_need = Need::kOptional,
      .answers = {{200, "The key", Schema::any()}, {400, "The session does not fit"}},
      .handle = [desk, &secrets, &clock](Request& request) -> Answer {
        const json::value* given = request.object().if_contains("session");
        const json::object session = given == nullptr ? json::object() : given->as_object();
        auto config = config_of(session, desk->models);
        if (!config) return std::unexpected(std::move(config).error());
        std::int64_t seconds = kSecretSeconds;
        if (const json::value* after = request.object().if_contains("expires_after")) {
          const json::value* wanted = after->as_object().if_contains("seconds");
          if (wanted != nullptr) seconds = wanted->as_int64();
        }
        auto answer = make_secret(secrets, clock, request, session, seconds);
        if (!answer) return std::unexpected(std::move(answer).error());
        json::object shown = config->to_json(RealtimeDialect::kCurrent);
        shown["id"] = "sess_" + request.request_id;
        shown["expires_at"] = answer->at("expires_at");
        (*answer)["session"] = std::move(shown);
        return secret_response(*answer);
      }};
}

Route beta_session_route(const std::shared_ptr<const RealtimeDesk>& desk,
                         app::ClientSecrets& secrets, const Clock& clock) {
  return {.method = Method::kPost,
          .path = "/v1/realtime/transcription_sessions",
          .operation = "create_realtime_transcription_session",
          .summary = "The same as clients of the beta ask for it",
          .tag = "OpenAI",
          .permission = app::Permission::kTranscribe,
          .errors = ErrorShape::kOpenAi,
          .body_kind = BodyKind::kJson,
          .body = Schema::object({}).open(),
          .body_need = Need::kOptional,
          .answers = {{200, "The session with its key", Schema::any()},
                      {400, "The session does not fit"}},
          .handle = [desk, &secrets, &clock](Request& request) -> Answer {
            auto config = config_of(request.object(), desk->models);
            if (!config) return std::unexpected(std::move(config).error());
            auto secret =
                make_secret(secrets, clock, request, request.object(), kBetaSecretSeconds);
            if (!secret) return std::unexpected(std::move(secret).error());
            json::object shown = config->to_json(RealtimeDialect::kBeta);
            shown["id"] = "sess_" + request.request_id;
            shown["client_secret"] = *secret;
            return secret_response(shown);
          }};
}

}  // namespace

void add_realtime_routes(RouteTable& table, RealtimeDesk desk, app::ClientSecrets& secrets,
                         const Clock& clock, app::Audit& audit) {
  const auto shared = std::make_shared<const RealtimeDesk>(std::move(desk));
  table.add({.path = "/v1/realtime",
             .operation = "open_realtime",
             .summary = "A WebSocket: audio in, its text out while it is spoken",
             .tag = "OpenAI",
             .permission = app::Permission::kTranscribe,
             .errors = ErrorShape::kOpenAi,
             .parameters = {{.name = "intent"}, {.name = "model"}},
             .answers = {{101, "The connection is a WebSocket", Schema::any()},
                         {426, "The request is no handshake"}},
             .open_socket = opener(shared, secrets),
             .socket_protocols = {"realtime"}});
  const AuditMark made{.action = "client_secret.create", .target_kind = "client_secret"};
  table.add(audited(audit, made, client_secret_route(shared, secrets, clock)));
  table.add(audited(audit, made, beta_session_route(shared, secrets, clock)));
}

}  // namespace katip::http
