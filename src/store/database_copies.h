#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/connection.h"
#include "store/database_url.h"

/// Whole databases: written to a file while others work on them, loaded from it beside the live
/// one, looked through, and put in its place.
///
///   const auto copies = KATIP_TRY(DatabaseCopies::open(url, {.scratch_dir = folder}));
///   const DatabaseFacts facts = KATIP_TRY(copies->dump(folder / "dump", stop));
///   fs::copy_file(folder / "dump", copies->load_path("verify"));
///   KATIP_TRY(copies->load("verify", stop));                // a database of its own
///   const DatabaseFacts found = KATIP_TRY(copies->check("verify", stop));
///   KATIP_TRY(copies->drop("verify"));
namespace katip::store {

/// What a database is, as a manifest has it.
struct DatabaseFacts {
  std::string server_version = {};
  std::vector<std::string> schema_heads = {};           ///< Sorted.
  std::map<std::string, std::int64_t> row_counts = {};  ///< Of every table of ours.
};

struct DatabaseCopyOptions {
  /// For files that are needed for a moment (PostgreSQL).
  std::filesystem::path scratch_dir;
  /// Where pg_dump and pg_restore lie; empty: where Debian puts them, else the search path.
  std::filesystem::path postgres_programs = {};
};

/// Copies have names of a-z, 0-9 and "_", 1 to 20 of them. They lie where the live database does: a
/// SQLite file beside it, a PostgreSQL database on its server, which needs the right to make some.
///
/// Errors:   those of Connection; kNotFound for programs that are not installed; kCorruptData for
///           what cannot be loaded or is not sound; kPermissionDenied, with what to grant.
/// Threads:  one thread.
class DatabaseCopies {
 public:
  /// Errors: kInvalidArgument for a database in memory, which nothing can be a copy of.
  static Result<std::unique_ptr<DatabaseCopies>> open(const DatabaseUrl& url,
                                                      const DatabaseCopyOptions& options);
  virtual ~DatabaseCopies() = default;

  [[nodiscard]] Dialect dialect() const { return url_.dialect(); }
  [[nodiscard]] const DatabaseUrl& url() const { return url_; }

  /// Whether there is a live database.
  virtual Result<bool> exists() = 0;
  /// What the live database takes on its disk, about. Units: bytes.
  virtual Result<std::int64_t> size() = 0;

  /// Writes the live database into a new file as it is at one moment, which comes after every
  /// commit that was acknowledged before the call. Nobody has to stop writing.
  virtual Result<DatabaseFacts> dump(const std::filesystem::path& target, std::stop_token stop) = 0;

  /// Where the dump has to be put that load() makes a copy from.
  [[nodiscard]] virtual std::filesystem::path load_path(std::string_view name) const = 0;
  /// Makes a copy from the dump at load_path(), which is there no more afterwards. One of this name
  /// that was left behind is replaced.
  virtual Status load(std::string_view name, std::stop_token stop) = 0;
  /// Looks through every page, key and table of a copy.
  virtual Result<DatabaseFacts> check(std::string_view name, std::stop_token stop) = 0;
  [[nodiscard]] virtual DatabaseUrl url_of(std::string_view name) const = 0;
  virtual Result<bool> has(std::string_view name) = 0;
  /// None of this name: nothing.
  virtual Status drop(std::string_view name) = 0;

  /// The copy becomes the live database, and what was live the copy `aside`, in one step: whoever
  /// dies meanwhile leaves either the one or the other, and has(name) says which.
  ///
  /// Errors: kConflict while somebody is connected to the live database.
  virtual Status put_in_place(std::string_view name, std::string_view aside) = 0;
  /// After a put_in_place() that did not happen: the live database is as it was.
  virtual Status undo_put(std::string_view aside) = 0;

 protected:
  explicit DatabaseCopies(DatabaseUrl url) : url_(std::move(url)) {}
  DatabaseUrl url_;
};

/// Errors: those of Connection.
Result<DatabaseFacts> facts_of(Connection& connection);

}  // namespace katip::store
