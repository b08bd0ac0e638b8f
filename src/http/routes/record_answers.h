#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "app/timestamp.h"
#include "http/request.h"
#include "http/response.h"
#include "http/route.h"

/// What the routes about records have in common.
namespace katip::http {

/// `{"items": […], "has_more": …, "next_cursor": …}`, and a Link to the next page, which begins at
/// a place that only handlers see: what goes out is sealed here and nowhere else.
Response list_response(boost::json::array items, const std::optional<std::string>& next_place,
                       const Request& request);
/// The same with a name of its own for the items, and what else the answer says.
struct ListShape {
  std::string_view items = "items";
  boost::json::object others = {};
};
Response list_response(boost::json::array items, const std::optional<std::string>& next_place,
                       const Request& request, ListShape shape);
Schema list_schema(Schema item);
/// Sets the header Link: this request, from there on.
void set_next_link(Response& response, const Request& request, std::string_view next_place);

/// What a client gets as next_cursor of this route; null: this was the end.
boost::json::value sealed_cursor(const Request& request,
                                 const std::optional<std::string>& next_place);
/// Of a cursor in a body; those of a query are open already. 422 for one that is not of this route.
std::expected<std::optional<std::string>, Failure> opened_cursor(const Request& request,
                                                                 const boost::json::object& body);

/// `limit` and `cursor`, and those of the route.
std::vector<Parameter> list_parameters(std::vector<Parameter> others);
int limit_of(const Request& request);
std::optional<std::string> text_of(const Request& request, std::string_view parameter);

/// `created_from` and `created_before`.
std::vector<Parameter> time_parameters();
struct TimeSpan {
  std::optional<app::Timestamp> from, before;
};
/// 422 for what is no time of ours.
std::expected<TimeSpan, Failure> times_of(const Request& request);

/// Texts of an object; nothing when it is not there or null.
std::optional<std::string> text_in(const boost::json::object& object, std::string_view key);
std::optional<double> number_in(const boost::json::object& object, std::string_view key);
std::optional<std::int64_t> integer_in(const boost::json::object& object, std::string_view key);
std::vector<std::string> texts_in(const boost::json::object& object, std::string_view key);

/// What people call groups of jobs; app::checked_tags() looks at them more closely.
Schema tags_schema();

/// A value or null.
boost::json::value or_null(const std::optional<std::string>& text);
boost::json::value or_null(const std::optional<double>& number);
boost::json::value or_null(const std::optional<int>& number);
boost::json::value or_null(const std::optional<app::Timestamp>& time);

/// The header If-Match, without quotes and `W/`; nothing when there is none.
std::optional<std::string> if_match(const Request& request);
Parameter if_match_parameter(std::string description);
/// 412: what was read is no longer so.
Failure outdated(std::string message);

}  // namespace katip::http
