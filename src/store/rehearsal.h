#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "store/connection.h"
#include "store/session_lock.h"

/// A copy of a database to try revisions on, so that the live one is not touched:
///
///   Rehearsal rehearsal = KATIP_TRY(Rehearsal::create(*live, url, options));
///   Migrator migrator(rehearsal.connection(), migrations, {.allows_data_loss = true});
///   KATIP_TRY(migrator.upgrade("head"));
namespace katip::store {

struct RehearsalOptions {
  std::string version_table = "alembic_version";
  /// A PostgreSQL database that takes more than this on its disk is copied without its rows.
  std::int64_t rows_size_max = std::int64_t{100} << 20;
  /// For files that are needed for a moment (PostgreSQL).
  std::filesystem::path scratch_dir;
  /// Where pg_dump and pg_restore lie; empty: where Debian puts them, else the search path.
  std::filesystem::path postgres_programs = {};
  /// How long to wait for another rehearsal (SQLite), and for tables that somebody has locked.
  std::chrono::milliseconds lock_timeout{60'000};
  ConnectionOptions connection = {};  ///< Of the copy.
  Rng* random = &system_rng();        ///< For its name.
  /// Whether so many bytes can be written into a folder (SQLite); empty: it is looked at.
  std::function<Status(const std::filesystem::path&, std::int64_t)> has_room = {};
  std::stop_token stop = {};
};

/// SQLite: a whole copy in a file beside the live one, `<database>.dry-run`; one of a process that
/// was killed is replaced by the next. PostgreSQL: a new database `katip_shadow_…` on the same
/// server, filled by pg_dump and pg_restore.
///
/// Of the live database nothing is locked that others could wait for: it is read, as a backup does
/// it. The copy goes away with this object.
///
/// Errors:   kUnavailable when there is no room; kTimeout when another rehearsal does not end;
///           kPermissionDenied and kNotFound with what to grant or install (PostgreSQL);
///           kCancelled; those of Connection.
/// Threads:  one thread.
/// Lifetime: the live connection outlives it.
class Rehearsal {
 public:
  static Result<Rehearsal> create(Connection& live, const DatabaseUrl& url,
                                  const RehearsalOptions& options);
  ~Rehearsal();
  Rehearsal(Rehearsal&& other) noexcept;
  Rehearsal& operator=(Rehearsal&&) = delete;

  [[nodiscard]] Connection& connection() { return *connection_; }
  /// False: only tables and the like are there. What depends on rows (constraints on those that are
  /// there, conversions, how long it takes) shows only on the live database then.
  [[nodiscard]] bool has_rows() const { return has_rows_; }

 private:
  Rehearsal() = default;
  Status copy_file(Connection& live, const DatabaseUrl& url, const RehearsalOptions& options);
  Status copy_database(Connection& live, const DatabaseUrl& url, const RehearsalOptions& options);

  std::optional<SessionLock> lock_;  // SQLite: one rehearsal at a time has the file.
  std::function<void()> remove_;     // What is done to the copy at the end.
  std::unique_ptr<Connection> connection_;
  bool has_rows_ = true;
};

}  // namespace katip::store
