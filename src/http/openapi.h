#pragma once

#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

#include "http/route.h"

namespace katip::http {

/// The whole table as an OpenAPI 3.1 document.
boost::json::object openapi_document(const RouteTable& table, std::string_view version);

/// The same for people: one page without scripts, with a command for each route.
std::string docs_page(const RouteTable& table, std::string_view version);

}  // namespace katip::http
