#include "app/role.h"

#include <array>

#include <fmt/format.h>

#include "base/suggestion.h"

/// Tested by role_test.cc.
namespace katip::app {
namespace {

constexpr std::array<std::string_view, 4> kRoleNames = {"viewer", "editor", "operator", "admin"};
constexpr std::string_view kAllScopes = "all";

Permissions with(Permissions permissions, std::initializer_list<Permission> more) {
  for (const Permission permission : more) permissions |= permissions_of(permission);
  return permissions;
}

std::vector<std::string_view> known_scopes() {
  std::vector<std::string_view> known = {kAllScopes};
  for (int i = 0; i < kPermissionCount; ++i) known.push_back(name(static_cast<Permission>(i)));
  return known;
}

}  // namespace

std::string_view name(Role role) { return kRoleNames[static_cast<std::size_t>(role)]; }

std::optional<Role> parse_role(std::string_view text) {
  for (std::size_t i = 0; i < kRoleNames.size(); ++i) {
    if (kRoleNames[i] == text) return static_cast<Role>(i);
  }
  return std::nullopt;
}

Permissions permissions_of(Role role) {
  using enum Permission;
  const Permissions viewer = with({}, {kReadJobs, kReadLexicon});
  const Permissions editor =
      with(viewer, {kTranscribe, kWriteJobs, kWriteLexicon, kManageWebhooks});
  switch (role) {
    case Role::kViewer:
      return viewer;
    case Role::kEditor:
      return editor;
    case Role::kOperator:
      return with(editor, {kOperate, kReadLogs, kWriteLogs});
    case Role::kAdmin:
      return all_permissions();
  }
  return {};
}

Result<Permissions> parse_scopes(const std::vector<std::string>& scopes) {
  Permissions permissions;
  for (const std::string& scope : scopes) {
    const auto permission = parse_permission(scope);
    if (permission) {
      permissions |= permissions_of(*permission);
    } else if (scope == kAllScopes) {
      permissions = all_permissions();
    } else {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("there is no scope `{}`.{} There are {}", scope,
                              did_you_mean(nearest(scope, known_scopes())),
                              fmt::join(known_scopes(), ", ")));
    }
  }
  if (permissions.none()) {
    return fail(ErrorCode::kInvalidArgument, "a key needs at least one scope, or `all`");
  }
  return permissions;
}

std::vector<std::string> scope_names(Permissions permissions) {
  if (permissions.all()) return {std::string(kAllScopes)};
  std::vector<std::string> names;
  for (int i = 0; i < kPermissionCount; ++i) {
    const auto permission = static_cast<Permission>(i);
    if (permissions.test(static_cast<std::size_t>(i))) names.emplace_back(name(permission));
  }
  return names;
}

bool sees_all(Permissions permissions) {
  return permissions.test(static_cast<std::size_t>(Permission::kOperate));
}

Principal open_principal() {
  return {.kind = PrincipalKind::kOpen,
          .name = "open installation",
          .permissions = all_permissions(),
          .sees_all = true};
}

Principal command_principal() {
  return {.kind = PrincipalKind::kCommand,
          .name = "command line",
          .permissions = all_permissions(),
          .sees_all = true};
}

}  // namespace katip::app
