#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/json/fwd.hpp>

#include "app/backup_retention.h"
#include "app/timestamp.h"
#include "base/result.h"
#include "store/database_copies.h"
#include "store/packed_file.h"

namespace katip::app {

/// One file of a backup.
struct BackupPart {
  std::string role;  ///< "database", "files", or "media": the list of its recordings.
  std::string file_name;
  store::PackedFile packed;
};

/// A recording that belongs to backups and lies beside them, once for all.
struct StoredRecording {
  std::string key;           ///< As in the database: "media/0190….mp4".
  store::PackedFile packed;  ///< As it lies there.
};

/// What a manifest says of its recordings together.
struct BackupMedia {
  std::int64_t count = 0;
  std::int64_t size = 0;           ///< Bytes, as they lie there.
  std::int64_t missing_count = 0;  ///< The database names them, and they are not in the backup.
  std::string problem = {};        ///< Why not, when they were not just deleted meanwhile.
};
/// As manifests, results of tasks and the command line spell it.
boost::json::object to_json(const BackupMedia& media);

/// What a backup is: the file `<name>.manifest.json` beside its parts. docs/formats/backup.md.
struct BackupManifest {
  std::string id;    ///< A uuid.
  std::string name;  ///< "katip_daily_20260301_030000": the beginning of the names of its files.
  BackupKind kind = BackupKind::kManual;
  Timestamp created_at;  ///< Everything that was committed before is in it.
  Timestamp completed_at = {};
  std::string katip_version = {};
  std::string database_kind = {};  ///< "sqlite" or "postgresql".
  store::DatabaseFacts database = {};
  std::vector<BackupPart> parts = {};
  std::optional<BackupMedia> media = {};  ///< Nothing: it was made without recordings.
  /// The row of `backups` that was written just before: when it is there, so is all that was
  /// committed before it.
  std::string sentinel_id = {};
  std::optional<std::string> key_id = {};   ///< Nothing: it is not encrypted.
  std::optional<std::string> copy_of = {};  ///< Name of the backup whose files these are.
  /// SHA-256 of everything above as JSON; set by manifest_text() and parse_backup_manifest().
  std::string checksum = {};
  std::string signature = {};  ///< Of the checksum, by who has the key; empty: not signed.

  [[nodiscard]] const BackupPart* part(std::string_view role) const;
  /// Of its parts together. Units: bytes.
  [[nodiscard]] std::int64_t size() const;
};

/// With its checksum, and signed when there is a key; sets manifest.checksum.
std::string manifest_text(BackupManifest& manifest, const store::BackupKey* key);

/// Reads what anybody may have written. Names of files lead nowhere but beside the manifest.
///
/// Errors: kCorruptData for a text that is no manifest, or was changed.
Result<BackupManifest> parse_backup_manifest(std::string_view text);
/// Whether it is encrypted with this key, if at all, and was written by who has it. What parsed
/// manifests say of others is only to be shown.
///
/// Errors: kUnauthenticated when it is encrypted and there is no key, or another one; kCorruptData
///         for a wrong signature.
Status check_key(const BackupManifest& manifest, const store::BackupKey* key);

/// Whether a backup can be restored: `<name>.verification.json`, written after each try.
struct BackupVerification {
  std::string manifest_checksum;  ///< It counts for that manifest only.
  bool is_good = false;
  std::string error = {};  ///< Why not.
  Timestamp verified_at;
  double seconds = 0;
  std::string katip_version;
};
std::string verification_text(const BackupVerification& verification);
Result<BackupVerification> parse_verification(std::string_view text);

}  // namespace katip::app
