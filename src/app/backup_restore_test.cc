#include "app/backup_restore.h"

#include <csignal>

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/backup/restore_journal.h"
#include "app/database_use.h"
#include "app/testing/backup_fixture.h"
#include "base/testing/temporary_folder.h"
#include "store/backup_store.h"

namespace katip::app {
namespace {

namespace fs = std::filesystem;
using jobs::must;
using ::testing::HasSubstr;

/// A database of its own, whose connections come and go: nobody may hold one during a restore.
class RestoreTest : public ::testing::TestWithParam<store::Dialect> {
 protected:
  void SetUp() override {
    auto database = store::testing::TestDatabase::create_at_head(GetParam());
    if (!database && database.error().code == ErrorCode::kNotFound) {
      GTEST_SKIP() << database.error().message;
    }
    database_ = must(std::move(database));
    const auto sql = must(database_->connect());
    must(sql->execute("create table notes (id integer primary key, text text)"));
    must(sql->execute("insert into notes values (1, 'old')"));
    fs::create_directories(data_dir() / "profiles");
    put_file("profiles/ayse.json", "old");
    put_file("state.json", "old");
  }

  [[nodiscard]] fs::path data_dir() const { return files_.path() / "data"; }
  void put_file(const std::string& name, const std::string& text) const {
    std::ofstream(data_dir() / name) << text;
  }
  [[nodiscard]] std::string file(const std::string& name) const {
    return read_whole_file(data_dir() / name, 1'000).value_or("none");
  }
  BackupOptions options() {
    return {.folder = files_.path() / "backups",
            .data_dir = data_dir(),
            .url = database_->url(),
            .katip_version = "test"};
  }
  BackupFolder folder() {
    return must(BackupFolder::open(options(), system_clock(), system_rng()));
  }
  DatabasePlace place() { return {.url = database_->url(), .data_dir = data_dir()}; }
  std::string note() {
    const auto sql = must(database_->connect());
    const auto rows = must(sql->query("select text from notes where id = 1"));
    return must(rows[0].get<std::string>(0));
  }
  /// A verified backup of "old"; afterwards everything is "new".
  Backup back_up_and_change() {
    const auto pool = must(store::Pool::create(database_->url(), {}, {}));
    BackupFolder where = folder();
    Backup made = must(make_backup(where, *pool, BackupKind::kManual, {}, {})).backup;
    must((*must(pool->acquire({}))).execute("update notes set text = 'new'"));
    put_file("profiles/ayse.json", "new");
    put_file("profiles/veli.json", "new");
    put_file("state.json", "new");
    return made;
  }
  Result<RestoreReport> restore(const RestoreRequest& request) {
    BackupFolder where = folder();
    return restore_backup(where, request, system_clock(), {});
  }
  /// Whether database and files are of one and the same time: "old" or "new".
  std::string state() {
    const std::string text = note();
    EXPECT_EQ(file("profiles/ayse.json"), text);
    EXPECT_EQ(file("state.json"), text);
    EXPECT_EQ(file("profiles/veli.json"), text == "old" ? "none" : "new");
    return text;
  }
  void expect_clean() {
    EXPECT_FALSE(fs::exists(place().journal_file()));
    EXPECT_FALSE(fs::exists(data_dir() / kRestoredFiles));
    EXPECT_FALSE(fs::exists(data_dir() / kReplacedFiles));
    const auto copies =
        must(store::DatabaseCopies::open(database_->url(), {.scratch_dir = files_.path()}));
    EXPECT_FALSE(must(copies->has(kRestoredCopy)));
    EXPECT_FALSE(must(copies->has(kReplacedCopy)));
  }
  /// Runs it in a process that kills itself at a step, or is killed after a while. True when it was
  /// killed, false when it came to its end.
  bool restore_in_child(const RestoreRequest& request,
                        std::optional<std::chrono::microseconds> after) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(restore(request) ? 0 : 1);
    if (after) {
      system_clock().sleep_for(std::chrono::ceil<std::chrono::milliseconds>(*after), {});
      ::kill(child, SIGKILL);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status);
  }
  /// As every start does it.
  void start() { must(use_database(place(), system_clock(), {})); }

