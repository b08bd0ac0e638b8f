#include "http/service.h"

#include <memory>
#include <utility>

#include <boost/json/object.hpp>

#include "http/json_text.h"
#include "http/openapi.h"
#include "http/problems.h"
#include "http/routes/accounts.h"
#include "http/routes/backups.h"
#include "http/routes/changes.h"
#include "http/routes/job_intake.h"
#include "http/routes/openai_audio.h"
#include "http/routes/operations.h"
#include "http/routes/realtime.h"
#include "http/routes/records.h"
#include "http/routes/stats.h"
#include "http/routes/status.h"
#include "http/routes/system.h"
#include "http/routes/uploads.h"
#include "http/routes/web.h"
#include "http/routes/webhooks.h"

/// Tested by tests/e2e/test_serve.py.
namespace katip::http {
namespace {

/// What describes all routes is one of them, so it is made when they are all there.
struct Documents {
  std::string openapi;
  std::string open_openapi;  // While the server is open to everybody.
  std::string page;
};

/// A page that loads nothing.
Response plain_page(std::string html) {
  Response response = text_response(std::move(html), "text/html; charset=utf-8");
  response.headers.set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
  return response;
}

void add_document_routes(RouteTable& table, const std::shared_ptr<const Documents>& documents,
                         std::function<bool()> is_open) {
  table.add({.path = "/openapi.json",
             .operation = "openapi",
             .summary = "This API for programs",
             .tag = "status",
             .answers = {{200, "An OpenAPI 3.1 document", Schema::any()}},
             .handle = [documents, is_open = std::move(is_open)](Request&) -> Answer {
               const bool is_open_now = is_open && is_open();
               return text_response(is_open_now ? documents->open_openapi : documents->openapi,
                                    "application/json");
             }});
  table.add({.path = "/docs",
             .operation = "docs",
             .summary = "This API for people",
             .tag = "status",
             .answers = {{.status = 200, .description = "A page", .media_type = "text/html"}},
             .handle = [documents](Request&) -> Answer { return plain_page(documents->page); }});
}

void add_problem_routes(RouteTable& table) {
  table.add({.path = "/docs/problems",
             .operation = "list_problems",
             .summary = "What errors mean, for people",
             .tag = "status",
             .answers = {{.status = 200, .description = "A page", .media_type = "text/html"}},
             .handle = [](Request&) -> Answer { return plain_page(problems_page()); }});
  table.add({.path = "/docs/problems/{name}",
             .operation = "get_problem",
             .summary = "One of them: the `type` of problems leads here",
             .tag = "status",
             .answers = {{.status = 200, .description = "A page", .media_type = "text/html"},
                         {404, "There is none"}},
             .handle = [](Request& request) -> Answer {
               auto page = problem_page(request.path_value("name"));
               if (page) return plain_page(*std::move(page));
               return std::unexpected(Failure(404, "NOT_FOUND", "there is no such problem"));
             }});
}

/// Of a program without the web app.
void add_start_route(RouteTable& table) {
  table.add({.path = "/",
             .operation = "start",
             .summary = "Leads to /docs",
             .tag = "status",
             .answers = {{.status = 303, .description = "To /docs", .media_type = "text/plain"}},
             .handle = [](Request&) -> Answer {
               Response response = text_response("see /docs\n");
               response.status = 303;
               response.headers.set("Location", "/docs");
               return response;
             }});
}

}  // namespace

RouteTable make_routes(const Service& service) {
  RouteTable table(service.cursor_key);
  add_openai_audio_routes(table, service.transcriptions, service.models, service.openai);
  add_openai_model_routes(table, service.models, service.openai.places, service.audit);
  add_realtime_routes(table,
                      {.realtime = service.realtime,
                       .models = service.models,
                       .defaults = service.openai.defaults,
                       .keep_for = service.openai.keep_for},
                      service.secrets, service.clock, service.audit);
  const AccountDesk desk = make_account_desk(service.accounts, service.audit);
  add_auth_routes(table, desk);
  add_key_routes(table, desk);
  add_user_routes(table, desk);
  add_audit_routes(table, desk);
  add_upload_routes(table, service.uploads);
  add_job_intake_routes(table, service.intake, service.models,
                        {.args = service.openai.defaults, .keep_for = service.keep_jobs_for},
                        service.audit);
  add_status_routes(table, service.metrics);
  add_webhook_routes(table, service.webhooks, service.audit);
  add_operation_routes(table, service.operations, service.audit);
  add_change_routes(table, service.changes);
  add_backup_routes(table, service.backups, service.audit);
  add_stats_routes(table, service.stats);
  add_system_routes(table, service.system);
  add_record_routes(table, service.records, service.keep_jobs_for, service.audit);
  if (service.web.pages.empty()) {
    add_start_route(table);
  } else {
    add_web_routes(table, service.web);
  }
  add_problem_routes(table);
  const auto documents = std::make_shared<Documents>();
  add_document_routes(table, documents, service.is_open);
  documents->openapi = json_text(openapi_document(table, service.version, Anonymous::kRefused));
  documents->open_openapi =
      json_text(openapi_document(table, service.version, Anonymous::kAllowed));
  documents->page = docs_page(table, service.version);
  return table;
}

}  // namespace katip::http
