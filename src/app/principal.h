#pragma once

#include <bitset>
#include <optional>
#include <string>
#include <string_view>

/// Who asks, and what they may do. Every use case that reads or changes somebody's records is given
/// a Principal; accounts.h makes one from a key or a session.
namespace katip::app {

/// What a route or a use case needs. Scopes of API keys are spelled as in name().
enum class Permission {
  kTranscribe,      ///< "transcribe": the OpenAI-compatible routes, new jobs and uploads.
  kReadJobs,        ///< "jobs:read": jobs, transcripts, audio, search.
  kWriteJobs,       ///< "jobs:write": edit, cancel, retry, delete, feedback.
  kReadLexicon,     ///< "lexicon:read"
  kWriteLexicon,    ///< "lexicon:write"
  kReadLogs,        ///< "logs:read": events, sales, messages, sessions.
  kWriteLogs,       ///< "logs:write"
  kManageWebhooks,  ///< "webhooks"
  kOperate,         ///< "operate": queues, tasks, workers, schedules; everybody's jobs.
  kAdminister,      ///< "admin": users, keys, settings.
};
inline constexpr int kPermissionCount = 10;

std::string_view name(Permission permission);
std::optional<Permission> parse_permission(std::string_view scope);

using Permissions = std::bitset<kPermissionCount>;
inline Permissions permissions_of(Permission permission) {
  return Permissions{}.set(static_cast<std::size_t>(permission));
}
/// "all": every permission.
Permissions all_permissions();

enum class PrincipalKind {
  kOpen,     ///< An empty installation on loopback: everything is open to whoever is there.
  kUser,     ///< A person with a session.
  kApiKey,   ///< A program.
  kCommand,  ///< The command line on the server's own machine.
};

/// Threads: a value type.
struct Principal {
  PrincipalKind kind = PrincipalKind::kOpen;
  std::string id = {};     ///< Of the row of the user or key; empty for the others.
  std::string name = {};   ///< For logs and people: login, or name of the key.
  std::string owner = {};  ///< Whose records: everything made by this principal belongs to it.
  Permissions permissions = {};
  /// Sees the records of every owner; the others get "not found" for what is not theirs.
  bool sees_all = false;
  std::optional<int> priority_default = {};           ///< 0 to 10.
  std::optional<int> rate_limit_per_minute = {};      ///< Of an API key; else that of the server.
  std::optional<int> daily_audio_seconds_limit = {};  ///< Of an API key.

  [[nodiscard]] bool may(Permission permission) const {
    return permissions.test(static_cast<std::size_t>(permission));
  }
  [[nodiscard]] bool sees(std::string_view record_owner) const {
    return sees_all || record_owner == owner;
  }
};

}  // namespace katip::app
