#include "app/log_book.h"

#include <atomic>
#include <fstream>
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/records/line_file.h"
#include "app/testing/record_fixture.h"
#include "base/testing/temporary_folder.h"
#include "store/schema.h"
#include "store/testing/postgres_server.h"

namespace katip::app {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class LogBookTest : public RecordFixture {
 protected:
  void SetUp() override {
    RecordFixture::SetUp();
    if (IsSkipped()) return;
    open_pool();
  }
  LogBook& book() {
    if (!book_) book_.emplace(*pool_, folder_.path() / "fallback", clock(), rng());
    return *book_;
  }
  /// Until the next connection is opened.
  void go_away() {
    is_away_ = true;
    pool_.reset();
    open_pool();
  }
  void open_pool() {
    book_.reset();
    pool_ = jobs::must(store::Pool::create(
        [this]() -> Result<std::unique_ptr<store::Connection>> {
          if (is_away_) return fail(ErrorCode::kUnavailable, "nobody is there");
          return connect({});
        },
        {}, {}));
  }
  void come_back() { is_away_ = false; }
  Result<WrittenLog> write(LogKind kind, const std::string& fields) {
    return book().append(admin(), kind, fields, {});
  }
  std::size_t count(LogKind kind, const Principal& principal = admin(),
                    const LogQuery& query = {}) {
    return jobs::must(book().list(principal, kind, query, {})).rows.size();
  }

  std::atomic<bool> is_away_ = false;
  std::unique_ptr<store::Pool> pool_;
  std::optional<LogBook> book_;
};
KATIP_ON_BOTH_DATABASES(LogBookTest);

TEST_P(LogBookTest, EveryKindIsWrittenAndListed) {
  jobs::must(write(LogKind::kEvent, R"({"event_type": "login", "details": {"ip": "::1"}})"));
  jobs::must(write(LogKind::kSale, R"({"product": "minutes", "quantity": 1.5, "amount": 3,
                                       "currency": "TRY"})"));
  jobs::must(write(LogKind::kMessage, R"({"conversation_id": "c", "direction": "inbound",
                                          "content": "Merhaba"})"));
  jobs::must(write(LogKind::kSession, R"({"session_id": "s"})"));
  for (const LogKind kind : store::kLogKinds) EXPECT_EQ(count(kind), 1U);
  const auto event = jobs::must(book().list(admin(), LogKind::kEvent, {}, {})).rows.at(0);
  EXPECT_THAT(to_json(event), HasSubstr(R"("details":{"ip":"::1"})"));
  EXPECT_THAT(to_json(event), HasSubstr(R"("level":"info")"));
  EXPECT_EQ(count(LogKind::kMessage, admin(), {.filter = {.search = "merhaba"}}), 1U);
}

TEST_P(LogBookTest, EverybodyWritesAndReadsInTheirOwnName) {
  const std::string event = R"({"event_type": "a"})";
  jobs::must(book().append(ayse(), LogKind::kEvent, event, {}));
  jobs::must(book().append(ayse(), LogKind::kEvent,
                           R"({"event_type": "a", "user_identifier": "ayşe"})", {}));
  EXPECT_EQ(code(book().append(ayse(), LogKind::kEvent,
                               R"({"event_type": "a", "user_identifier": "ali"})", {})),
            ErrorCode::kPermissionDenied);
  EXPECT_EQ(count(LogKind::kEvent, ayse()), 2U);
  EXPECT_EQ(count(LogKind::kEvent, ali()), 0U);
  EXPECT_EQ(count(LogKind::kEvent, ali(), {.filter = {.equals = {{"user_identifier", "ayşe"}}}}),
            0U);
  jobs::must(book().append(ayse(), LogKind::kSession, R"({"session_id": "s"})", {}));
  EXPECT_EQ(code(book().append(ali(), LogKind::kSession, R"({"session_id": "s"})", {})),
            ErrorCode::kConflict);
}

TEST_P(LogBookTest, WrongFieldsAreNamed) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "object"},
      {"[]", "object"},
      {R"({})", "event_type"},
      {R"({"event_type": ""})", "event_type"},
      {R"({"event_type": 5})", "event_type"},
      {R"({"event_type": "a", "event_typ": "b"})", "event_type"},
      {R"({"event_type": "a", "level": "loud"})", "critical"},
      {R"({"event_type": "a", "details": []})", "details"},
      {R"({"event_type": "a", "created_at": "yesterday"})", "created_at"},
      {R"({"event_type": "a", "title": "\u0000"})", "title"},
      {R"({"event_type": "a", "details": {"a": "\u0000"}})", "details"},
  };
  for (const auto& [fields, named] : cases) {
    const auto written = write(LogKind::kEvent, fields);
    ASSERT_EQ(code(written), ErrorCode::kInvalidArgument) << fields;
    EXPECT_THAT(written.error().message, HasSubstr(named));
  }
  const std::string long_type(101, 'x');
  EXPECT_FALSE(write(LogKind::kEvent, R"({"event_type": ")" + long_type + "\"}"));
  EXPECT_FALSE(write(LogKind::kSale, R"({"product": "a", "amount": 3})")) << "of which currency?";
  EXPECT_FALSE(write(LogKind::kSale, R"({"product": "a", "quantity": -1})"));
  EXPECT_FALSE(write(LogKind::kSale, R"({"product": "a", "quantity": 1e300})"));
  EXPECT_FALSE(write(LogKind::kSale, R"({"product": "a", "job_id": "1"})"));
}

