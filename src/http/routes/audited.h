#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "app/audit.h"
#include "http/route.h"

/// Lines of the audit log about requests that change something.
namespace katip::http {

/// What the line says, besides who asked, when and from where.
struct AuditMark {
  std::string action;       ///< "job.delete"
  std::string target_kind;  ///< "job"
  /// The variable of the path that names the target. Empty: the end of the answer's Location.
  std::string target = {};
  /// More about it, without what people said or wrote; else none.
  std::function<boost::json::object(const Request&)> details = {};
};

/// The route writes a line when it has done what was asked: not for a failure, and not when an
/// answer is repeated by an Idempotency-Key.
///
/// Lifetime: audit outlives the route. The route has a `handle`.
Route audited(app::Audit& audit, AuditMark mark, Route route);

/// A line of a handler that knows more than its request does.
void note(app::Audit& audit, const Request& request, const AuditMark& mark,
          std::string_view target_id, const boost::json::object& details = {});

/// {"fields": […]}: the keys of the body and none of their values.
boost::json::object changed_fields(const Request& request);

}  // namespace katip::http
