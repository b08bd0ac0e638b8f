#include "store/sqlite/file_copy.h"

#include <cerrno>
#include <chrono>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/atomic_file.h"

/// `vacuum into` copies in one transaction, which keeps no writer waiting. The file itself must not
/// be copied: what was committed last is in its log.
///
/// Tested by upgrade_backup_test.cc and rehearsal_test.cc.
namespace katip::store::sqlite {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSuffixes[] = {"-wal", "-shm", "-journal", ""};

/// A connection without a limit on time.
Result<std::unique_ptr<Connection>> open_patiently(const fs::path& path, std::stop_token stop) {
  const DatabaseUrl memory = KATIP_TRY(DatabaseUrl::parse("sqlite:///:memory:"));
  ConnectionOptions options;
  options.statement_timeout = std::chrono::milliseconds(0);
  auto connection = KATIP_TRY(Connection::open(memory.with_path(path), options));
  connection->set_stop(std::move(stop));
  return connection;
}

/// `vacuum into` takes an empty file as its target; one that it makes by itself anybody may read.
Status make_private_file(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0 && errno == EEXIST) {
    return fail(ErrorCode::kConflict, path.string() + " is there already");
  }
  if (descriptor < 0) return std::unexpected(file_error("create", path, errno));
  ::close(descriptor);
  return {};
}

Result<std::int64_t> number_of(Connection& connection, std::string_view query) {
  const Rows rows = KATIP_TRY(connection.query(query));
  if (rows.empty()) return fail(ErrorCode::kCorruptData, "the database does not answer");
  return rows[0].get<std::int64_t>(0);
}

}  // namespace

Result<std::optional<fs::path>> file_of(Connection& connection) {
  const Rows rows = KATIP_TRY(
      connection.query("select coalesce(file, '') from pragma_database_list where name = 'main'"));
  const std::string file = rows.empty() ? "" : KATIP_TRY(rows[0].get<std::string>(0));
  return file.empty() ? std::nullopt : std::optional<fs::path>(file);
}

Result<std::int64_t> copy_size(Connection& connection) {
  const std::int64_t all = KATIP_TRY(number_of(connection, "pragma page_count"));
  const std::int64_t free = KATIP_TRY(number_of(connection, "pragma freelist_count"));
  const std::int64_t page = KATIP_TRY(number_of(connection, "pragma page_size"));
  return (all - free) * page;
}

Status copy_to(const fs::path& database, const fs::path& target, std::stop_token stop) {
  KATIP_TRY(make_private_file(target));
  const auto copy = [&]() -> Status {
    const auto live = KATIP_TRY(open_patiently(database, stop));
    KATIP_TRY(live->query("vacuum into $1", {target.string()}));
    return sync_file(target);
  };
  Status copied = copy();
  if (!copied) static_cast<void>(remove_database(target));
  return copied;
}

Status check_copy(Connection& database, const fs::path& copy, std::stop_token stop) {
  const auto opened = KATIP_TRY(open_patiently(copy, std::move(stop)));
  const Rows problems = KATIP_TRY(opened->query("pragma quick_check(1)"));
  const std::string problem =
      problems.empty() ? "no answer" : KATIP_TRY(problems[0].get<std::string>(0));
  if (problem != "ok") {
    return fail(ErrorCode::kCorruptData, fmt::format("{} is damaged: {}", copy.string(), problem));
  }
  constexpr std::string_view kCount = "select count(*) from sqlite_master";
  const std::int64_t expected = KATIP_TRY(number_of(database, kCount));
  const std::int64_t found = KATIP_TRY(number_of(*opened, kCount));
  if (found == expected) return {};
  return fail(ErrorCode::kCorruptData,
              fmt::format("{} has {} tables and indexes, and the database {}", copy.string(), found,
                          expected));
}

Status remove_database(const fs::path& database) {
  for (const char* suffix : kSuffixes) {
    fs::path path = database;
    path += suffix;
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
      return std::unexpected(file_error("remove", path, errno));
    }
  }
  return {};
}

}  // namespace katip::store::sqlite
