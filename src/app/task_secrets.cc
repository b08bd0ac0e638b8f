#include "app/task_secrets.h"

#include <algorithm>
#include <array>

#include <boost/json.hpp>

/// Tested by task_secrets_test.cc.
namespace katip::app {
namespace json = boost::json;
namespace {

constexpr std::string_view kHidden = "[hidden]";

std::string lowered(std::string_view text) {
  std::string low(text);
  for (char& c : low) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return low;
}

bool sounds_secret(std::string_view name) {
  constexpr std::array<std::string_view, 12> kSigns = {
      "password", "passwd",  "secret",     "token",  "authorization", "api_key",
      "apikey",   "api-key", "credential", "cookie", "signature",     "private_key"};
  const std::string low = lowered(name);
  return std::ranges::any_of(kSigns, [&](std::string_view sign) { return low.contains(sign); });
}

void hide(json::value& value) {
  if (value.is_object()) {
    for (auto& [name, member] : value.as_object()) {
      const bool holds_text = member.is_string() || member.is_object() || member.is_array();
      if (holds_text && sounds_secret(name)) {
        member = kHidden;
      } else {
        hide(member);
      }
    }
  } else if (value.is_array()) {
    for (json::value& member : value.as_array()) hide(member);
  } else if (value.is_string()) {
    value = without_secrets_in_address(value.as_string());
  }
}

}  // namespace

std::string without_secrets_in_address(std::string_view text) {
  const std::size_t scheme = text.find("://");
  if (scheme == text.npos || scheme > 20) return std::string(text);
  std::string shown(text.substr(0, scheme + 3));
  std::string_view rest = text.substr(scheme + 3);
  const std::size_t at = rest.substr(0, rest.find_first_of("/?#")).rfind('@');
  if (at != rest.npos) {
    shown += std::string(kHidden) + "@";
    rest.remove_prefix(at + 1);
  }
  const std::size_t query = rest.find('?');
  shown += rest.substr(0, query);
  if (query == rest.npos) return shown;
  rest.remove_prefix(query);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find_first_of("&#", 1), rest.size());
    const std::string_view part = rest.substr(0, end);
    const std::size_t equals = part.find('=');
    const bool is_secret = equals != part.npos && sounds_secret(part.substr(0, equals));
    shown += is_secret ? std::string(part.substr(0, equals + 1)) + std::string(kHidden)
                       : std::string(part);
    rest.remove_prefix(end);
  }
  return shown;
}

std::string without_secrets(std::string_view json_text) {
  boost::system::error_code error;
  json::value value = json::parse(json_text, error);
  if (error) value = kHidden;
  hide(value);
  return json::serialize(value);
}

}  // namespace katip::app
