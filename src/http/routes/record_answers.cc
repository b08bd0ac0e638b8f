#include "http/routes/record_answers.h"

#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "base/assert.h"
#include "http/wire/cursor_seal.h"

/// Tested by tests/e2e/test_records_api.py.
namespace katip::http {
namespace json = boost::json;
namespace {

constexpr int kLimitDefault = 50;
constexpr int kLimitMax = 200;

/// For a value of a query: everything but letters, digits and -._~ as %XX.
std::string url_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || std::string_view("-._~").contains(c);
    encoded += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

/// The query of this request with another cursor.
std::string next_target(const Request& request, const std::string& cursor) {
  std::string query;
  for (const auto& [name, value] : request.query) {
    if (name != "cursor") query += fmt::format("{}={}&", url_encoded(name), url_encoded(value));
  }
  return fmt::format("{}?{}cursor={}", request.path, query, cursor);
}

std::string sealed(const Request& request, std::string_view place) {
  KATIP_ASSERT(request.cursors != nullptr);
  return request.cursors->seal(place);
}

}  // namespace

Response list_response(json::array items, const std::optional<std::string>& next_place,
                       const Request& request) {
  return list_response(std::move(items), next_place, request, {});
}

Response list_response(json::array items, const std::optional<std::string>& next_place,
                       const Request& request, ListShape shape) {
  json::object page{{shape.items, std::move(items)}, {"has_more", next_place.has_value()}};
  for (auto& [key, value] : shape.others) page[key] = std::move(value);
  page["next_cursor"] = sealed_cursor(request, next_place);
  Response response = native_response(std::move(page));
  if (next_place) set_next_link(response, request, *next_place);
  return response;
}

void set_next_link(Response& response, const Request& request, std::string_view next_place) {
  response.headers.set(
      "Link", fmt::format("<{}>; rel=\"next\"", next_target(request, sealed(request, next_place))));
}

json::value sealed_cursor(const Request& request, const std::optional<std::string>& next_place) {
  return next_place ? json::value(sealed(request, *next_place)) : json::value(nullptr);
}

std::expected<std::optional<std::string>, Failure> opened_cursor(const Request& request,
                                                                 const json::object& body) {
  const auto cursor = text_in(body, "cursor");
  if (!cursor) return std::optional<std::string>();
  KATIP_ASSERT(request.cursors != nullptr);
  if (auto place = request.cursors->open(*cursor)) return place;
  return std::unexpected(Failure::of_fields({wrong_cursor("/cursor")}));
}

Schema list_schema(Schema item) {
  return Schema::object({{"items", Schema::array(std::move(item)), Need::kRequired},
                         {"has_more", Schema::boolean(), Need::kRequired},
                         {"next_cursor", Schema::string().nullable(), Need::kRequired}});
}

std::vector<Parameter> list_parameters(std::vector<Parameter> others) {
  others.push_back(
      {.name = "limit",
       .schema = Schema::integer().range(1, kLimitMax).described("50 when not given")});
  others.push_back(cursor_parameter());
  return others;
}

int limit_of(const Request& request) {
  return static_cast<int>(request.query_integer("limit").value_or(kLimitDefault));
}

std::optional<std::string> text_of(const Request& request, std::string_view parameter) {
  const auto value = request.query_value(parameter);
  return value ? std::optional(std::string(*value)) : std::nullopt;
}

std::vector<Parameter> time_parameters() {
  return {{.name = "created_from", .schema = Schema::string().format("date-time")},
          {.name = "created_before", .schema = Schema::string().format("date-time")}};
}

std::expected<TimeSpan, Failure> times_of(const Request& request) {
  TimeSpan span;
  for (const auto& [name, member] : {std::pair{"created_from", &TimeSpan::from},
                                     std::pair{"created_before", &TimeSpan::before}}) {
    const auto text = request.query_value(name);
    if (!text) continue;
    const auto time = app::parse_timestamp(*text);
    if (!time) {
      return std::unexpected(
          Failure::of_fields({{name, "must be a time in UTC such as 2026-03-01T12:00:00Z"}}));
    }
    span.*member = *time;
  }
  return span;
}

std::optional<std::string> text_in(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->get_string());
}

std::optional<double> number_in(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  return value->to_number<double>();
}

std::optional<std::int64_t> integer_in(const json::object& object, std::string_view key) {
  const auto number = number_in(object, key);
  // The schema of the route has said that it is a whole one and within its limits.
  return number ? std::optional(static_cast<std::int64_t>(*number)) : std::nullopt;
}

std::vector<std::string> texts_in(const json::object& object, std::string_view key) {
  std::vector<std::string> texts;
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_array()) return texts;
  for (const json::value& item : value->get_array()) {
    if (item.is_string()) texts.emplace_back(item.get_string());
  }
  return texts;
}

Schema tags_schema() {
  constexpr std::size_t kTagSizeMax = 200;
  return Schema::array(Schema::string().length(1, kTagSizeMax)).length(0, 20);
}

json::value or_null(const std::optional<std::string>& text) {
  return text ? json::value(*text) : json::value(nullptr);
}
json::value or_null(const std::optional<double>& number) {
  return number ? json::value(*number) : json::value(nullptr);
}
json::value or_null(const std::optional<int>& number) {
  return number ? json::value(*number) : json::value(nullptr);
}
json::value or_null(const std::optional<app::Timestamp>& time) {
  return time ? json::value(app::to_text(*time)) : json::value(nullptr);
}

std::optional<std::string> if_match(const Request& request) {
  std::string_view text = request.headers.get("If-Match");
  if (text.empty()) return std::nullopt;
  if (text.starts_with("W/")) text.remove_prefix(2);  // Compressed answers have weak tags.
  if (text.size() >= 2 && text.starts_with('"') && text.ends_with('"')) {
    text = text.substr(1, text.size() - 2);
  }
  return std::string(text);
}

Parameter if_match_parameter(std::string description) {
  return {.name = "If-Match",
          .place = Place::kHeader,
          .schema = Schema::string().length(1, 100).described(std::move(description))};
}

Failure outdated(std::string message) { return {412, "PRECONDITION_FAILED", std::move(message)}; }

}  // namespace katip::http
