#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/principal.h"
#include "app/role.h"
#include "base/result.h"
#include "base/secret.h"

/// What accounts.h takes and gives.
namespace katip::app {

using AccountTime = std::chrono::sys_time<std::chrono::milliseconds>;

/// "2026-03-01T12:00:00.000Z".
std::string spell_time(AccountTime time);
/// Errors: kInvalidArgument for what is not of that form.
Result<AccountTime> read_time(std::string_view text);

/// An API key without its secret half, which nobody can show again.
struct Key {
  std::string id;
  std::string name;
  std::string prefix;  ///< Its public half: "kp_" and 12 letters.
  std::string owner;   ///< Whose records it works on.
  std::vector<std::string> scopes;
  std::optional<int> rate_limit_per_minute;
  std::optional<int> daily_audio_seconds_limit;
  std::optional<int> priority_default;
  bool is_active = true;  ///< False: revoked.
  std::optional<AccountTime> expires_at;
  std::optional<AccountTime> last_used_at;
  std::int64_t usage_count = 0;
  AccountTime created_at;
  AccountTime updated_at;
};

struct KeyRequest {
  std::string name;  ///< For people; 1 to 200 characters.
  std::vector<std::string> scopes;
  /// Nothing: whoever asks; the command line and an open installation give the key an owner of its
  /// own. Only administrators may name somebody else.
  std::optional<std::string> owner = {};
  std::optional<int> rate_limit_per_minute = {};      ///< 1 to 1,000,000.
  std::optional<int> daily_audio_seconds_limit = {};  ///< 1 to 100,000,000.
  std::optional<int> priority_default = {};           ///< 0 to 10.
  std::optional<AccountTime> expires_at = {};         ///< Later than now.
};

struct NewKey {
  Key key;
  Secret secret;  ///< The whole key, shown this once.
};

/// What is set is changed. An inner nothing takes a limit away.
struct KeyChange {
  std::optional<std::string> name = {};
  std::optional<std::vector<std::string>> scopes = {};
  std::optional<std::optional<int>> rate_limit_per_minute = {};
  std::optional<std::optional<int>> daily_audio_seconds_limit = {};
  std::optional<std::optional<int>> priority_default = {};
  std::optional<std::optional<AccountTime>> expires_at = {};
  std::optional<bool> is_active = {};
};

struct User {
  std::string id;
  std::string login;
  std::string display_name;
  Role role = Role::kViewer;
  bool is_active = true;
  std::optional<AccountTime> last_login_at;
  AccountTime password_changed_at;
  AccountTime created_at;
  AccountTime updated_at;
};

struct UserRequest {
  std::string login;  ///< 1 to 100 of a-z, 0-9 and . _ - + @; capitals are made small.
  Secret password;
  Role role = Role::kViewer;
  std::string display_name = {};  ///< At most 200 characters.
};

/// What is set is changed.
struct UserChange {
  std::optional<std::string> display_name = {};
  std::optional<Role> role = {};
  std::optional<bool> is_active = {};
};

struct LoginRequest {
  std::string login;
  Secret password;
  std::string ip;
  std::string user_agent = {};
};

/// Where somebody is logged in.
struct Session {
  std::string id;
  std::string ip;
  std::string user_agent;
  AccountTime created_at;
  AccountTime last_seen_at;
  AccountTime expires_at;
  bool is_current = false;  ///< The one that asks.
};

struct OpenedSession {
  Secret token;  ///< Given to the client, and kept nowhere.
  Principal principal;
  AccountTime expires_at;
};

/// What a key has had worked on today (UTC).
struct AudioUse {
  double seconds = 0;
  std::optional<int> limit = {};
};

}  // namespace katip::app
