#include "app/cleanup_tasks.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <unordered_set>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "app/cleanup/cleanup_args.h"
#include "app/timestamp.h"
#include "base/file_lock.h"
#include "store/audit_store.h"
#include "store/cleanup_store.h"

/// A file is an orphan when no row names it, and it is older than anything that is under way: rows
/// are written after their files.
///
/// Tested by cleanup_tasks_test.cc.
namespace katip::app {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr int kPageSize = 5'000;
constexpr int kPiece = 1'000;
constexpr std::size_t kNamesShown = 20;

using Keys = std::unordered_set<std::string>;

/// What was removed, or would be.
struct Report {
  bool is_dry_run = false;
  std::int64_t count = 0;
  std::int64_t size = 0;
  json::array names = {};

  void add(const std::string& name, std::int64_t bytes) {
    ++count;
    size += bytes;
    if (names.size() < kNamesShown) names.emplace_back(name);
  }
  [[nodiscard]] jobs::TaskResult result() const {
    return {.json = json::serialize(json::object{{"dry_run", is_dry_run},
                                                 {"deleted_files", count},
                                                 {"freed_bytes", size},
                                                 {"names", names}})};
  }
};

struct Household {
  jobs::Queue& queue;
  CleanupPlaces places;

  [[nodiscard]] Timestamp now() const { return queue.now(); }
};

Status check_stop(const jobs::TaskContext& context) {
  if (!context.stop.stop_requested()) return {};
  return fail(ErrorCode::kCancelled, "stopped; what is deleted stays deleted");
}

Timestamp modified_at(const fs::path& path) {
  std::error_code error;
  const auto time = fs::last_write_time(path, error);
  // One that cannot be looked at is young: it stays.
  if (error) return Timestamp::max();
  return store::to_timestamp(std::chrono::file_clock::to_sys(time));
}

/// Removes a file or a folder that is older.
void remove_if_old(const fs::path& path, Timestamp before, const std::string& name,
                   Report& report) {
  if (modified_at(path) >= before) return;
  std::error_code error;
  const auto size = fs::is_regular_file(path, error) ? fs::file_size(path, error) : 0;
  if (!report.is_dry_run && fs::remove_all(path, error) == static_cast<std::uintmax_t>(-1)) return;
  report.add(name, static_cast<std::int64_t>(size));
}

using ReadPage = Result<std::vector<store::NamedFile>> (*)(store::Connection&, const std::string&,
                                                           int);

Result<Keys> keys_of(const Household& house, ReadPage read, const jobs::TaskContext& context) {
  Keys keys;
  std::string after;
  while (true) {
    KATIP_TRY(check_stop(context));
    const store::PooledConnection sql = KATIP_TRY(house.queue.pool().acquire(context.stop));
    const auto page = KATIP_TRY(read(*sql, after, kPageSize));
    for (const store::NamedFile& each : page) keys.insert(each.key);
    if (page.size() < kPageSize) return keys;
    after = page.back().id;
  }
}

/// Where most recordings belong to nobody, it is not they that are wrong: the place is that of
/// another katip, or the database is an old one. What is deleted would be missed.
Status check_share(const CleanupArgs& args, std::int64_t known_count, std::int64_t orphan_count,
                   std::string_view place) {
  constexpr std::int64_t kFewCount = 50;
  if (args.is_dry_run || args.is_all) return {};
  if (orphan_count <= kFewCount || orphan_count <= known_count) return {};
  return fail(
      ErrorCode::kConflict,
      fmt::format("{} of {} recordings in {} belong to no job of this database: nothing was "
                  "deleted. Is the place another katip's, or was an old backup restored? "
                  "{{\"dry_run\": true}} names some of them, {{\"all\": true}} deletes them",
                  orphan_count, known_count + orphan_count, place));
}

/// What `data_dir/folder` holds besides the keys.
struct FolderSurvey {
  std::int64_t known_count = 0;
  std::vector<std::pair<fs::path, std::string>> orphans = {};  ///< Each with its key.
};

FolderSurvey survey_folder(const fs::path& data_dir, const char* folder, const Keys& keys,
                           Timestamp before) {
  FolderSurvey survey;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(data_dir / folder, error)) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_regular_file(error) || entry.is_symlink(error) || name.starts_with('.')) continue;
    std::string key = std::string(folder) + "/" + name;
    if (keys.contains(key)) {
      ++survey.known_count;
    } else if (modified_at(entry.path()) < before) {
      survey.orphans.emplace_back(entry.path(), std::move(key));
    }
  }
  return survey;
}

