#include "http/routes/account_json.h"

#include <algorithm>

#include <boost/json.hpp>

#include "base/work_pool.h"
#include "http/json_text.h"

/// Tested by tests/e2e/test_access.py.
namespace katip::http {
namespace json = boost::json;
namespace {

constexpr int kPasswordThreads = 2;
constexpr std::size_t kPasswordWaitersMax = 200;

json::value optional_text(const std::optional<std::string>& text) {
  return text ? json::value(*text) : json::value(nullptr);
}

json::value optional_number(const std::optional<int>& number) {
  return number ? json::value(*number) : json::value(nullptr);
}

json::value optional_time(const std::optional<app::AccountTime>& time) {
  return time ? json::value(app::spell_time(*time)) : json::value(nullptr);
}

std::string_view kind_of(app::PrincipalKind kind) {
  switch (kind) {
    case app::PrincipalKind::kUser:
      return "user";
    case app::PrincipalKind::kApiKey:
      return "api_key";
    case app::PrincipalKind::kCommand:
      return "command";
    case app::PrincipalKind::kOpen:
      break;
  }
  return "open";
}

Schema time_schema() { return Schema::string().format("date-time"); }

Schema required(std::vector<Property> properties) {
  for (Property& property : properties) property.need = Need::kRequired;
  return Schema::object(std::move(properties));
}

}  // namespace

AccountDesk make_account_desk(app::Accounts& accounts, app::Audit& audit) {
  return {.accounts = accounts,
          .audit = audit,
          .password_pool = std::make_shared<WorkPool>(kPasswordThreads, kPasswordWaitersMax)};
}

json::object to_json(const app::Principal& principal) {
  return {{"kind", kind_of(principal.kind)},
          {"id", principal.id},
          {"name", principal.name},
          {"owner", principal.owner},
          {"scopes", json::value_from(app::scope_names(principal.permissions))},
          {"sees_all", principal.sees_all}};
}

json::object to_json(const app::User& user) {
  return {{"id", user.id},
          {"login", user.login},
          {"display_name", user.display_name},
          {"role", app::name(user.role)},
          {"is_active", user.is_active},
          {"last_login_at", optional_time(user.last_login_at)},
          {"password_changed_at", app::spell_time(user.password_changed_at)},
          {"created_at", app::spell_time(user.created_at)},
          {"updated_at", app::spell_time(user.updated_at)}};
}

json::object to_json(const app::Key& key) {
  return {{"id", key.id},
          {"prefix", key.prefix},
          {"name", key.name},
          {"owner", key.owner},
          {"scopes", json::value_from(key.scopes)},
          {"rate_limit_per_minute", optional_number(key.rate_limit_per_minute)},
          {"daily_audio_seconds_limit", optional_number(key.daily_audio_seconds_limit)},
          {"priority_default", optional_number(key.priority_default)},
          {"is_active", key.is_active},
          {"expires_at", optional_time(key.expires_at)},
          {"last_used_at", optional_time(key.last_used_at)},
          {"usage_count", key.usage_count},
          {"created_at", app::spell_time(key.created_at)},
          {"updated_at", app::spell_time(key.updated_at)}};
}

json::object to_json(const app::Session& session) {
  return {{"id", session.id},
          {"ip", session.ip},
          {"user_agent", session.user_agent},
          {"created_at", app::spell_time(session.created_at)},
          {"last_seen_at", app::spell_time(session.last_seen_at)},
          {"expires_at", app::spell_time(session.expires_at)},
          {"is_current", session.is_current}};
}

json::object to_json(const app::AuditRecord& record) {
  json::error_code error;
  const json::value details = json::parse(record.details, error);
  return {{"id", record.id},
          {"created_at", app::spell_time(record.created_at)},
          {"actor_kind", record.actor_kind},
          {"actor", record.actor},
          {"action", record.action},
          {"target_kind", optional_text(record.target_kind)},
          {"target_id", optional_text(record.target_id)},
          {"request_id", optional_text(record.request_id)},
          {"ip", optional_text(record.ip)},
          {"details", error ? json::value(json::object()) : details}};
}

Schema principal_schema() {
  return required({{"kind", Schema::string().one_of({"user", "api_key", "command", "open"})},
                   {"id", Schema::string()},
                   {"name", Schema::string()},
                   {"owner", Schema::string()},
                   {"scopes", Schema::array(Schema::string())},
                   {"sees_all", Schema::boolean()}});
}

Schema user_schema() {
  return required({{"id", Schema::string().format("uuid")},
                   {"login", Schema::string()},
                   {"display_name", Schema::string()},
                   {"role", Schema::string().one_of({"viewer", "editor", "operator", "admin"})},
                   {"is_active", Schema::boolean()},
                   {"last_login_at", time_schema().nullable()},
                   {"password_changed_at", time_schema()},
                   {"created_at", time_schema()},
                   {"updated_at", time_schema()}});
}

Schema key_schema() {
  return required({{"id", Schema::string().format("uuid")},
                   {"prefix", Schema::string().described("the public half of the key")},
                   {"name", Schema::string()},
                   {"owner", Schema::string().described("whose records it works on")},
                   {"scopes", Schema::array(Schema::string())},
                   {"rate_limit_per_minute", Schema::integer().nullable()},
                   {"daily_audio_seconds_limit", Schema::integer().nullable()},
                   {"priority_default", Schema::integer().nullable()},
                   {"is_active", Schema::boolean()},
                   {"expires_at", time_schema().nullable()},
                   {"last_used_at", time_schema().nullable()},
                   {"usage_count", Schema::integer()},
                   {"created_at", time_schema()},
                   {"updated_at", time_schema()}});
}

Schema session_schema() {
  return required({{"id", Schema::string().format("uuid")},
                   {"ip", Schema::string()},
                   {"user_agent", Schema::string()},
                   {"created_at", time_schema()},
                   {"last_seen_at", time_schema()},
                   {"expires_at", time_schema()},
                   {"is_current", Schema::boolean().described("the session that asks")}});
}

Schema audit_schema() {
  return required({{"id", Schema::string().format("uuid")},
                   {"created_at", time_schema()},
                   {"actor_kind", Schema::string()},
                   {"actor", Schema::string()},
                   {"action", Schema::string()},
                   {"target_kind", Schema::string().nullable()},
                   {"target_id", Schema::string().nullable()},
                   {"request_id", Schema::string().nullable()},
                   {"ip", Schema::string().nullable()},
                   {"details", Schema::object({}).open()}});
}

std::optional<std::string> text_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->as_string());
}

