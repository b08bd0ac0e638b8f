#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/principal.h"
#include "base/result.h"
#include "profiles/profile_store.h"

/// Documents with a name that everybody on this installation shares: prompts and settings, what a
/// program knows of somebody. Who may read jobs reads them, operators write them.
///
/// Errors: kPermissionDenied; those of profiles::ProfileStore.
namespace katip::app {

using profiles::FieldChanges;
using profiles::NewProfile;
using profiles::Profile;

struct ProfileNames {
  std::vector<std::string> names;         ///< In the order of their bytes.
  std::optional<std::string> next_after;  ///< Nothing: this was the end.
};

/// Threads:  thread-safe.
/// Lifetime: the store outlives it.
class Profiles {
 public:
  explicit Profiles(profiles::ProfileStore& store) : store_(store) {}

  /// Errors: kNotFound too.
  Result<Profile> get(const Principal& principal, std::string_view name);
  /// `expected_version` as in profiles::ProfileStore::put().
  Result<Profile> put(const Principal& principal, const NewProfile& profile,
                      const std::optional<std::string>& expected_version);
  Result<Profile> update(const Principal& principal, std::string_view name,
                         const FieldChanges& changes,
                         const std::optional<std::string>& expected_version);
  Status remove(const Principal& principal, std::string_view name);
  /// Names that begin so, behind `after`; 1 to 200.
  Result<ProfileNames> list(const Principal& principal, std::string_view prefix,
                            std::string_view after, int count_max);
  Result<int> put_many(const Principal& principal, std::span<const NewProfile> documents);

 private:
  profiles::ProfileStore& store_;
};

}  // namespace katip::app
