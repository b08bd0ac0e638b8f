#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/principal.h"
#include "base/result.h"

/// What people and keys may do, in words. docs/accounts.md has the table for readers.
namespace katip::app {

/// Each may what those before it may.
enum class Role {
  kViewer,    ///< Reads their recordings and the lexicon.
  kEditor,    ///< Transcribes, corrects, teaches the lexicon, has webhooks.
  kOperator,  ///< Sees everybody's recordings; steers queues; reads and writes logs.
  kAdmin,     ///< Users, keys, settings.
};

/// "viewer", "editor", "operator", "admin".
std::string_view name(Role role);
std::optional<Role> parse_role(std::string_view text);
Permissions permissions_of(Role role);

/// Scopes of a key: names of permissions, or "all".
///
/// Errors: kInvalidArgument naming the scope, with those that there are.
Result<Permissions> parse_scopes(const std::vector<std::string>& scopes);
/// The names, in the order of Permission.
std::vector<std::string> scope_names(Permissions permissions);

/// Whoever may operate sees the records of all owners.
bool sees_all(Permissions permissions);

/// On an empty installation, whoever is there.
Principal open_principal();
/// The command line: whoever may read the database on the server's own machine.
Principal command_principal();

}  // namespace katip::app
