#include "http/routes/audited.h"

#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "base/assert.h"
#include "http/json_text.h"

/// Tested by tests/e2e/test_audit.py, which knows of every route whether it leaves a line.
namespace katip::http {
namespace json = boost::json;

namespace {

constexpr std::size_t kFieldCountMax = 30;

/// "job_1" of "/api/v1/jobs/job_1".
std::string_view end_of(std::string_view location) {
  return location.substr(location.rfind('/') + 1);
}

std::string target_of(const AuditMark& mark, const Request& request, const Response& response) {
  if (!mark.target.empty()) return request.path_value(mark.target);
  return std::string(end_of(response.headers.get("Location")));
}

}  // namespace

void note(app::Audit& audit, const Request& request, const AuditMark& mark,
          std::string_view target_id, const json::object& details) {
  audit.record(request.principal,
               {.action = mark.action,
                .target_kind = mark.target_kind,
                .target_id = std::string(target_id),
                .request_id = request.request_id,
                .ip = request.client_ip,
                .details = json_text(details)},
               {});
}

Route audited(app::Audit& audit, AuditMark mark, Route route) {
  KATIP_ASSERT(route.handle != nullptr);
  route.handle = [&audit, mark = std::move(mark),
                  handle = std::move(route.handle)](Request& request) -> Answer {
    Answer answer = handle(request);
    if (answer) {
      note(audit, request, mark, target_of(mark, request, *answer),
           mark.details ? mark.details(request) : json::object());
    }
    return answer;
  };
  return route;
}

json::object changed_fields(const Request& request) {
  if (!request.json || !request.json->is_object()) return {};
  json::array fields;
  for (const auto& pair : request.object()) {
    if (fields.size() < kFieldCountMax) fields.emplace_back(pair.key());
  }
  return {{"fields", std::move(fields)}};
}

}  // namespace katip::http
