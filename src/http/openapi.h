#pragma once

#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

#include "http/route.h"

namespace katip::http {

/// Who is asked for nothing where a route asks for a principal.
enum class Anonymous {
  kAllowed,  ///< The server is open to everybody.
  kRefused,
};

/// The whole table as an OpenAPI 3.1 document.
boost::json::object openapi_document(const RouteTable& table, std::string_view version,
                                     Anonymous anonymous);

/// The same for people: one page without scripts, with a command for each route.
std::string docs_page(const RouteTable& table, std::string_view version);

}  // namespace katip::http
