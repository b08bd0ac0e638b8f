#include "http/routes/backups.h"

#include <boost/json.hpp>

#include "http/routes/planned_route.h"
#include "http/routes/record_answers.h"

/// Tested by tests/e2e/test_backup_routes.py.
namespace katip::http {
namespace json = boost::json;
namespace {

using app::Backups;

const std::vector<std::string> kKinds = {"daily", "weekly", "monthly", "manual", "safety"};
const std::vector<std::string> kStatuses = {"running", "completed", "verified", "failed"};

json::object to_json(const app::BackupRow& row) {
  json::object object{{"id", row.id},
                      {"name", row.file_name},
                      {"kind", row.kind},
                      {"status", row.status},
                      {"database", row.database_kind},
                      {"size", row.size ? json::value(*row.size) : json::value(nullptr)},
                      {"sha256", or_null(row.sha256)},
                      {"schema_head", or_null(row.schema_head)},
                      {"encrypted", row.is_encrypted},
                      {"started_at", app::to_text(row.started_at)},
                      {"completed_at", or_null(row.completed_at)},
                      {"verified_at", or_null(row.verified_at)},
                      {"error", or_null(row.error)},
                      {"row_counts", json::parse(row.row_counts)},
                      {"media", nullptr}};
  if (row.media_count) {
    object["media"] = {{"count", *row.media_count}, {"size", row.media_size.value_or(0)}};
  }
  return object;
}

json::object to_json(const app::BackupStats& stats) {
  const app::BackupFigures& figures = stats.figures;
  json::object kinds;
  std::int64_t count = 0;
  std::int64_t verified_count = 0;
  for (const auto& [kind, each] : figures.kinds) {
    kinds[kind] = {{"count", each.count},
                   {"verified_count", each.verified_count},
                   {"newest_at", or_null(each.newest_at)}};
    count += each.count;
    verified_count += each.verified_count;
  }
  json::object object{{"count", count},
                      {"verified_count", verified_count},
                      {"size", figures.size},
                      {"kinds", kinds},
                      {"is_overdue", stats.is_overdue},
                      {"last_success_at", or_null(figures.last_success_at)},
                      {"last_success_age_s", or_null(stats.last_success_age_s)},
                      {"last_size", figures.last_size},
                      {"last_duration_s", figures.last_duration_s},
                      {"last_failure", nullptr},
                      {"drill", nullptr},
                      {"next_at", or_null(stats.next_at)},
                      {"retention",
                       {{"daily", stats.retention.daily},
                        {"weekly", stats.retention.weekly},
                        {"monthly", stats.retention.monthly},
                        {"manual", stats.retention.manual},
                        {"safety", stats.retention.safety}}}};
  if (figures.last_failure_at) {
    object["last_failure"] = {{"at", app::to_text(*figures.last_failure_at)},
                              {"error", figures.last_failure}};
  }
  if (figures.drill) {
    object["drill"] = {{"at", app::to_text(figures.drill->at)},
                       {"is_good", figures.drill->is_good},
                       {"seconds", figures.drill->seconds}};
  }
  return object;
}

// --- Shapes -------------------------------------------------------------------------------------

Schema time_schema() { return Schema::string().format("date-time"); }
Schema text_schema() { return Schema::string(); }

Schema media_schema() {
  return Schema::object({{"count", Schema::integer(), Need::kRequired},
                         {"size", Schema::integer().described("bytes"), Need::kRequired}})
      .nullable()
      .described("its recordings; null: it was made without them");
}

Schema backup_schema() {
  return Schema::object({{"id", Schema::string().format("uuid"), Need::kRequired},
                         {"name", text_schema(), Need::kRequired},
                         {"kind", Schema::string().one_of(kKinds), Need::kRequired},
                         {"status", Schema::string().one_of(kStatuses), Need::kRequired},
                         {"database", text_schema(), Need::kRequired},
                         {"size", Schema::integer().nullable().described("bytes"), Need::kRequired},
                         {"sha256", text_schema().nullable(), Need::kRequired},
                         {"schema_head", text_schema().nullable(), Need::kRequired},
                         {"encrypted", Schema::boolean(), Need::kRequired},
                         {"started_at", time_schema(), Need::kRequired},
                         {"completed_at", time_schema().nullable(), Need::kRequired},
                         {"verified_at", time_schema().nullable(), Need::kRequired},
                         {"error", text_schema().nullable(), Need::kRequired},
                         {"row_counts", Schema::object({}).open(), Need::kRequired},
                         {"media", media_schema(), Need::kRequired}});
}

Schema stats_schema() {
  return Schema::object(
      {{"count", Schema::integer(), Need::kRequired},
       {"verified_count", Schema::integer(), Need::kRequired},
       {"size", Schema::integer().described("bytes on the disk"), Need::kRequired},
       {"kinds", Schema::object({}).open(), Need::kRequired},
       {"is_overdue", Schema::boolean().described("nothing was verified for 26 hours"),
        Need::kRequired},
       {"last_success_at", time_schema().nullable(), Need::kRequired},
       {"last_success_age_s", Schema::number().nullable(), Need::kRequired},
       {"last_size", Schema::integer(), Need::kRequired},
       {"last_duration_s", Schema::number(), Need::kRequired},
       {"last_failure", Schema::object({}).open().nullable(), Need::kRequired},
       {"drill", Schema::object({}).open().nullable(), Need::kRequired},
       {"next_at", time_schema().nullable(), Need::kRequired},
       {"retention", Schema::object({}).open(), Need::kRequired}});
}

Schema task_schema() {
  return Schema::object({{"task_id", Schema::string().format("uuid"), Need::kRequired},
                         {"is_new", Schema::boolean(), Need::kRequired}});
}

// --- Handlers -----------------------------------------------------------------------------------

void note(app::Audit& audit, const Request& request, std::string action, std::string id) {
  audit.record(request.principal,
               {.action = std::move(action),
                .target_kind = "backup",
                .target_id = std::move(id),
                .request_id = request.request_id,
                .ip = request.client_ip},
               {});
}

Response started(const jobs::Enqueued& task, const char* message) {
  return native_response(json::object{{"task_id", task.id}, {"is_new", task.is_new}},
                         task.is_new ? message : "A task for it is there already", 202);
}

Answer list(Backups& backups, const Request& request) {
  app::BackupQuery query;
  if (const auto kind = text_of(request, "kind")) query.kind = app::parse_backup_kind(*kind);
  query.status = text_of(request, "status");
  query.count_max = static_cast<int>(request.query_integer("limit").value_or(query.count_max));
  json::array all;
  for (const app::BackupRow& row : KATIP_TRY(backups.list(request.principal, query, {}))) {
    all.push_back(to_json(row));
  }
  return native_response(json::object{{"backups", std::move(all)}});
}

// --- Table --------------------------------------------------------------------------------------

Route route_of(Plan plan) {
  return planned_route(std::move(plan), "backups", app::Permission::kOperate);
}

void add_reading(RouteTable& table, Backups& backups) {
  Route list_route = route_of(
      {Method::kGet, "/api/v1/admin/backups", "list_backups", "The backups, the newest first", 200,
       Schema::object({{"backups", Schema::array(backup_schema()), Need::kRequired}})});
  list_route.parameters = {{.name = "kind", .schema = Schema::string().one_of(kKinds)},
                           {.name = "status", .schema = Schema::string().one_of(kStatuses)},
                           {.name = "limit", .schema = Schema::integer().range(1, 1'000)}};
  list_route.handle = [&backups](Request& request) { return list(backups, request); };
  table.add(std::move(list_route));

  Route stats_route =
      route_of({Method::kGet, "/api/v1/admin/backups/stats", "backup_stats",
                "How backups stand: the last success, what is kept, the last exercise", 200,
                stats_schema()});
  stats_route.handle = [&backups](Request& request) -> Answer {
    return native_response(to_json(KATIP_TRY(backups.stats(request.principal, {}))));
  };
  table.add(std::move(stats_route));

  Route get_route = route_of(
      {Method::kGet, "/api/v1/admin/backups/{id}", "get_backup", "A backup", 200, backup_schema()});
  get_route.handle = [&backups](Request& request) -> Answer {
    return native_response(
        to_json(KATIP_TRY(backups.find(request.principal, request.path_value("id"), {}))));
  };
  table.add(std::move(get_route));
}

void add_work(RouteTable& table, Backups& backups, app::Audit& audit) {
  Route create = route_of({Method::kPost, "/api/v1/admin/backups", "create_backup",
                           "Makes and verifies a backup, as a task", 202, task_schema()});
  create.answers.push_back({503, "The queue takes nothing now"});
  create.handle = [&backups, &audit](Request& request) -> Answer {
    const auto task = KATIP_TRY(backups.create(request.principal, request.request_id, {}));
    note(audit, request, "backup.create", task.id);
    return started(task, "The backup is being made");
  };
  table.add(std::move(create));

  Route verify =
      route_of({Method::kPost, "/api/v1/admin/backups/{id}/verify", "verify_backup",
                "Restores a backup into a database of its own, as a task", 202, task_schema()});
  verify.answers.push_back({503, "The queue takes nothing now"});
  verify.handle = [&backups, &audit](Request& request) -> Answer {
    const std::string& id = request.path_value("id");
    const auto task = KATIP_TRY(backups.verify(request.principal, id, request.request_id, {}));
    note(audit, request, "backup.verify", id);
    return started(task, "The backup is being verified");
  };
  table.add(std::move(verify));
}

}  // namespace

void add_backup_routes(RouteTable& table, app::Backups& backups, app::Audit& audit) {
  add_reading(table, backups);
  add_work(table, backups, audit);
}

}  // namespace katip::http