TEST_P(LogBookTest, WhileTheDatabaseIsAwayFilesKeepIt) {
  go_away();
  const auto written = jobs::must(write(LogKind::kEvent, R"({"event_type": "a", "title": "Şu"})"));
  EXPECT_TRUE(written.is_kept_in_file);
  jobs::must(write(LogKind::kMessage, R"({"conversation_id": "c", "direction": "inbound",
                                          "content": "satır\nsonu"})"));
  EXPECT_FALSE(write(LogKind::kEvent, "{}")) << "what is wrong is wrong now too";
  EXPECT_EQ(code(book().list(admin(), LogKind::kEvent, {}, {})), ErrorCode::kUnavailable);
  EXPECT_EQ(code(book().take_in({})), ErrorCode::kUnavailable);
  come_back();
  EXPECT_EQ(jobs::must(book().take_in({})).record_count, 2);
  EXPECT_EQ(count(LogKind::kEvent), 1U);
  EXPECT_EQ(count(LogKind::kMessage, admin(), {.filter = {.search = "sonu"}}), 1U);
  EXPECT_EQ(jobs::must(book().take_in({})).record_count, 0);
  EXPECT_EQ(jobs::must(book().list(admin(), LogKind::kEvent, {}, {})).rows[0].values[0],
            store::Value(written.id));
}

TEST_P(LogBookTest, TheFirstCallAfterwardsTakesItIn) {
  go_away();
  jobs::must(write(LogKind::kEvent, R"({"event_type": "a"})"));
  come_back();
  EXPECT_EQ(count(LogKind::kEvent), 1U);
}

TEST_P(LogBookTest, WhatWasTakenInTwiceIsThereOnce) {
  go_away();
  jobs::must(write(LogKind::kEvent, R"({"event_type": "a"})"));
  const fs::path file = folder_.path() / "fallback" / "events.jsonl";
  const fs::path copy = folder_.path() / "copy";
  fs::copy_file(file, copy);
  come_back();
  jobs::must(book().take_in({}));
  EXPECT_FALSE(fs::exists(file));
  fs::copy_file(copy, file);  // As after a crash between the database and the file.
  jobs::must(book().take_in({}));
  EXPECT_EQ(count(LogKind::kEvent), 1U);
}

TEST_P(LogBookTest, ALineThatIsNoRecordIsPutAside) {
  go_away();
  jobs::must(write(LogKind::kEvent, R"({"event_type": "a"})"));
  const fs::path file = folder_.path() / "fallback" / "events.jsonl";
  std::ofstream(file, std::ios::app) << "{\"event_type\": \"b\"}\n{\"event_ty";
  jobs::must(write(LogKind::kEvent, R"({"event_type": "c"})"));
  come_back();
  const TakenIn taken = jobs::must(book().take_in({}));
  EXPECT_EQ(taken.record_count, 2);
  EXPECT_EQ(taken.refused_count, 2) << "one without an id, one that was cut off";
  EXPECT_TRUE(fs::exists(file.string() + ".refused"));
}

TEST(LogBookWithARealServer, NothingIsLostWhileItIsDown) {
  using store::testing::PostgresServer;
  auto server = PostgresServer::start({.is_durable = true});
  if (!server && server.error().code == ErrorCode::kNotFound) {
    GTEST_SKIP() << server.error().message;
  }
  PostgresServer& postgres = **server;
  const std::string url = postgres.url(jobs::must(postgres.create_database()));
  const auto database = jobs::must(store::DatabaseUrl::parse(url));
  {
    const auto connection = jobs::must(store::Connection::open(database, {}));
    jobs::must(store::upgrade_to_head(*connection));
  }
  const auto pool = jobs::must(store::Pool::create(database, {}, {}));
  const TemporaryFolder folder;
  LogBook book(*pool, folder.path(), system_clock(), system_rng());
  Principal admin;
  admin.sees_all = true;
  const auto write = [&] {
    return jobs::must(book.append(admin, LogKind::kEvent, R"({"event_type": "a"})", {}))
        .is_kept_in_file;
  };
  EXPECT_FALSE(write());
  jobs::must(postgres.stop(PostgresServer::Stop::kCrash));
  EXPECT_TRUE(write());
  EXPECT_TRUE(write());
  jobs::must(postgres.resume());
  EXPECT_FALSE(write()) << "it is back";
  EXPECT_EQ(jobs::must(book.list(admin, LogKind::kEvent, {}, {})).rows.size(), 4U);
  EXPECT_FALSE(fs::exists(folder.path() / "events.jsonl"));
}

TEST(LineFileTest, WritersAndATakerLoseAndDoubleNothing) {
  const TemporaryFolder folder;
  const LineFile file(folder.path() / "new" / "lines");
  constexpr int kWriterCount = 4;
  constexpr int kLineCount = 50;
  std::atomic<int> done = 0;
  std::multiset<std::string> taken;
  std::vector<std::jthread> writers;
  for (int writer = 0; writer < kWriterCount; ++writer) {
    writers.emplace_back([&, writer] {
      for (int i = 0; i < kLineCount; ++i) {
        EXPECT_TRUE(file.append(std::to_string(writer) + "-" + std::to_string(i)));
      }
      ++done;
    });
  }
  const auto take = [&](std::string_view line) {
    taken.insert(std::string(line));
    return Status{};
  };
  while (done < kWriterCount) EXPECT_TRUE(file.drain(take));
  EXPECT_TRUE(file.drain(take));
  EXPECT_EQ(taken.size(), std::size_t{kWriterCount * kLineCount});
  EXPECT_EQ(std::set(taken.begin(), taken.end()).size(), taken.size());
}

}  // namespace
}  // namespace katip::app
