#include <gmock/gmock.h>

#include "store/conformance/schema_conformance.h"
#include "store/key_store.h"
#include "store/user_store.h"

namespace katip::store {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kNow = std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} + 12h;
constexpr const char* kNobody = "019a0000-0000-7000-8000-00000000dead";

std::string id_of(int number) {
  std::string digits = std::to_string(number);
  return "019a0000-0000-7000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

class KeysConformance : public SchemaConformance {
 protected:
  static KeyRecord key(int number, const std::string& owner = "ayşe") {
    return {.id = id_of(number),
            .name = "key " + std::to_string(number),
            .key_prefix = "kp_" + std::to_string(1'000 + number),
            .key_hash = std::string(60, 'a') + std::to_string(1'000 + number),
            .owner = owner,
            .scopes = R"(["jobs:read"])",
            .created_at = kNow};
  }
  void add(const KeyRecord& key) const { must(insert_key(sql(), key)); }
  KeyRecord get(int number) const { return *must(find_key(sql(), id_of(number))); }
};
KATIP_CONFORMANCE(KeysConformance);

TEST_P(KeysConformance, EverythingComesBackAsItWasGiven) {
  KeyRecord all = key(1);
  all.rate_limit_per_minute = 60;
  all.daily_audio_seconds_limit = 3'600;
  all.priority_default = 7;
  all.expires_at = kNow + 24h;
  add(all);
  const KeyRecord found = *must(find_key_by_prefix(sql(), all.key_prefix));
  EXPECT_EQ(found.id, all.id);
  EXPECT_EQ(found.name, all.name);
  EXPECT_EQ(found.key_hash, all.key_hash);
  EXPECT_EQ(found.owner, "ayşe");
  EXPECT_THAT(found.scopes, ::testing::HasSubstr("jobs:read"));
  EXPECT_EQ(found.rate_limit_per_minute, 60);
  EXPECT_EQ(found.daily_audio_seconds_limit, 3'600);
  EXPECT_EQ(found.priority_default, 7);
  EXPECT_TRUE(found.is_active);
  EXPECT_EQ(found.expires_at, kNow + 24h);
  EXPECT_EQ(found.last_used_at, std::nullopt);
  EXPECT_EQ(found.created_at, kNow);
  EXPECT_EQ(found.owner_role, std::nullopt) << "there is no such user";
}

TEST_P(KeysConformance, AKeyKnowsTheUserWhoOwnsIt) {
  add(key(1));
  must(insert_user(sql(), {.id = id_of(50),
                           .login = "ayşe",
                           .password_hash = "$argon2id$x",
                           .role = "editor",
                           .created_at = kNow}));
  EXPECT_EQ(get(1).owner_role, "editor");
  EXPECT_EQ(get(1).is_owner_active, true);
}

TEST_P(KeysConformance, APublicHalfIsTakenOnce) {
  add(key(1));
  KeyRecord other = key(2);
  other.key_prefix = key(1).key_prefix;
  EXPECT_EQ(code(insert_key(sql(), other)), ErrorCode::kConflict);
}

TEST_P(KeysConformance, ListsTheNewestFirstAndGoesOnBehindAnId) {
  for (int number = 1; number <= 5; ++number) add(key(number, number == 3 ? "mehmet" : "ayşe"));
  const auto page = must(list_keys(sql(), {.owner = "ayşe"}, 2));
  ASSERT_EQ(page.size(), 2U);
  EXPECT_EQ(page[0].id, id_of(5));
  const auto rest = must(list_keys(sql(), {.owner = "ayşe", .after = page[1].id}, 1'000));
  ASSERT_EQ(rest.size(), 2U);
  EXPECT_EQ(rest[1].id, id_of(1));
  EXPECT_EQ(must(list_keys(sql(), {}, 1'000)).size(), 5U);
  EXPECT_EQ(code(list_keys(sql(), {}, 0)), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code(list_keys(sql(), {.after = "x' or 1"}, 5)), ErrorCode::kInvalidArgument);
}

TEST_P(KeysConformance, ChangesAndDeletes) {
  add(key(1));
  KeyRecord changed = get(1);
  changed.name = "other";
  changed.is_active = false;
  changed.expires_at = kNow + 1h;
  changed.updated_at = kNow + 1min;
  EXPECT_TRUE(must(change_key(sql(), changed)));
  EXPECT_EQ(get(1).name, "other");
  EXPECT_FALSE(get(1).is_active);
  EXPECT_EQ(get(1).updated_at, kNow + 1min);
  EXPECT_TRUE(must(delete_key(sql(), changed.id)));
  EXPECT_FALSE(must(delete_key(sql(), changed.id)));
  EXPECT_FALSE(must(change_key(sql(), changed)));
  EXPECT_FALSE(must(delete_key(sql(), "no id")));
}

TEST_P(KeysConformance, UseIsAddedForManyKeysAtOnceAndNeverGoesBack) {
  add(key(1));
  add(key(2));
  const KeyUsage first[] = {{id_of(1), 3, kNow + 1min}, {kNobody, 5, kNow}};
  must(add_key_usage(sql(), first));
  const KeyUsage late[] = {{id_of(1), 2, kNow}, {id_of(2), 1, kNow}};
  must(add_key_usage(sql(), late));
  EXPECT_EQ(get(1).usage_count, 5);
  EXPECT_EQ(get(1).last_used_at, kNow + 1min);
  EXPECT_EQ(get(2).usage_count, 1);
  must(add_key_usage(sql(), {}));
}

TEST_P(KeysConformance, AnInstallationIsEmptyUntilThereIsAKeyThatWasNotRevokedOrAUser) {
  EXPECT_FALSE(must(has_accounts(sql())));
  add(key(1));
  EXPECT_TRUE(must(has_accounts(sql())));
  EXPECT_EQ(must(revoke_keys_of(sql(), "mehmet", kNow)), 0);
  EXPECT_EQ(must(revoke_keys_of(sql(), "ayşe", kNow)), 1);
  EXPECT_FALSE(must(has_accounts(sql())));
  must(insert_user(
      sql(), {.id = id_of(50), .login = "a", .password_hash = "$argon2id$x", .created_at = kNow}));
  EXPECT_TRUE(must(has_accounts(sql())));
}

TEST_P(KeysConformance, AudioIsAddedUntilTheLimitIsReached) {
  add(key(1));
  const std::string id = id_of(1);
  EXPECT_EQ(must(add_key_audio(sql(), id, "2026-03-01", 40.5, 100)), 40.5);
  EXPECT_EQ(must(add_key_audio(sql(), id, "2026-03-01", 70, 100)), 110.5);
  EXPECT_EQ(must(add_key_audio(sql(), id, "2026-03-01", 1, 100)), std::nullopt);
  EXPECT_EQ(must(find_key_audio(sql(), id, "2026-03-01")), 110.5);
  EXPECT_EQ(must(add_key_audio(sql(), id, "2026-03-02", 1, 100)), 1) << "each day by itself";
  EXPECT_EQ(must(find_key_audio(sql(), id, "2026-03-03")), 0);
  EXPECT_EQ(must(add_key_audio(sql(), kNobody, "2026-03-01", 1, 1)), std::nullopt);
  EXPECT_EQ(must(prune_key_days(sql(), "2026-03-02")), 1);
}

}  // namespace
}  // namespace katip::store
