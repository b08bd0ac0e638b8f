#include <boost/json/array.hpp>
#include <fmt/format.h>

#include "app/audit_export.h"
#include "http/json_text.h"
#include "http/routes/account_json.h"
#include "http/routes/accounts.h"
#include "http/routes/record_answers.h"

/// The audit trail over HTTP: for administrators.
///
/// Tested by tests/e2e/test_audit.py.
namespace katip::http {
namespace json = boost::json;
namespace {

/// What one answer may hold; the header Link leads to the rest.
constexpr int kExportMax = 10'000;
constexpr int kExportPage = 200;

std::expected<app::AuditFilter, Failure> filter_of(const Request& request) {
  const TimeSpan times = KATIP_TRY(times_of(request));
  return app::AuditFilter{.actor = text_of(request, "actor"),
                          .action = text_of(request, "action"),
                          .target_kind = text_of(request, "target_kind"),
                          .target_id = text_of(request, "target_id"),
                          .created_from = times.from,
                          .created_before = times.before,
                          .after = text_of(request, "cursor")};
}

Answer list(const AccountDesk& desk, const Request& request) {
  const app::AuditFilter filter = KATIP_TRY(filter_of(request));
  const int limit = limit_of(request);
  const auto records = KATIP_TRY(desk.audit.list(request.principal, filter, limit, {}));
  json::array items;
  for (const app::AuditRecord& entry : records) items.push_back(to_json(entry));
  const bool has_more = records.size() == static_cast<std::size_t>(limit);
  return list_response(std::move(items), has_more ? std::optional(records.back().id) : std::nullopt,
                       request);
}

Answer export_file(const AccountDesk& desk, const Request& request) {
  app::AuditFilter filter = KATIP_TRY(filter_of(request));
  const bool is_csv = request.query_value("format").value_or("csv") == "csv";
  std::string text(is_csv ? app::audit_csv_head() : "");
  int count = 0;
  bool has_more = true;
  while (has_more && count < kExportMax) {
    const auto records = KATIP_TRY(desk.audit.list(request.principal, filter, kExportPage, {}));
    for (const app::AuditRecord& entry : records) {
      text += is_csv ? app::audit_csv_line(entry) : json_text(to_json(entry)) + "\n";
    }
    count += static_cast<int>(records.size());
    has_more = records.size() == kExportPage;
    if (has_more) filter.after = records.back().id;
  }
  Response response = text_response(
      std::move(text), is_csv ? "text/csv; charset=utf-8" : "application/x-ndjson; charset=utf-8");
  response.headers.set("Content-Disposition",
                       fmt::format("attachment; filename=\"audit.{}\"", is_csv ? "csv" : "jsonl"));
  if (has_more) set_next_link(response, request, *filter.after);
  return response;
}

std::vector<Parameter> filter_parameters() {
  std::vector<Parameter> parameters = time_parameters();
  for (const char* name : {"actor", "action", "target_kind", "target_id"}) {
    parameters.push_back({.name = name, .schema = Schema::string().length(1, 200)});
  }
  return parameters;
}

}  // namespace

void add_audit_routes(RouteTable& table, const AccountDesk& desk) {
  table.add({.path = "/api/v1/admin/audit",
             .operation = "list_audit",
             .summary = "Who did what, the newest first",
             .tag = "users",
             .permission = app::Permission::kAdminister,
             .parameters = list_parameters(filter_parameters()),
             .answers = {{200, "A page", envelope(list_schema(audit_schema()))}},
             .handle = [desk](Request& request) { return list(desk, request); }});
  std::vector<Parameter> whole = filter_parameters();
  whole.push_back({.name = "format", .schema = Schema::string().one_of({"csv", "jsonl"})});
  whole.push_back(cursor_parameter());
  table.add({.path = "/api/v1/admin/audit/export",
             .operation = "export_audit",
             .summary = "The same as a file, up to 10,000 lines; Link leads to the next ones",
             .tag = "users",
             .permission = app::Permission::kAdminister,
             .parameters = std::move(whole),
             .answers = {{200, "The file", Schema::any()},
                         {.status = 200, .media_type = "text/csv"},
                         {.status = 200, .media_type = "application/x-ndjson"}},
             .handle = [desk](Request& request) { return export_file(desk, request); }});
}

}  // namespace katip::http
