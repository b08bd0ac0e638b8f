#include "http/routes/webhooks.h"

#include <boost/json.hpp>

#include "http/routes/audited.h"
#include "http/routes/planned_route.h"
#include "http/routes/record_answers.h"

/// Tested by tests/e2e/test_webhook_routes.py.
namespace katip::http {
namespace json = boost::json;
namespace {

using app::Webhooks;

json::object to_json(const app::Webhook& webhook) {
  return {{"id", webhook.id},
          {"name", webhook.name},
          {"url", webhook.url},
          {"events", json::value_from(webhook.events)},
          {"all_owners", webhook.is_of_everybody},
          {"active", webhook.is_active},
          {"failure_count", webhook.failure_count},
          {"last_success_at", or_null(webhook.last_success_at)},
          {"disabled_at", or_null(webhook.disabled_at)},
          {"disabled_reason", or_null(webhook.disabled_reason)},
          {"old_secret_until", or_null(webhook.old_secret_until)},
          {"created_at", app::to_text(webhook.created_at)},
          {"updated_at", app::to_text(webhook.updated_at)}};
}

json::object to_json(const app::WebhookWithSecret& made) {
  json::object object = to_json(made.webhook);
  object["secret"] = made.secret.reveal();
  return object;
}

json::object to_json(const app::Delivery& delivery) {
  json::object object{{"id", delivery.id},
                      {"event_id", delivery.event_id},
                      {"event_type", delivery.event_type},
                      {"status", name(delivery.status)},
                      {"attempt_count", delivery.attempt_count},
                      {"next_attempt_at", or_null(delivery.next_attempt_at)},
                      {"response_status", or_null(delivery.response_status)},
                      {"error", or_null(delivery.error)},
                      {"request_id", or_null(delivery.request_id)},
                      {"created_at", app::to_text(delivery.created_at)},
                      {"delivered_at", or_null(delivery.delivered_at)}};
  if (!delivery.payload.empty()) object["payload"] = json::parse(delivery.payload);
  return object;
}

// --- Shapes -------------------------------------------------------------------------------------

Schema time_schema() { return Schema::string().format("date-time"); }

Schema events_schema() {
  const std::vector<std::string> known(app::kWebhookEventTypes.begin(),
                                       app::kWebhookEventTypes.end());
  return Schema::array(Schema::string().one_of(known))
      .length(0, 4)
      .described("what it is told of; empty: everything");
}

Schema url_schema() { return Schema::string().length(1, 2048).format("uri"); }
Schema name_schema() { return Schema::string().length(1, 200); }

std::vector<Property> webhook_properties() {
  return {{"id", Schema::string().format("uuid"), Need::kRequired},
          {"name", Schema::string(), Need::kRequired},
          {"url", Schema::string(), Need::kRequired},
          {"events", Schema::array(Schema::string()), Need::kRequired},
          {"all_owners", Schema::boolean(), Need::kRequired},
          {"active", Schema::boolean(), Need::kRequired},
          {"failure_count", Schema::integer(), Need::kRequired},
          {"last_success_at", time_schema().nullable(), Need::kRequired},
          {"disabled_at", time_schema().nullable(), Need::kRequired},
          {"disabled_reason", Schema::string().nullable(), Need::kRequired},
          {"old_secret_until", time_schema().nullable(), Need::kRequired},
          {"created_at", time_schema(), Need::kRequired},
          {"updated_at", time_schema(), Need::kRequired}};
}

Schema webhook_schema() { return Schema::object(webhook_properties()); }

Schema secret_schema() {
  std::vector<Property> properties = webhook_properties();
  properties.push_back({"secret", Schema::string().described("shown this once"), Need::kRequired});
  return Schema::object(std::move(properties));
}

std::vector<Property> delivery_properties() {
  return {{"id", Schema::string().format("uuid"), Need::kRequired},
          {"event_id", Schema::string(), Need::kRequired},
          {"event_type", Schema::string(), Need::kRequired},
          {"status", Schema::string().one_of({"pending", "delivered", "failed"}), Need::kRequired},
          {"attempt_count", Schema::integer(), Need::kRequired},
          {"next_attempt_at", time_schema().nullable(), Need::kRequired},
          {"response_status", Schema::integer().nullable(), Need::kRequired},
          {"error", Schema::string().nullable(), Need::kRequired},
          {"request_id", Schema::string().nullable(), Need::kRequired},
          {"created_at", time_schema(), Need::kRequired},
          {"delivered_at", time_schema().nullable(), Need::kRequired},
          {"payload", Schema::object({}).open()}};
}

Schema delivery_schema() { return Schema::object(delivery_properties()); }

Schema page_schema() {
  return Schema::object({{"deliveries", Schema::array(delivery_schema()), Need::kRequired},
                         {"has_more", Schema::boolean(), Need::kRequired},
                         {"next_cursor", Schema::string().nullable(), Need::kRequired}});
}

// --- Handlers -----------------------------------------------------------------------------------

std::vector<std::string> texts_of(const json::value& list) {
  return json::value_to<std::vector<std::string>>(list);
}

Answer create(Webhooks& webhooks, Request& request) {
  const json::object& body = request.object();
  app::WebhookDraft draft{.url = std::string(body.at("url").as_string())};
  if (const json::value* name = body.if_contains("name")) draft.name = name->as_string();
  if (const json::value* events = body.if_contains("events")) draft.events = texts_of(*events);
  if (const json::value* all = body.if_contains("all_owners"))
    draft.is_of_everybody = all->as_bool();
  const app::WebhookWithSecret made = KATIP_TRY(webhooks.create(request.principal, draft, {}));
  Response response =
      native_response(to_json(made), "The webhook is there; its secret is shown this once", 201);
  response.headers.set("Location", "/api/v1/webhooks/" + made.webhook.id);
  return response;
}

Answer list(Webhooks& webhooks, Request& request) {
  json::array all;
  for (const app::Webhook& each : KATIP_TRY(webhooks.list(request.principal, {}))) {
    all.push_back(to_json(each));
  }
  return native_response(json::object{{"webhooks", std::move(all)}});
}

Answer update(Webhooks& webhooks, Request& request) {
  const json::object& body = request.object();
  app::WebhookChange change;
  if (const json::value* url = body.if_contains("url")) change.url = url->as_string();
  if (const json::value* name = body.if_contains("name")) change.name = name->as_string();
  if (const json::value* events = body.if_contains("events")) change.events = texts_of(*events);
  if (const json::value* active = body.if_contains("active")) change.is_active = active->as_bool();
  return native_response(
      to_json(KATIP_TRY(webhooks.update(request.principal, request.path_value("id"), change, {}))));
}

Answer rotate(Webhooks& webhooks, Request& request) {
  constexpr std::chrono::seconds kOverlap = std::chrono::hours(24);
  const json::value* given = request.json ? request.object().if_contains("overlap_s") : nullptr;
  const std::chrono::seconds overlap =
      given != nullptr ? std::chrono::seconds(given->as_int64()) : kOverlap;
  return native_response(to_json(
      KATIP_TRY(webhooks.rotate_secret(request.principal, request.path_value("id"), overlap, {}))));
}

Answer list_deliveries(Webhooks& webhooks, Request& request) {
  app::DeliveryQuery query;
  if (const auto status = request.query_value("status")) {
    query.status = app::parse_delivery_status(*status);
  }
  query.after = text_of(request, "cursor");
  query.count_max = static_cast<int>(request.query_integer("limit").value_or(query.count_max));
  const app::DeliveryPage page =
      KATIP_TRY(webhooks.deliveries(request.principal, request.path_value("id"), query, {}));
  json::array all;
  for (const app::Delivery& each : page.deliveries) all.push_back(to_json(each));
  return list_response(std::move(all),
                       page.has_more ? std::optional(page.deliveries.back().id) : std::nullopt,
                       request, {.items = "deliveries"});
}

// --- Table --------------------------------------------------------------------------------------

Route route_of(Plan plan) {
  return planned_route(std::move(plan), "webhooks", app::Permission::kManageWebhooks);
}

/// Neither its address nor its secret is named.
AuditMark mark_of(std::string action) {
  return {.action = std::move(action), .target_kind = "webhook", .target = "id"};
}

void add_webhooks(RouteTable& table, Webhooks& webhooks, app::Audit& audit) {
  Route create_route = route_of({Method::kPost, "/api/v1/webhooks", "create_webhook",
                                 "Tells an address of what happens", 201, secret_schema()});
  create_route.body_kind = BodyKind::kJson;
  create_route.body = Schema::object(
      {{"url", url_schema(), Need::kRequired},
       {"name", name_schema()},
       {"events", events_schema()},
       {"all_owners", Schema::boolean().described("of everybody's records, for who sees them")}});
  create_route.answers.push_back({403, "An address that is never connected to"});
  create_route.answers.push_back({409, "As many as one owner may have"});
  create_route.handle = [&webhooks](Request& request) { return create(webhooks, request); };
  table.add(audited(audit, {.action = "webhook.create", .target_kind = "webhook"},
                    std::move(create_route)));

  Route list_route = route_of(
      {Method::kGet, "/api/v1/webhooks", "list_webhooks", "The webhooks, the newest first", 200,
       Schema::object({{"webhooks", Schema::array(webhook_schema()), Need::kRequired}})});
  list_route.handle = [&webhooks](Request& request) { return list(webhooks, request); };
  table.add(std::move(list_route));

  Route get_route = route_of(
      {Method::kGet, "/api/v1/webhooks/{id}", "get_webhook", "One webhook", 200, webhook_schema()});
  get_route.handle = [&webhooks](Request& request) -> Answer {
    return native_response(
        to_json(KATIP_TRY(webhooks.find(request.principal, request.path_value("id"), {}))));
  };
  table.add(std::move(get_route));

  Route update_route =
      route_of({Method::kPatch, "/api/v1/webhooks/{id}", "update_webhook",
                "Changes a webhook, or switches it on or off", 200, webhook_schema()});
  update_route.body_kind = BodyKind::kJson;
  update_route.body = Schema::object({{"url", url_schema()},
                                      {"name", name_schema()},
                                      {"events", events_schema()},
                                      {"active", Schema::boolean()}});
  update_route.answers.push_back({403, "An address that is never connected to"});
  update_route.handle = [&webhooks](Request& request) { return update(webhooks, request); };
  AuditMark changes = mark_of("webhook.change");
  changes.details = &changed_fields;
  table.add(audited(audit, std::move(changes), std::move(update_route)));

  Route delete_route = route_of({Method::kDelete, "/api/v1/webhooks/{id}", "delete_webhook",
                                 "Deletes a webhook with its deliveries", 204});
  delete_route.handle = [&webhooks](Request& request) -> Answer {
    KATIP_TRY(webhooks.remove(request.principal, request.path_value("id"), {}));
    return empty_response();
  };
  table.add(audited(audit, mark_of("webhook.delete"), std::move(delete_route)));
}

void add_secrets_and_test(RouteTable& table, Webhooks& webhooks, app::Audit& audit) {
  Route rotate_route = route_of(
      {Method::kPost, "/api/v1/webhooks/{id}/rotate", "rotate_webhook_secret",
       "A new secret; the one before signs too until the overlap is over", 200, secret_schema()});
  rotate_route.body_kind = BodyKind::kJson;
  rotate_route.body_need = Need::kOptional;
  rotate_route.body = Schema::object(
      {{"overlap_s", Schema::integer().range(0, 604'800).described("a day when it is left out")}});
  rotate_route.handle = [&webhooks](Request& request) { return rotate(webhooks, request); };
  table.add(audited(audit, mark_of("webhook.rotate"), std::move(rotate_route)));

  Route test_route = route_of({Method::kPost, "/api/v1/webhooks/{id}/test", "test_webhook",
                               "Sends a message of the type webhook.test", 202, delivery_schema()});
  test_route.answers.push_back({409, "The webhook is not active"});
  test_route.handle = [&webhooks](Request& request) -> Answer {
    const app::Delivery sent = KATIP_TRY(
        webhooks.test(request.principal, request.path_value("id"), request.request_id, {}));
    return native_response(to_json(sent), "It is being sent", 202);
  };
  table.add(audited(audit, mark_of("webhook.test"), std::move(test_route)));
}

void add_deliveries(RouteTable& table, Webhooks& webhooks, app::Audit& audit) {
  Route list_route =
      route_of({Method::kGet, "/api/v1/webhooks/{id}/deliveries", "list_webhook_deliveries",
                "What was sent, the newest first, without payloads", 200, page_schema()});
  list_route.parameters.push_back(
      {.name = "status", .schema = Schema::string().one_of({"pending", "delivered", "failed"})});
  list_route.parameters = list_parameters(std::move(list_route.parameters));
  list_route.handle = [&webhooks](Request& request) { return list_deliveries(webhooks, request); };
  table.add(std::move(list_route));

  Route get_route =
      route_of({Method::kGet, "/api/v1/webhooks/{id}/deliveries/{delivery_id}",
                "get_webhook_delivery", "One message with its payload", 200, delivery_schema()});
  get_route.handle = [&webhooks](Request& request) -> Answer {
    return native_response(to_json(KATIP_TRY(webhooks.delivery(
        request.principal, request.path_value("id"), request.path_value("delivery_id"), {}))));
  };
  table.add(std::move(get_route));

  Route replay_route = route_of(
      {Method::kPost, "/api/v1/webhooks/{id}/deliveries/{delivery_id}/replay",
       "replay_webhook_delivery", "Sends a message again, under its id", 202, delivery_schema()});
  replay_route.answers.push_back({409, "It is still being sent, or the webhook is not active"});
  replay_route.handle = [&webhooks](Request& request) -> Answer {
    const app::Delivery sent = KATIP_TRY(webhooks.replay(
        request.principal, request.path_value("id"), request.path_value("delivery_id"), {}));
    return native_response(to_json(sent), "It is being sent", 202);
  };
  AuditMark replays = mark_of("webhook.replay");
  replays.details = [](const Request& request) -> json::object {
    return {{"delivery_id", request.path_value("delivery_id")}};
  };
  table.add(audited(audit, std::move(replays), std::move(replay_route)));
}

}  // namespace

void add_webhook_routes(RouteTable& table, Webhooks& webhooks, app::Audit& audit) {
  add_webhooks(table, webhooks, audit);
  add_secrets_and_test(table, webhooks, audit);
  add_deliveries(table, webhooks, audit);
}

}  // namespace katip::http
