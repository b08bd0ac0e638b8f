#include "store/sqlite/sqlite_copies.h"

#include <cerrno>
#include <chrono>

#include <fmt/format.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "store/queries.h"

/// A dump is what `vacuum into` writes: a whole database of one moment, in one transaction that
/// keeps no writer waiting. The file must never be copied as it lies: what was committed last is in
/// its log, and a copy without it passes every check.
///
/// To put a copy in place the old file gets a second name first. The rename that follows is the one
/// step that counts. The log of the old database would be taken for that of the new one, so it goes
/// before; by then it is empty, or has a second name as well.
///
/// Tested by conformance/copies_test.cc.
namespace katip::store::sqlite {
namespace {

namespace fs = std::filesystem;

constexpr const char* kCompanions[] = {"-wal", "-shm", "-journal"};
constexpr std::size_t kProblemCountMax = 3;  ///< So many are quoted.

ConnectionOptions patient() {
  ConnectionOptions options;
  options.statement_timeout = std::chrono::milliseconds(0);
  return options;
}

fs::path with_suffix(fs::path path, std::string_view suffix) {
  path += suffix;
  return path;
}

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(fs::symlink_status(path, error));
}

Status remove_file(const fs::path& path) {
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
  return std::unexpected(file_error("remove", path, errno));
}

Status rename_file(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) == 0) return {};
  return std::unexpected(file_error("rename", from, errno));
}

/// A second name for the file.
Status link_file(const fs::path& from, const fs::path& to) {
  KATIP_TRY(remove_file(to));
  if (::link(from.c_str(), to.c_str()) == 0) return {};
  return std::unexpected(file_error("link", from, errno));
}

class SqliteCopies final : public DatabaseCopies {
 public:
  explicit SqliteCopies(const DatabaseUrl& url) : DatabaseCopies(url) {}

  Result<bool> exists() override { return is_there(url_.path()); }
  Result<std::int64_t> size() override;
  Result<DatabaseFacts> dump(const fs::path& target, std::stop_token stop) override;
  fs::path load_path(std::string_view name) const override { return path_of(name); }
  Status load(std::string_view name, std::stop_token stop) override;
  Result<DatabaseFacts> check(std::string_view name, std::stop_token stop) override;
  DatabaseUrl url_of(std::string_view name) const override { return url_.with_path(path_of(name)); }
  Result<bool> has(std::string_view name) override { return is_there(path_of(name)); }
  Status drop(std::string_view name) override;
  Status put_in_place(std::string_view name, std::string_view aside) override;
  Status undo_put(std::string_view aside) override;

 private:
  [[nodiscard]] fs::path path_of(std::string_view name) const {
    return with_suffix(url_.path(), fmt::format(".{}", name));
  }
  [[nodiscard]] fs::path folder() const { return url_.path().parent_path(); }
};

Result<std::int64_t> SqliteCopies::size() {
  std::int64_t size = 0;
  for (const char* suffix : {"", "-wal"}) {
    std::error_code error;
    const auto count = fs::file_size(with_suffix(url_.path(), suffix), error);
    if (!error) size += static_cast<std::int64_t>(count);
  }
  return size;
}

Result<DatabaseFacts> SqliteCopies::dump(const fs::path& target, std::stop_token stop) {
  if (is_there(target)) {
    return fail(ErrorCode::kConflict, target.string() + " is there already");
  }
  const auto live = KATIP_TRY(Connection::open(url_, patient()));
  live->set_stop(stop);
  KATIP_TRY(live->query("vacuum into $1", {target.string()}));
  const auto copy = KATIP_TRY(Connection::open(url_.with_path(target), patient()));
  copy->set_stop(stop);
  return facts_of(*copy);
}

Status SqliteCopies::load(std::string_view name, std::stop_token) {
  // The dump is a database already. What an earlier one of this name left behind is not its log.
  for (const char* suffix : kCompanions) {
    KATIP_TRY(remove_file(with_suffix(path_of(name), suffix)));
  }
  if (is_there(path_of(name))) return {};
  return fail(ErrorCode::kNotFound, "there is no dump at " + path_of(name).string());
}

Result<DatabaseFacts> SqliteCopies::check(std::string_view name, std::stop_token stop) {
  auto opened = Connection::open(url_of(name), patient());
  if (!opened) return fail(ErrorCode::kCorruptData, opened.error().message);
  Connection& copy = **opened;
  copy.set_stop(stop);
  // Every page is read once or twice, in no order: a larger cache and less copying.
  KATIP_TRY(copy.execute("pragma cache_size = -131072; pragma mmap_size = 17179869184"));
  const Rows problems = KATIP_TRY(copy.query("pragma integrity_check(10)"));
  std::string text;
  for (std::size_t i = 0; i < std::min(problems.size(), kProblemCountMax); ++i) {
    text += (i == 0 ? "" : "; ") + KATIP_TRY(problems[i].get<std::string>(0));
  }
  if (text != "ok") return fail(ErrorCode::kCorruptData, "the database is damaged: " + text);
  const Rows strays = KATIP_TRY(copy.query("pragma foreign_key_check"));
  if (strays.size() != 0) {
    return fail(ErrorCode::kCorruptData,
                fmt::format("{} rows of the database belong to rows that are not there, in {}",
                            strays.size(), KATIP_TRY(strays[0].get<std::string>(0))));
  }
  return facts_of(copy);
}

Status SqliteCopies::drop(std::string_view name) {
  for (const char* suffix : kCompanions) {
    KATIP_TRY(remove_file(with_suffix(path_of(name), suffix)));
  }
  return remove_file(path_of(name));
}

/// Brings the log into the file, and closes it for good; one that cannot be read keeps its log.
void settle(const DatabaseUrl& url) {
  const auto live = Connection::open(url, patient());
  if (!live) return;
  static_cast<void>((*live)->query("pragma wal_checkpoint(truncate)"));
  static_cast<void>((*live)->query("pragma journal_mode = delete"));
}

Status SqliteCopies::put_in_place(std::string_view name, std::string_view aside) {
  const fs::path live = url_.path();
  if (is_there(live)) {
    settle(url_);
    KATIP_TRY(link_file(live, path_of(aside)));
    for (const char* suffix : kCompanions) {
      const fs::path companion = with_suffix(live, suffix);
      if (is_there(companion)) {
        KATIP_TRY(link_file(companion, with_suffix(path_of(aside), suffix)));
      }
    }
    sync_folder(folder());
  }
  settle(url_of(name));
  for (const char* suffix : kCompanions) {
    KATIP_TRY(remove_file(with_suffix(live, suffix)));
    KATIP_TRY(remove_file(with_suffix(path_of(name), suffix)));
  }
  KATIP_TRY(rename_file(path_of(name), live));
  sync_folder(folder());
  return {};
}

Status SqliteCopies::undo_put(std::string_view aside) {
  if (!is_there(path_of(aside))) return {};
  for (const char* suffix : kCompanions) {
    const fs::path kept = with_suffix(path_of(aside), suffix);
    const fs::path companion = with_suffix(url_.path(), suffix);
    if (is_there(kept) && !is_there(companion)) KATIP_TRY(rename_file(kept, companion));
  }
  sync_folder(folder());
  return drop(aside);
}

}  // namespace

Result<std::unique_ptr<DatabaseCopies>> open_copies(const DatabaseUrl& url) {
  return std::make_unique<SqliteCopies>(url);
}

}  // namespace katip::store::sqlite
