#include "cli/queue/backup_settings.h"

#include "base/atomic_file.h"
#include "cli/queue/database.h"
#include "cli/queue/media_place.h"

/// Tested by tests/e2e/test_backup.py.
namespace katip::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kKeyFileSizeMax = 4'096;

/// BACKUP_DIR is an alias, as other tools have it.
fs::path folder_of(const Settings& settings, const Session& session) {
  const std::string& folder = settings.text("backup.dir");
  if (!folder.empty()) return folder;
  const auto alias = session.environment.get("BACKUP_DIR");
  return alias && !alias->empty() ? fs::path(*alias) : settings.data_dir() / "backups";
}

Result<std::optional<store::BackupKey>> key_of(const Settings& settings) {
  const std::string& file = settings.text("backup.key_file");
  if (file.empty()) return std::optional<store::BackupKey>();
  const auto text = read_whole_file(file, kKeyFileSizeMax);
  if (!text) return fail("backup.key_file", text.error());
  auto key = store::BackupKey::parse(*text);
  if (!key) return fail("backup.key_file " + file, key.error());
  return std::optional(*std::move(key));
}

}  // namespace

Result<app::BackupOptions> backup_options(const Settings& settings, const Session& session,
                                          std::shared_ptr<media::BlobStore> bucket) {
  return app::BackupOptions{
      .folder = fs::absolute(folder_of(settings, session)),
      .data_dir = settings.data_dir(),
      .url = KATIP_TRY(records_url(settings, session)),
      .key = KATIP_TRY(key_of(settings)),
      .time_zone = settings.text("backup.zone"),
      .retention = {.daily = settings.integer("backup.keep_daily"),
                    .weekly = settings.integer("backup.keep_weekly"),
                    .monthly = settings.integer("backup.keep_monthly"),
                    .manual = settings.integer("backup.keep_manual"),
                    .safety = settings.integer("backup.keep_safety")},
      .compression_level = settings.integer("backup.compression"),
      .postgres_programs = settings.text("backup.postgres_programs"),
      .katip_version = KATIP_VERSION,
      .remote = KATIP_TRY(open_bucket(settings, session, "backup.remote_url")),
      .with_media = settings.is_on("backup.media"),
      .bucket = std::move(bucket)};
}

}  // namespace katip::cli
