#include "app/audit.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>

#include "app/role.h"
#include "base/testing/temporary_folder.h"
#include "jobs/testing/queue_fixture.h"

namespace katip::app {
namespace {

using namespace std::chrono_literals;
using jobs::must;
using ::testing::HasSubstr;

class AuditTest : public jobs::QueueFixture {};
KATIP_ON_BOTH_DATABASES(AuditTest);

TEST_P(AuditTest, WhatWasDoneIsARowAndALine) {
  const TemporaryFolder folder;
  auto log = must(Log::open({.folder = folder.path(), .console = LogConsole::kOff}));
  Audit audit(pool(), clock(), rng(), log.get());
  const Principal who{.kind = PrincipalKind::kUser, .name = "ayse"};
  audit.record(who,
               {.action = "key.create",
                .target_kind = "api_key",
                .target_id = "kp_1",
                .request_id = "istek-1",
                .ip = "127.0.0.1",
                .details = R"({"name":"ş"})"},
               {});
  const auto rows = must(audit.list(command_principal(), {}, 10, {}));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].actor_kind, "user");
  EXPECT_EQ(rows[0].actor, "ayse");
  EXPECT_EQ(rows[0].action, "key.create");
  EXPECT_EQ(rows[0].request_id, "istek-1");
  EXPECT_TRUE(log->flush(10s));
  std::ifstream file(folder.path() / "audit.log");
  const std::string lines{std::istreambuf_iterator<char>(file), {}};
  EXPECT_THAT(lines, HasSubstr(rows[0].id));
  EXPECT_THAT(lines, HasSubstr("key.create"));
}

TEST_P(AuditTest, HostileTextsDoNotKeepARecordAway) {
  Audit audit(pool(), clock(), rng(), nullptr);
  const Principal who{.kind = PrincipalKind::kApiKey, .name = std::string(500, 'x')};
  audit.record(who,
               {.action = "login.fail",
                .target_id = "\xFF\xFE",
                .request_id = std::string("a\0b", 3),
                .ip = "x"},
               {});
  const auto rows = must(audit.list(command_principal(), {}, 10, {}));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].actor.size(), 200U);
  EXPECT_EQ(rows[0].target_id, std::nullopt);
  EXPECT_EQ(rows[0].ip, std::nullopt);
}

TEST_P(AuditTest, DetailsAreBounded) {
  Audit audit(pool(), clock(), rng(), nullptr);
  const std::string small = R"({"a":")" + std::string(3'000, 'x') + "\"}";
  audit.record(command_principal(), {.action = "small", .details = small}, {});
  clock().advance(1s);
  const std::string large = R"({"a":")" + std::string(5'000, 'x') + "\"}";
  audit.record(command_principal(), {.action = "large", .details = large}, {});
  const auto rows = must(audit.list(command_principal(), {}, 10, {}));
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_THAT(rows[0].details, HasSubstr("is_cut"));
  EXPECT_THAT(rows[1].details, HasSubstr("xxx"));
}

TEST_P(AuditTest, OnlyAdministratorsReadIt) {
  Audit audit(pool(), clock(), rng(), nullptr);
  const Principal other{.permissions = permissions_of(Role::kOperator)};
  const auto refused = audit.list(other, {}, 10, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kPermissionDenied);
}

TEST_P(AuditTest, ForgetsWhatIsOld) {
  Audit audit(pool(), clock(), rng(), nullptr);
  audit.record(command_principal(), {.action = "a"}, {});
  clock().advance(std::chrono::days(10));
  audit.record(command_principal(), {.action = "b"}, {});
  EXPECT_EQ(must(audit.prune(std::chrono::days(5), {})), 1);
  EXPECT_EQ(must(audit.list(command_principal(), {}, 10, {}))[0].action, "b");
}

}  // namespace
}  // namespace katip::app
