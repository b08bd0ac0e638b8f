#include "profiles/profile_store.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/sha256.h"

/// Tested by conformance_test.cc.
namespace katip::profiles {
namespace {

namespace json = boost::json;

std::unexpected<Error> bad(std::string message) {
  return fail(ErrorCode::kInvalidArgument, std::move(message));
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

Result<json::value> parse(std::string_view text, std::string_view what) {
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  if (error) return bad(fmt::format("{} is no JSON: {}", what, error.message()));
  return value;
}

Result<std::vector<std::string>> parts_of(std::string_view path) {
  std::vector<std::string> parts;
  std::size_t at = 0;
  while (at <= path.size()) {
    const std::size_t end = std::min(path.find('.', at), path.size());
    if (end == at) return bad(fmt::format("the path `{}` has an empty part", path));
    parts.emplace_back(path.substr(at, end - at));
    at = end + 1;
  }
  if (parts.size() > kPathDepthMax) {
    return bad(fmt::format("a path has at most {} parts", kPathDepthMax));
  }
  return parts;
}

Status set_field(json::object& document, std::string_view path, json::value value) {
  const std::vector<std::string> parts = KATIP_TRY(parts_of(path));
  json::object* place = &document;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    json::value& next = (*place)[parts[i]];
    if (next.is_null()) next = json::object();
    if (!next.is_object()) {
      return bad(fmt::format("`{}` of the path `{}` is no object", parts[i], path));
    }
    place = &next.get_object();
  }
  (*place)[parts.back()] = std::move(value);
  return {};
}

Status remove_field(json::object& document, std::string_view path) {
  const std::vector<std::string> parts = KATIP_TRY(parts_of(path));
  json::object* place = &document;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    json::value* next = place->if_contains(parts[i]);
    if (next == nullptr || !next->is_object()) return {};
    place = &next->get_object();
  }
  place->erase(parts.back());
  return {};
}

}  // namespace

Status check_name(std::string_view name) {
  const bool is_good = !name.empty() && name.size() <= kNameSizeMax && is_plain(name.front()) &&
                       std::ranges::all_of(name, [](char c) {
                         return is_plain(c) || c == '.' || c == '_' || c == '-' || c == '@';
                       });
  return is_good ? Status{}
                 : Status(bad(fmt::format("the name of a profile is 1 to {} of A-Z a-z 0-9 . _ - @ "
                                          "and begins with a letter or a digit",
                                          kNameSizeMax)));
}

Result<std::string> checked_document(std::string_view text) {
  if (text.size() > kDocumentSizeMax) return bad("a profile has at most 1 MiB");
  const json::value value = KATIP_TRY(parse(text, "a profile"));
  if (!value.is_object()) return bad("a profile is a JSON object");
  return json::serialize(value);
}

Result<std::string> with_changes(std::string_view document, const FieldChanges& changes) {
  json::value value = KATIP_TRY(parse(document, "the stored profile"));
  if (!value.is_object()) return fail(ErrorCode::kCorruptData, "the stored profile is no object");
  for (const std::string& path : changes.remove) {
    KATIP_TRY(remove_field(value.get_object(), path));
  }
  for (const auto& [path, text] : changes.set) {
    json::value field = KATIP_TRY(parse(text, "the value of `" + path + "`"));
    KATIP_TRY(set_field(value.get_object(), path, std::move(field)));
  }
  return checked_document(json::serialize(value));
}

std::string version_of(std::string_view document) {
  constexpr std::size_t kDigits = 16;
  Sha256 sum;
  sum.update(document);
  return sum.finish().substr(0, kDigits);
}

}  // namespace katip::profiles
