#include "http/routes/status.h"

/// Tested by tests/e2e/test_serve.py.
namespace katip::http {

void add_status_routes(RouteTable& table) {
  table.add({.path = "/livez",
             .operation = "livez",
             .summary = "Whether the process answers",
             .tag = "status",
             .answers = {{.status = 200, .description = "It does", .media_type = "text/plain"}},
             .handle = [](Request&) -> Answer { return text_response("ok\n"); }});
}

}  // namespace katip::http