std::optional<int> integer_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  json::error_code error;
  const int number = value->to_number<int>(error);
  return error ? std::nullopt : std::optional(number);
}

Caller caller_of(const Request& request) {
  return {.principal = request.principal,
          .request_id = request.request_id,
          .client_ip = request.client_ip,
          .is_secure = request.is_secure};
}

void record(const AccountDesk& desk, const Caller& caller, const std::string& action,
            const std::string& target_kind, const std::string& target_id,
            const json::object& details) {
  desk.audit.record(caller.principal,
                    {.action = action,
                     .target_kind = target_kind,
                     .target_id = target_id,
                     .request_id = caller.request_id,
                     .ip = caller.client_ip,
                     .details = json_text(details)},
                    {});
}

void answer_later(const AccountDesk& desk, std::shared_ptr<Exchange> exchange,
                  std::function<Answer()> work) {
  auto run = [exchange, work = std::move(work)] {
    try {
      exchange->respond(work());
    } catch (const std::exception& thrown) {
      exchange->respond(std::unexpected(
          Failure(Error{ErrorCode::kInternal, std::string("handler threw: ") + thrown.what()})));
    }
  };
  if (!desk.password_pool->post(std::move(run))) {
    exchange->respond(std::unexpected(
        Failure(Error{ErrorCode::kUnavailable, "too many people log in at once; try again"})));
  }
}

}  // namespace katip::http
