#include "http/route.h"

#include <algorithm>
#include <set>

#include "base/assert.h"
#include "base/suggestion.h"
#include "http/wire/cursor_seal.h"
#include "http/wire/url_text.h"

/// Tested by route_test.cc. Paths are a tree of segments: a segment by its name comes before a
/// variable, and a variable before one that takes the rest.
namespace katip::http {

struct RouteTable::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> children;
  std::unique_ptr<Node> variable;
  std::unique_ptr<Node> rest;
  std::string name;  // Of the variable that leads here.
  std::map<Method, const Route*> routes;

  const Node* find(std::string_view path,
                   std::vector<std::pair<std::string, std::string>>& values) const;
};

namespace {

bool is_variable(std::string_view segment) {
  return segment.starts_with('{') && segment.ends_with('}');
}

/// The segment before the next slash, which it takes off.
std::string_view next_segment(std::string_view& path) {
  KATIP_ASSERT(path.starts_with('/'));
  path.remove_prefix(1);
  const std::size_t end = std::min(path.find('/'), path.size());
  const std::string_view segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

void check_one(const Parameter& parameter, const std::vector<std::string_view>& values,
               std::vector<FieldError>& errors) {
  if (values.empty() && parameter.need == Need::kRequired) {
    errors.push_back({parameter.name, "is needed"});
  }
  if (values.size() > 1 && !parameter.schema.is_array()) {
    errors.push_back({parameter.name, "may be given once only"});
  }
  for (const std::string_view value : values) {
    if (errors.size() >= Schema::kErrorCountMax) return;
    parameter.schema.check_text(value, parameter.name, errors);
  }
}

/// A part with a file name is a file, every other a text: handlers take one for the other nowhere.
void check_property(const Property& property, const Form& form, std::vector<FieldError>& errors) {
  const std::vector<std::string_view> texts = form.values(property.name);
  const auto file_count = std::ranges::count_if(
      form.files, [&](const auto& file) { return file.first == property.name; });
  const bool is_list = property.schema.is_array();
  const Schema& schema = is_list ? property.schema.items() : property.schema;
  if (schema.is_binary() && !texts.empty()) {
    errors.push_back({property.name, "must be a file, with a file name"});
    return;
  }
  if (!schema.is_binary() && file_count > 0) {
    errors.push_back({property.name, "must be a text, not a file"});
    return;
  }
  const std::vector<std::string_view> files(static_cast<std::size_t>(file_count));
  check_one({.name = property.name, .schema = property.schema, .need = property.need},
            schema.is_binary() ? files : texts, errors);
}

std::vector<std::string_view> values_of(const Parameter& parameter, const Request& request) {
  switch (parameter.place) {
    case Place::kPath:
      return {request.path_value(parameter.name)};
    case Place::kQuery:
      return request.query_values(parameter.name);
    case Place::kHeader:
      break;
  }
  if (!request.headers.has(parameter.name)) return {};
  return {request.headers.get(parameter.name)};
}

}  // namespace

const RouteTable::Node* RouteTable::Node::find(
    std::string_view path, std::vector<std::pair<std::string, std::string>>& values) const {
  if (path.empty()) return routes.empty() ? nullptr : this;
  std::string_view behind = path;
  const auto decoded = percent_decoded(next_segment(behind));
  if (!decoded) return nullptr;
  const std::string& segment = *decoded;
  if (const auto child = children.find(segment); child != children.end()) {
    if (const Node* found = child->second->find(behind, values)) return found;
  }
  if (variable && !segment.empty()) {
    values.emplace_back(variable->name, segment);
    if (const Node* found = variable->find(behind, values)) return found;
    values.pop_back();
  }
  if (rest && path.size() > 1) {
    const auto all = percent_decoded(path.substr(1));
    if (!all) return nullptr;
    values.emplace_back(rest->name, *all);
    return rest.get();
  }
  return nullptr;
}

RouteTable::RouteTable(Secret cursor_key)
    : cursor_key_(std::move(cursor_key)), root_(std::make_unique<Node>()) {}
RouteTable::~RouteTable() = default;
RouteTable::RouteTable(RouteTable&&) noexcept = default;

void RouteTable::add(Route route) {
  KATIP_ASSERT((route.handle != nullptr) + (route.handle_later != nullptr) +
                   (route.open_body != nullptr) + (route.open_socket != nullptr) ==
               1);
  KATIP_ASSERT((route.open_body != nullptr) == (route.body_kind == BodyKind::kStream));
  if (!cursor_key_.empty()) {
    route.cursor_seal = std::make_shared<const CursorSeal>(cursor_key_, route.operation);
  }
  KATIP_ASSERT(route.cursor_seal || std::ranges::none_of(route.parameters, &Parameter::is_cursor));
  Node* node = root_.get();
  for (std::string_view path = route.path; !path.empty();) {
    const std::string_view segment = next_segment(path);
    if (!is_variable(segment)) {
      auto& child = node->children[std::string(segment)];
      if (!child) child = std::make_unique<Node>();
      node = child.get();
      continue;
    }
    const bool is_rest = segment.ends_with("...}");
    auto& child = is_rest ? node->rest : node->variable;
    if (!child) child = std::make_unique<Node>();
    node = child.get();
    node->name = segment.substr(1, segment.size() - (is_rest ? 5 : 2));
    if (std::ranges::find(route.parameters, node->name, &Parameter::name) ==
        route.parameters.end()) {
      route.parameters.push_back({.name = node->name,
                                  .place = Place::kPath,
                                  .schema = Schema::string().length(1, 200),
                                  .need = Need::kRequired});
    }
  }
  routes_.push_back(std::make_unique<const Route>(std::move(route)));
  const Route* added = routes_.back().get();
  KATIP_ASSERT(node->routes.emplace(added->method, added).second);
}

RouteMatch RouteTable::find(Method method, std::string_view path) const {
  RouteMatch match;
  if (!path.starts_with('/')) return match;
  std::vector<std::pair<std::string, std::string>> values;
  const Node* node = root_->find(path, values);
  if (node == nullptr) return match;
  for (auto& [name, value] : values) match.path_values.emplace(std::move(name), std::move(value));
  for (const auto& [known, route] : node->routes) {
    match.allowed.push_back(known);
    if (known == Method::kGet) match.allowed.push_back(Method::kHead);
    if (known == method || (method == Method::kHead && known == Method::kGet)) match.route = route;
  }
  match.allowed.push_back(Method::kOptions);
  return match;
}

std::vector<const Route*> RouteTable::routes() const {
  std::vector<const Route*> all;
  for (const auto& route : routes_) all.push_back(route.get());
  return all;
}

std::vector<FieldError> check_parameters(const Route& route, const Request& request) {
  std::vector<FieldError> errors;
  std::vector<std::string> names;
  for (const Parameter& parameter : route.parameters) {
    if (parameter.place == Place::kQuery) names.push_back(parameter.name);
    check_one(parameter, values_of(parameter, request), errors);
  }
  std::set<std::string_view> told;
  for (const auto& [name, value] : request.query) {
    if (std::ranges::find(names, name) == names.end() && told.insert(name).second) {
      errors.push_back({name, "there is no such parameter." + did_you_mean(nearest(name, names))});
    }
  }
  return errors;
}

std::vector<FieldError> check_form(const Route& route, const Request& request) {
  std::vector<FieldError> errors;
  if (!route.body) return errors;
  std::vector<std::string> names;
  for (const Property& property : route.body->properties()) {
    names.push_back(property.name);
    check_property(property, request.form, errors);
  }
  if (route.body->is_open()) return errors;
  const auto check_name = [&](const std::string& name) {
    if (errors.size() >= Schema::kErrorCountMax) return;
    if (std::ranges::find(names, name) == names.end()) {
      errors.push_back({name, "there is no such field." + did_you_mean(nearest(name, names))});
    }
  };
  for (const auto& [name, value] : request.form.fields) check_name(name);
  for (const auto& [name, file] : request.form.files) check_name(name);
  return errors;
}

Parameter cursor_parameter() {
  return {.name = "cursor",
          .schema = Schema::string()
                        .length(1, CursorSeal::kSizeMax)
                        .described("next_cursor of the page before, as it came"),
          .is_cursor = true};
}

std::vector<FieldError> open_cursors(const Route& route, Request& request) {
  std::vector<FieldError> errors;
  for (const Parameter& parameter : route.parameters) {
    if (!parameter.is_cursor) continue;
    for (auto& [name, value] : request.query) {
      if (name != parameter.name) continue;
      if (auto place = route.cursor_seal->open(value)) {
        value = *std::move(place);
      } else {
        errors.push_back(wrong_cursor(name));
      }
    }
  }
  return errors;
}

FieldError wrong_cursor(std::string pointer) {
  return {std::move(pointer),
          "is no cursor of this list: send next_cursor of the page before as it came, or begin "
          "anew without one"};
}

Schema envelope(Schema data) {
  return Schema::object({{"success", Schema::boolean(), Need::kRequired},
                         {"data", std::move(data), Need::kRequired},
                         {"message", Schema::string(), Need::kRequired},
                         {"timestamp", Schema::string().format("date-time"), Need::kRequired}});
}

}  // namespace katip::http
