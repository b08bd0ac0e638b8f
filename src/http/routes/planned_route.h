#pragma once

#include <optional>
#include <string>

#include "http/route.h"

namespace katip::http {

/// What tells one route of a group from the others.
struct Plan {
  Method method;
  std::string path;
  std::string operation;
  std::string summary;
  int status = 200;                 ///< Of its answer.
  std::optional<Schema> data = {};  ///< Of the envelope; nothing: the answer has no body.
};

/// A route that wants its handler, and what is its alone. Variables of the path called `id` or
/// `delivery_id` are uuids, and a path with a variable may lead to nothing (404).
Route planned_route(Plan plan, std::string tag, app::Permission permission);

}  // namespace katip::http
