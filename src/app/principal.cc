#include "app/principal.h"

#include <array>

/// Tested by principal_test.cc.
namespace katip::app {
namespace {

constexpr std::array<std::string_view, kPermissionCount> kNames = {
    "transcribe", "jobs:read",  "jobs:write", "lexicon:read", "lexicon:write",
    "logs:read",  "logs:write", "webhooks",   "operate",      "admin"};

}  // namespace

std::string_view name(Permission permission) {
  return kNames[static_cast<std::size_t>(permission)];
}

std::optional<Permission> parse_permission(std::string_view scope) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == scope) return static_cast<Permission>(i);
  }
  return std::nullopt;
}

Permissions all_permissions() { return Permissions{}.set(); }

}  // namespace katip::app
