#include <gmock/gmock.h>

#include "store/audit_store.h"
#include "store/conformance/schema_conformance.h"

namespace katip::store {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kNow = std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} + 12h;

class AuditConformance : public SchemaConformance {
 protected:
  void add(int number, const std::string& actor, const std::string& action) const {
    must(insert_audit_record(sql(),
                             {.id = "019a0000-0000-7000-8000-00000000000" + std::to_string(number),
                              .actor_kind = "user",
                              .actor = actor,
                              .action = action,
                              .target_kind = "api_key",
                              .target_id = "kp_1",
                              .request_id = "istek-1",
                              .ip = "127.0.0.1",
                              .created_at = kNow + number * 1s,
                              .details = R"({"name":"ş"})"}));
  }
};
KATIP_CONFORMANCE(AuditConformance);

TEST_P(AuditConformance, KeepsWhoDidWhatAndFindsItAgain) {
  add(1, "ayse", "key.create");
  add(2, "mehmet", "key.create");
  add(3, "ayse", "key.revoke");
  const auto all = must(list_audit_records(sql(), {}, 2));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].action, "key.revoke") << "the newest first";
  EXPECT_EQ(all[0].target_kind, "api_key");
  EXPECT_EQ(all[0].ip, "127.0.0.1");
  EXPECT_EQ(all[0].created_at, kNow + 3s);
  EXPECT_THAT(all[0].details, ::testing::HasSubstr("ş"));
  EXPECT_EQ(must(list_audit_records(sql(), {.after = all[1].id}, 9)).size(), 1U);
  EXPECT_EQ(must(list_audit_records(sql(), {.actor = "ayse"}, 9)).size(), 2U);
  EXPECT_EQ(must(list_audit_records(sql(), {.action = "key.create"}, 9)).size(), 2U);
  EXPECT_EQ(must(list_audit_records(sql(), {.target_id = "kp_2"}, 9)).size(), 0U);
  const AuditFilter second{.created_from = kNow + 2s, .created_before = kNow + 3s};
  const auto between = must(list_audit_records(sql(), second, 9));
  ASSERT_EQ(between.size(), 1U) << "from is in it, before is not";
  EXPECT_EQ(between[0].actor, "mehmet");
  EXPECT_EQ(must(list_audit_records(sql(), {.created_before = kNow}, 9)).size(), 0U);
  EXPECT_EQ(code(list_audit_records(sql(), {.after = "x"}, 9)), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code(list_audit_records(sql(), {}, 1'001)), ErrorCode::kInvalidArgument);
}

TEST_P(AuditConformance, ForgetsWhatIsOldInPieces) {
  for (int number = 1; number <= 3; ++number) add(number, "ayse", "a");
  EXPECT_EQ(must(prune_audit_records(sql(), kNow + 3s, 1)), 1);
  EXPECT_EQ(must(prune_audit_records(sql(), kNow + 3s, 10)), 1);
  EXPECT_EQ(must(list_audit_records(sql(), {}, 10)).size(), 1U);
}

}  // namespace
}  // namespace katip::store