/// Calls `take` for every recording of the bucket that no row knows, and says how many rows know.
Result<std::int64_t> visit_bucket(media::BlobStore& bucket, const Keys& keys, Timestamp before,
                                  const jobs::TaskContext& context,
                                  const std::function<Status(const media::BlobInfo&)>& take) {
  std::int64_t known_count = 0;
  std::string after;
  while (true) {
    KATIP_TRY(check_stop(context));
    const media::BlobPage page =
        KATIP_TRY(bucket.list("media/", after, media::kListCountMax, context.stop));
    for (const media::BlobInfo& blob : page.blobs) {
      after = blob.key;
      // A server that does not say how old it is leaves the epoch: then it may be a young one.
      const bool has_age = blob.modified_at.time_since_epoch().count() > 0;
      if (keys.contains(blob.key)) {
        ++known_count;
      } else if (has_age && store::to_timestamp(blob.modified_at) < before) {
        KATIP_TRY(take(blob));
      }
    }
    if (!page.has_more || page.blobs.empty()) return known_count;
  }
}

/// Counted first: a million keys are not held in memory, and none is deleted before all are seen.
Status sweep_bucket(const Household& house, const CleanupArgs& args, const Keys& keys,
                    Timestamp before, Report& report, const jobs::TaskContext& context) {
  if (house.places.bucket == nullptr) return {};
  media::BlobStore& bucket = *house.places.bucket;
  std::int64_t orphan_count = 0;
  const auto count = [&](const media::BlobInfo&) -> Status {
    ++orphan_count;
    return {};
  };
  const std::int64_t known_count = KATIP_TRY(visit_bucket(bucket, keys, before, context, count));
  KATIP_TRY(check_share(args, known_count, orphan_count, bucket.description()));
  if (orphan_count == 0) return {};
  const auto remove = [&](const media::BlobInfo& blob) -> Status {
    if (!args.is_dry_run) KATIP_TRY(bucket.remove(blob.key, context.stop));
    report.add(blob.key, blob.size);
    return {};
  };
  KATIP_TRY(visit_bucket(bucket, keys, before, context, remove));
  return {};
}

Result<jobs::TaskResult> clean_orphans(const Household& house, jobs::TaskContext& context) {
  const CleanupArgs args = KATIP_TRY(cleanup_args(context, {.hours = 24}));
  Report report{.is_dry_run = args.is_dry_run};
  const Timestamp before = house.now() - std::chrono::hours(args.hours);
  const fs::path& data_dir = house.places.shelf.data_dir();
  const Keys media = KATIP_TRY(keys_of(house, &store::media_files, context));
  const FolderSurvey recordings = survey_folder(data_dir, "media", media, before);
  KATIP_TRY(check_share(args, recordings.known_count,
                        static_cast<std::int64_t>(recordings.orphans.size()),
                        (data_dir / "media").string()));
  KATIP_TRY(sweep_bucket(house, args, media, before, report, context));
  for (const auto& [file, key] : recordings.orphans) remove_if_old(file, before, key, report);
  const Keys uploads = KATIP_TRY(keys_of(house, &store::upload_files, context));
  for (const auto& [file, key] : survey_folder(data_dir, "uploads", uploads, before).orphans) {
    remove_if_old(file, before, key, report);
  }
  return report.result();
}

/// Of servers that are gone: those that run hold the lock of their folder.
void sweep_servers(const fs::path& parent, Timestamp before, Report& report) {
  std::error_code error;
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(parent, error)) {
    if (entry.is_directory(error) && !entry.is_symlink(error)) folders.push_back(entry.path());
  }
  for (const fs::path& folder : folders) {
    if (modified_at(folder) >= before) continue;
    const auto lock = FileLock::try_take(folder / "lock", FileLockKind::kExclusive);
    if (!lock || !*lock) continue;
    if (!report.is_dry_run) fs::remove_all(folder, error);
    report.add("tmp/" + folder.filename().string(), 0);
  }
}