  std::unique_ptr<store::testing::TestDatabase> database_;
  TemporaryFolder files_;
};
INSTANTIATE_TEST_SUITE_P(Both, RestoreTest,
                         ::testing::Values(store::Dialect::kSqlite, store::Dialect::kPostgres),
                         [](const auto& info) {
                           return info.param == store::Dialect::kSqlite ? "Sqlite" : "Postgres";
                         });

TEST_P(RestoreTest, PutsTheBackupInPlaceAndKeepsWhatWasLive) {
  const Backup made = back_up_and_change();
  const RestoreReport report = must(restore({.backup = made}));
  EXPECT_EQ(state(), "old");
  expect_clean();
  ASSERT_TRUE(report.safety_backup);
  const Backup safety = must(folder().find(*report.safety_backup));
  EXPECT_TRUE(safety.is_verified());
  EXPECT_EQ(must(store::list_backups(*must(database_->connect()), 9)).size(), 2u)
      << "it knows of both";
  must(restore({.backup = safety}));
  EXPECT_EQ(state(), "new") << "and back again";
}

TEST_P(RestoreTest, ADryRunChangesNothing) {
  const Backup made = back_up_and_change();
  const RestoreReport report = must(restore({.backup = made, .is_dry_run = true}));
  EXPECT_EQ(report.database.row_counts.at("notes"), 1);
  EXPECT_EQ(state(), "new");
  expect_clean();
}

TEST_P(RestoreTest, IsRefusedWhileSomebodyWorksOnTheDatabase) {
  const Backup made = back_up_and_change();
  const auto server = must(use_database(place(), system_clock(), {}));
  const auto other = must(use_database(place(), system_clock(), {}));
  EXPECT_TRUE(other) << "as many as like may work on it";
  const auto refused = restore({.backup = made});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_THAT(refused.error().message, HasSubstr("katip serve"));
  EXPECT_EQ(state(), "new");
}

TEST_P(RestoreTest, ADamagedBackupIsRefusedBeforeAnythingIsTouched) {
  const Backup made = back_up_and_change();
  const fs::path part = made.folder / made.manifest.part("database")->file_name;
  fs::resize_file(part, fs::file_size(part) - 3);
  bool is_loaded = false;
  const auto refused = restore({.backup = made, .on_step = [&](RestoreStep step) {
                                  is_loaded = is_loaded || step == RestoreStep::kLoaded;
                                }});
  EXPECT_EQ(code_of(refused), ErrorCode::kCorruptData);
  EXPECT_FALSE(is_loaded);
  EXPECT_EQ(state(), "new");
  expect_clean();
}

TEST_P(RestoreTest, ABackupOfANewerKatipIsRefused) {
  Backup made = back_up_and_change();
  made.manifest.database.schema_heads = {"999_from_the_future"};
  const auto refused = restore({.backup = made});
  EXPECT_EQ(code_of(refused), ErrorCode::kConflict);
  EXPECT_THAT(refused.error().message, HasSubstr("newer"));
  EXPECT_EQ(state(), "new");
}

TEST_P(RestoreTest, ABackupOfTheOtherDatabaseIsRefused) {
  Backup made = back_up_and_change();
  made.manifest.database_kind = GetParam() == store::Dialect::kSqlite ? "postgresql" : "sqlite";
  const auto refused = restore({.backup = made});
  EXPECT_EQ(code_of(refused), ErrorCode::kConflict);
  EXPECT_THAT(refused.error().message, HasSubstr("katip data migrate"));
}

TEST_P(RestoreTest, WithoutALiveDatabaseThereIsNothingToSave) {
  const Backup made = back_up_and_change();
  if (GetParam() == store::Dialect::kPostgres) GTEST_SKIP() << "the tests own no server to empty";
  fs::remove(database_->url().path());
  fs::remove_all(data_dir());
  const RestoreReport report = must(restore({.backup = made}));
  EXPECT_FALSE(report.safety_backup);
  EXPECT_EQ(state(), "old");
  expect_clean();
}

TEST_P(RestoreTest, ALiveDatabaseThatIsDamagedCanBeReplacedWhenThatIsSaid) {
  const Backup made = back_up_and_change();
  if (GetParam() == store::Dialect::kPostgres) GTEST_SKIP() << "its files are not ours";
  std::ofstream(database_->url().path(), std::ios::trunc) << "this is no database any more";
  const auto refused = restore({.backup = made});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("--no-safety-backup"));
  must(restore({.backup = made, .with_safety_backup = false}));
  EXPECT_EQ(state(), "old");
  expect_clean();
}

/// Killed at each step, database and files are those of before or those of the backup; the next
/// start settles it, and the one after that finds nothing to settle.
TEST_P(RestoreTest, KilledAtAnyStepItLeavesTheOldOrTheNewDatabase) {
  const Backup made = back_up_and_change();
  for (const RestoreStep step :
       {RestoreStep::kTaken, RestoreStep::kLoaded, RestoreStep::kUpgraded, RestoreStep::kUnpacked,
        RestoreStep::kSafe, RestoreStep::kReady, RestoreStep::kSwapped, RestoreStep::kFilesMoved,
        RestoreStep::kCleaned}) {
    const auto kill_here = [step](RestoreStep now) {
      if (now == step) static_cast<void>(::kill(::getpid(), SIGKILL));
    };
    ASSERT_TRUE(restore_in_child(
        {.backup = made, .with_safety_backup = step == RestoreStep::kSafe, .on_step = kill_here},
        std::nullopt));
    start();
    const bool is_swapped = step >= RestoreStep::kSwapped;
    EXPECT_EQ(state(), is_swapped ? "old" : "new") << name(step);
    expect_clean();
    start();
    if (is_swapped) {
      must((*must(database_->connect())).execute("update notes set text = 'new'"));
      put_file("profiles/ayse.json", "new");
      put_file("profiles/veli.json", "new");
      put_file("state.json", "new");
    }
  }
}

TEST_P(RestoreTest, KilledAtAnyTimeItLeavesTheOldOrTheNewDatabase) {
  if (GetParam() == store::Dialect::kPostgres) {
    GTEST_SKIP() << "its swap is one transaction of the server, which nobody kills here";
  }
  const Backup made = back_up_and_change();
  const auto begin = system_clock().now();
  ASSERT_FALSE(restore_in_child({.backup = made, .with_safety_backup = false}, std::nullopt));
  const auto whole = system_clock().now() - begin;
  constexpr int kCount = 20;
  for (int i = 1; i <= kCount; ++i) {
    restore_in_child({.backup = made, .with_safety_backup = false},
                     std::chrono::duration_cast<std::chrono::microseconds>(whole * i / kCount));
    start();
    state();
    expect_clean();
  }
}

TEST_P(RestoreTest, WhoComesDuringARestoreIsToldToWait) {
  const auto restoring = must(take_database(place(), std::chrono::seconds(0), system_clock(), {}));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(use_database(place(), system_clock(), stop.get_token()));
}

}  // namespace
}  // namespace katip::app
