#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

/// Documents with a name: JSON objects that people and programs keep settings, prompts and what
/// they know of somebody in.
///
///   KATIP_TRY(profiles.put("ayse", R"({"theme": "dark"})"));
///   KATIP_TRY(profiles.update("ayse", changes));   // {"set": {"prompts.summary": "…"}}
namespace katip::profiles {

struct Profile {
  std::string name;
  std::string document;  ///< A JSON object.
  std::string version;   ///< Differs when the document differs.
};

/// Fields by their dotted paths: "prompts.summary" is the field "summary" of the object "prompts",
/// which is made when it is missing. Removals happen first.
struct FieldChanges {
  std::vector<std::pair<std::string, std::string>> set = {};  ///< Path and JSON value.
  std::vector<std::string> remove = {};  ///< Paths; those that are not there are passed over.
};

/// What to write: a document in the place of what is there.
struct NewProfile {
  std::string name;
  std::string document;
};

/// Limits of every backend.
inline constexpr std::size_t kNameSizeMax = 128;
inline constexpr std::size_t kDocumentSizeMax = 1 << 20;
inline constexpr std::size_t kBulkCountMax = 1'000;
inline constexpr std::size_t kPathDepthMax = 20;

/// Names are 1 to 128 of A-Z a-z 0-9 . _ - @ and begin with a letter or a digit, so that none leads
/// anywhere. Names that differ only in case are different ones.
///
/// Errors:  kInvalidArgument for a name, a document that is no object or over 1 MiB, a path that
///          goes through something that is no object; kNotFound; kConflict when the version is no
///          longer the expected one; kUnavailable, kPermissionDenied of the disk or the server.
/// Threads: thread-safe, each call as a whole; also between processes.
class ProfileStore {
 public:
  virtual ~ProfileStore() = default;

  virtual Result<std::optional<Profile>> get(std::string_view name) = 0;
  /// `expected_version`: of what it replaces; empty text: there must be none; nothing: whatever is
  /// there.
  virtual Result<Profile> put(const NewProfile& profile,
                              const std::optional<std::string>& expected_version) = 0;
  /// Errors: kNotFound too.
  virtual Result<Profile> update(std::string_view name, const FieldChanges& changes,
                                 const std::optional<std::string>& expected_version) = 0;
  /// False: there was none.
  virtual Result<bool> remove(std::string_view name) = 0;
  /// Names that begin so, in the order of their bytes, behind `after`; at most 1 to 1,000.
  virtual Result<std::vector<std::string>> list(std::string_view prefix, std::string_view after,
                                                int count_max) = 0;
  /// Writes many; every document is checked before the first is written. What was written stays
  /// when the disk fails in the middle. Returns how many, at most kBulkCountMax.
  virtual Result<int> put_many(std::span<const NewProfile> profiles) = 0;
};

/// What every backend does in the same way.
Status check_name(std::string_view name);
/// The document in the form that is stored.
Result<std::string> checked_document(std::string_view json);
Result<std::string> with_changes(std::string_view document, const FieldChanges& changes);
std::string version_of(std::string_view document);

}  // namespace katip::profiles
