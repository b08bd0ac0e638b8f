#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "http/openapi.h"

/// Tested by openapi_test.cc.
namespace katip::http {
namespace {

constexpr std::string_view kStyle =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;"
    "color-scheme:light dark;background:Canvas;color:CanvasText}"
    "code,pre{font-family:ui-monospace,monospace;font-size:.9em}"
    "pre{overflow:auto;padding:.6rem;border:1px solid GrayText;border-radius:.4rem}"
    "details{border:1px solid GrayText;border-radius:.4rem;margin:.5rem 0;padding:.4rem .8rem}"
    "summary{cursor:pointer}table{border-collapse:collapse;width:100%}"
    "td,th{text-align:left;vertical-align:top;padding:.2rem .6rem .2rem 0}"
    ".method{display:inline-block;min-width:4.5rem;font-weight:700}nav{display:flex;flex-wrap:wrap;"
    "gap:.2rem 1rem}";

std::string escaped(std::string_view text) {
  std::string result;
  for (const char letter : text) {
    if (letter == '<') {
      result += "&lt;";
    } else if (letter == '>') {
      result += "&gt;";
    } else if (letter == '&') {
      result += "&amp;";
    } else if (letter == '"') {
      result += "&quot;";
    } else {
      result += letter;
    }
  }
  return result;
}

/// A tag as a place on the page: "converted sounds" -> "converted-sounds".
std::string anchor(std::string_view tag) {
  std::string result = escaped(tag);
  std::ranges::replace(result, ' ', '-');
  return result;
}

std::string row(std::string_view name, std::string_view what, std::string_view description) {
  return fmt::format("<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>", escaped(name),
                     escaped(what), escaped(description));
}

std::string_view need_of(Need need) { return need == Need::kRequired ? "needed" : "optional"; }

std::string example(const Route& route) {
  std::string command = "curl";
  if (route.method != Method::kGet) command += fmt::format(" -X {}", name(route.method));
  if (route.permission) command += " -H \"Authorization: Bearer $KEY\"";
  if (route.body_kind == BodyKind::kJson) {
    command += " -H 'Content-Type: application/json' -d '{…}'";
  } else if (route.body && route.body->is_object()) {
    for (const Property& property : route.body->properties()) {
      if (property.need == Need::kRequired) {
        command +=
            fmt::format(" -F {}={}", property.name, property.name == "file" ? "@talk.mp3" : "…");
      }
    }
  }
  return fmt::format("<pre>{} http://127.0.0.1:8002{}</pre>", escaped(command),
                     escaped(route.path));
}

std::string fields_of(std::string_view place, const Schema& body) {
  std::string rows;
  for (const Property& property : body.properties()) {
    rows += row(property.name, fmt::format("{}, {}", place, need_of(property.need)),
                property.schema.description());
  }
  return rows;
}

std::string section(const Route& route) {
  std::string html = fmt::format(
      "<details id=\"{}\"><summary><span class=\"method\">{}</span><code>{}</code> {}</summary>",
      escaped(route.operation), name(route.method), escaped(route.path), escaped(route.summary));
  if (route.permission) {
    html += fmt::format("<p>Needs the scope <code>{}</code>.</p>", app::name(*route.permission));
  }
  html += example(route);
  static constexpr std::string_view kPlaces[] = {"path", "query", "header"};
  html += "<table>";
  for (const Parameter& parameter : route.parameters) {
    html += row(
        parameter.name,
        fmt::format("{}, {}", kPlaces[static_cast<int>(parameter.place)], need_of(parameter.need)),
        parameter.schema.description());
  }
  if (route.body && route.body->is_object()) html += fields_of("body", *route.body);
  if (route.json_body) html += fields_of("or JSON", *route.json_body);
  for (const AnswerSpec& answer : route.answers) {
    html += row(std::to_string(answer.status), "answer", answer.description);
  }
  return html + "</table></details>";
}

}  // namespace

std::string docs_page(const RouteTable& table, std::string_view version) {
  std::map<std::string, std::string> tags;
  for (const Route* route : table.routes()) {
    if (!route->is_page) tags[route->tag] += section(*route);
  }
  std::string html = fmt::format(
      "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\"><title>katip API</title><style>{}</style></head><body>"
      "<h1>katip {}: the API</h1><p>For programs: <a href=\"/openapi.json\">/openapi.json</a>. "
      "Clients of OpenAI work with <code>base_url=http://127.0.0.1:8002/v1</code>.</p><nav>",
      kStyle, escaped(version));
  for (const auto& [tag, sections] : tags) {
    html += fmt::format("<a href=\"#tag-{}\">{}</a>", anchor(tag), escaped(tag));
  }
  html += "</nav>";
  for (const auto& [tag, sections] : tags) {
    html += fmt::format("<h2 id=\"tag-{}\">{}</h2>{}", anchor(tag), escaped(tag), sections);
  }
  return html + "</body></html>";
}

}  // namespace katip::http