Result<jobs::TaskResult> clean_temp_files(const Household& house, jobs::TaskContext& context) {
  const CleanupArgs args = KATIP_TRY(cleanup_args(context, {.hours = 24}));
  Report report{.is_dry_run = args.is_dry_run};
  const Timestamp before = house.now() - std::chrono::hours(args.hours);
  const fs::path& data_dir = house.places.shelf.data_dir();
  sweep_servers(data_dir / "tmp", before, report);
  // What AtomicFile leaves when its process is killed: "name.AbCdEf.tmp".
  for (const char* folder : {"", "media", "uploads", "profiles", "fallback"}) {
    std::error_code error;
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(data_dir / folder, error)) {
      if (entry.is_regular_file(error) && entry.path().extension() == ".tmp") {
        files.push_back(entry.path());
      }
    }
    for (const fs::path& file : files) {
      remove_if_old(file, before, file.lexically_relative(data_dir).string(), report);
    }
  }
  return report.result();
}

Result<jobs::TaskResult> clean_logs(const Household& house, jobs::TaskContext& context) {
  const int days = house.places.log_days;
  const CleanupArgs args = KATIP_TRY(cleanup_args(context, {.days = std::max(days, 1)}));
  Report report{.is_dry_run = args.is_dry_run};
  const bool is_for_ever = days == 0 && args.days == 1;
  if (house.places.log_dir.empty() || is_for_ever) return report.result();
  const Timestamp before = house.now() - std::chrono::days(args.days);
  std::error_code error;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(house.places.log_dir, error)) {
    if (entry.is_regular_file(error) && entry.path().extension() == ".log") {
      files.push_back(entry.path());
    }
  }
  for (const fs::path& file : files) remove_if_old(file, before, file.filename(), report);
  return report.result();
}

Result<jobs::TaskResult> clean_audit(const Household& house, jobs::TaskContext& context) {
  const int days = house.places.audit_days;
  const CleanupArgs args = KATIP_TRY(cleanup_args(context, {.days = days > 0 ? days : 3'650}));
  const Timestamp before = house.now() - std::chrono::days(args.days);
  std::int64_t count = 0;
  std::int64_t piece = args.is_dry_run || (days == 0 && args.days == 3'650) ? 0 : kPiece;
  if (args.is_dry_run) {
    const store::PooledConnection sql = KATIP_TRY(house.queue.pool().acquire(context.stop));
    count = KATIP_TRY(store::count_audit_records(*sql, before));
  }
  while (piece == kPiece) {
    KATIP_TRY(check_stop(context));
    const store::PooledConnection sql = KATIP_TRY(house.queue.pool().acquire(context.stop));
    piece = KATIP_TRY(store::prune_audit_records(*sql, before, kPiece));
    count += piece;
  }
  return jobs::TaskResult{.json = json::serialize(json::object{{"dry_run", args.is_dry_run},
                                                               {"deleted_audit_records", count}})};
}

Result<jobs::TaskResult> clean_database(const Household& house, jobs::TaskContext& context) {
  const CleanupArgs args = KATIP_TRY(cleanup_args(context, {}));
  // A connection of its own: its statements have no time limit.
  const store::PooledConnection sql = KATIP_TRY(house.queue.pool().acquire(context.stop));
  sql->set_stop(context.stop);
  const store::DatabaseRoom before = KATIP_TRY(store::database_room(*sql));
  if (!args.is_dry_run) KATIP_TRY(store::refresh_database(*sql));
  const store::DatabaseRoom after = KATIP_TRY(store::database_room(*sql));
  return jobs::TaskResult{.json = json::serialize(json::object{{"dry_run", args.is_dry_run},
                                                               {"size", after.size},
                                                               {"unused_before", before.unused},
                                                               {"unused", after.unused}})};
}

}  // namespace

jobs::Handlers cleanup_handlers(jobs::Queue& queue, CleanupPlaces places) {
  const auto house =
      std::make_shared<const Household>(Household{.queue = queue, .places = std::move(places)});
  jobs::Handlers handlers;
  const auto add = [&](const char* kind, auto* run) {
    handlers[kind] = {
        .run = [house, run](jobs::TaskContext& context) { return run(*house, context); }};
  };
  add("cleanup.orphans", &clean_orphans);
  add("cleanup.temp_files", &clean_temp_files);
  add("cleanup.logs", &clean_logs);
  add("cleanup.audit", &clean_audit);
  add("cleanup.database", &clean_database);
  return handlers;
}

}  // namespace katip::app
