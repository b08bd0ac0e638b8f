#include "app/system_desk.h"

/// Tested by tests/e2e/test_system_routes.py.
namespace katip::app {
namespace {

Status check(const Principal& principal, Permission permission) {
  if (principal.may(permission)) return {};
  return fail(ErrorCode::kPermissionDenied,
              "this needs the scope `" + std::string(name(permission)) + "`");
}

}  // namespace

Result<LogLinePage> SystemDesk::log_lines(const Principal& principal,
                                          const LogLineQuery& query) const {
  KATIP_TRY(
      check(principal, query.channel == "audit" ? Permission::kAdminister : Permission::kOperate));
  return logs_.read(query);
}

Result<SchemaView> SystemDesk::schema(const Principal& principal, std::stop_token stop) const {
  KATIP_TRY(check(principal, Permission::kOperate));
  SchemaView view;
  {
    const store::PooledConnection sql = KATIP_TRY(pool_.acquire(std::move(stop)));
    view.status = KATIP_TRY(store::schema_status(*sql));
  }
  view.advice = store::schema_advice(view.status);
  const store::Migrations migrations = KATIP_TRY(store::Migrations::of_katip());
  auto history = migrations.history(view.status.applied, {.marks_current = true});
  // A database ahead of this program has revisions that it cannot place: then none is marked.
  if (!history) history = migrations.history({}, {});
  if (!history) return std::unexpected(history.error());
  view.revisions = std::move(history->revisions);
  return view;
}

Result<SystemFacts> SystemDesk::facts(const Principal& principal) const {
  KATIP_TRY(check(principal, Permission::kAdminister));
  return facts_;
}

}  // namespace katip::app
