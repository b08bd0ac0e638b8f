#include <atomic>
#include <thread>

#include <gmock/gmock.h>

#include "app/testing/accounts_fixture.h"
#include "store/key_store.h"

namespace katip::app {
namespace {

using namespace std::chrono_literals;
using jobs::must;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class KeysTest : public AccountsFixture {};
KATIP_ON_BOTH_DATABASES(KeysTest);

TEST_P(KeysTest, AKeyThatWasMadeLetsIn) {
  const auto key = must(accounts().create_key(command_principal(),
                                              {.name = "web app",
                                               .scopes = {"transcribe", "jobs:read"},
                                               .owner = "web",
                                               .rate_limit_per_minute = 60,
                                               .daily_audio_seconds_limit = 3'600,
                                               .priority_default = 7},
                                              {}));
  EXPECT_TRUE(key.secret.reveal().starts_with(key.key.prefix));
  const Principal who = must(authenticate(key.secret));
  EXPECT_EQ(who.kind, PrincipalKind::kApiKey);
  EXPECT_EQ(who.id, key.key.id);
  EXPECT_EQ(who.name, "web app");
  EXPECT_EQ(who.owner, "web");
  EXPECT_TRUE(who.may(Permission::kTranscribe));
  EXPECT_FALSE(who.may(Permission::kWriteJobs));
  EXPECT_FALSE(who.sees_all);
  EXPECT_EQ(who.rate_limit_per_minute, 60);
  EXPECT_EQ(who.daily_audio_seconds_limit, 3'600);
  EXPECT_EQ(who.priority_default, 7);
}

TEST_P(KeysTest, WhateverIsWrongWithAKeyTheAnswerIsTheSame) {
  const NewKey good = make_key(command_principal(), {"all"});
  const NewKey revoked = make_key(command_principal(), {"all"});
  must(accounts().revoke_key(command_principal(), revoked.key.id, {}));
  const auto expired =
      must(accounts().create_key(command_principal(),
                                 {.name = "short",
                                  .scopes = {"all"},
                                  .expires_at = store::to_timestamp(clock().calendar()) + 1h},
                                 {}));
  EXPECT_TRUE(authenticate(expired.secret));
  clock().advance(1h);
  std::string unknown = good.secret.reveal();
  unknown[5] = unknown[5] == 'a' ? 'b' : 'a';
  std::string wrong = good.secret.reveal();
  wrong.back() = wrong.back() == 'a' ? 'b' : 'a';
  const auto reference = authenticate(Secret("nonsense"));
  ASSERT_FALSE(reference);
  EXPECT_EQ(reference.error().code, ErrorCode::kUnauthenticated);
  for (const Secret& key : {Secret(unknown), Secret(wrong), revoked.secret, expired.secret,
                            Secret(), Secret(good.key.prefix)}) {
    const auto refused = authenticate(key);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kUnauthenticated);
    EXPECT_EQ(refused.error().message, reference.error().message);
  }
  EXPECT_TRUE(authenticate(good.secret));
}

TEST_P(KeysTest, RevokingCountsAtOnceHereAndSoonElsewhere) {
  const NewKey key = make_key(command_principal(), {"all"});
  const auto other = open();
  EXPECT_TRUE(authenticate(key.secret));
  EXPECT_TRUE(other->authenticate_key(key.secret, {}));
  must(accounts().revoke_key(command_principal(), key.key.prefix, {}));
  EXPECT_FALSE(authenticate(key.secret));
  EXPECT_TRUE(other->authenticate_key(key.secret, {})) << "it remembers for five seconds";
  clock().advance(5s);
  EXPECT_FALSE(other->authenticate_key(key.secret, {}));
}

TEST_P(KeysTest, AKeyMayNoMoreThanItsOwnerMayNow) {
  add("boss", Role::kAdmin);
  const User ayse = add("ayse", Role::kEditor);
  const NewKey key = make_key(principal("ayse"), {"jobs:write", "jobs:read"});
  EXPECT_EQ(key.key.owner, "ayse");
  EXPECT_TRUE(must(authenticate(key.secret)).may(Permission::kWriteJobs));
  must(accounts().change_user(command_principal(), ayse.id, {.role = Role::kViewer}, {}));
  EXPECT_FALSE(must(authenticate(key.secret)).may(Permission::kWriteJobs));
  EXPECT_TRUE(must(authenticate(key.secret)).may(Permission::kReadJobs));
  must(accounts().change_user(command_principal(), ayse.id, {.is_active = false}, {}));
  EXPECT_EQ(code(authenticate(key.secret)), ErrorCode::kUnauthenticated);
  must(accounts().change_user(command_principal(), ayse.id, {.is_active = true}, {}));
  EXPECT_TRUE(authenticate(key.secret));
  must(accounts().delete_user(command_principal(), ayse.id, {}));
  EXPECT_EQ(code(authenticate(key.secret)), ErrorCode::kUnauthenticated)
      << "without its user it would have all of its scopes";
}

TEST_P(KeysTest, NobodyGivesAwayMoreThanTheyHave) {
  add("boss", Role::kAdmin);
  add("ayse", Role::kEditor);
  const Principal ayse = principal("ayse");
  const auto create = [&](const Principal& who, const KeyRequest& request) {
    return code(accounts().create_key(who, request, {}));
  };
  EXPECT_EQ(create(ayse, {.name = "k", .scopes = {"all"}}), ErrorCode::kPermissionDenied);
  EXPECT_EQ(create(ayse, {.name = "k", .scopes = {"jobs:read"}, .owner = "boss"}),
            ErrorCode::kPermissionDenied);
  EXPECT_EQ(create(ayse, {.name = "k", .scopes = {"jobs:read"}, .owner = "ayse"}), std::nullopt);
  EXPECT_EQ(create(command_principal(), {.name = "k", .scopes = {"all"}, .owner = "ayse"}),
            ErrorCode::kInvalidArgument)
      << "an editor's key may not administer";
  const NewKey own = make_key(ayse, {"jobs:read"});
  EXPECT_EQ(code(accounts().change_key(ayse, own.key.id, {.scopes = {{"operate"}}}, {})),
            ErrorCode::kPermissionDenied);
  EXPECT_EQ(create(ayse, {.name = "k", .scopes = {"transcribe"}, .priority_default = 8}),
            ErrorCode::kPermissionDenied)
      << "the priority of her keys is as good as one that she asks for herself";
  EXPECT_EQ(code(accounts().change_key(ayse, own.key.id, {.priority_default = 10}, {})),
            ErrorCode::kPermissionDenied);
  EXPECT_TRUE(accounts().change_key(ayse, own.key.id, {.priority_default = 7}, {}));
  EXPECT_TRUE(accounts().change_key(command_principal(), own.key.id, {.priority_default = 10}, {}));
  EXPECT_TRUE(accounts().change_key(ayse, own.key.id, {.name = "mine"}, {}))
      << "what was granted stays";
}

TEST_P(KeysTest, KeysMakeNoKeys) {
  add("boss", Role::kAdmin);
  const NewKey key = make_key(principal("boss"), {"jobs:write", "jobs:read", "operate"});
  const Principal program = must(authenticate(key.secret));
  EXPECT_EQ(code(accounts().create_key(program, {.name = "k", .scopes = {"jobs:read"}}, {})),
            ErrorCode::kPermissionDenied);
  EXPECT_EQ(code(accounts().list_keys(program, "", 10, {})), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code(accounts().revoke_key(program, key.key.id, {})), ErrorCode::kPermissionDenied);
  const NewKey admin = make_key(principal("boss"), {"admin"});
  EXPECT_TRUE(accounts().list_keys(must(authenticate(admin.secret)), "", 10, {}));
}

TEST_P(KeysTest, PeopleSeeTheirOwnKeysAndAdministratorsAll) {
  add("boss", Role::kAdmin);
  add("ayse", Role::kEditor);
  add("mehmet", Role::kEditor);
  const NewKey hers = make_key(principal("ayse"), {"jobs:read"});
  const NewKey his = make_key(principal("mehmet"), {"jobs:read"});
  const auto seen = must(accounts().list_keys(principal("ayse"), "", 10, {}));
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].id, hers.key.id);
  EXPECT_EQ(must(accounts().list_keys(principal("boss"), "", 10, {})).size(), 2U);
  const Principal ayse = principal("ayse");
  EXPECT_EQ(code(accounts().find_key(ayse, his.key.id, {})), ErrorCode::kNotFound);
  EXPECT_EQ(code(accounts().change_key(ayse, his.key.id, {.name = "mine"}, {})),
            ErrorCode::kNotFound);
  EXPECT_EQ(code(accounts().revoke_key(ayse, his.key.prefix, {})), ErrorCode::kNotFound);
  EXPECT_EQ(code(accounts().delete_key(ayse, his.key.id, {})), ErrorCode::kNotFound);
  EXPECT_TRUE(authenticate(his.secret));
}

TEST_P(KeysTest, TwoKeysWithoutAnOwnerDoNotShareTheirRecords) {
  const Principal one = must(authenticate(make_key(command_principal(), {"jobs:read"}).secret));
  const Principal two = must(authenticate(make_key(command_principal(), {"jobs:read"}).secret));
  EXPECT_FALSE(one.owner.empty());
  EXPECT_NE(one.owner, two.owner);
}

TEST_P(KeysTest, ChangesAreChecked) {
  const NewKey key = make_key(command_principal(), {"jobs:read"});
  const auto change = [&](const KeyChange& wanted) {
    return accounts().change_key(command_principal(), key.key.id, wanted, {});
  };
  const Key changed =
      must(change({.name = "yeni ad", .scopes = {{"all"}}, .rate_limit_per_minute = {{5}}}));
  EXPECT_EQ(changed.name, "yeni ad");
  EXPECT_THAT(changed.scopes, ElementsAre("all"));
  EXPECT_EQ(must(change({.rate_limit_per_minute = {std::optional<int>()}})).rate_limit_per_minute,
            std::nullopt);
  for (const KeyChange& wrong :
       {KeyChange{.name = ""}, KeyChange{.name = "a\nb"}, KeyChange{.name = std::string(201, 'x')},
        KeyChange{.scopes = {{"everything"}}}, KeyChange{.rate_limit_per_minute = {{0}}},
        KeyChange{.daily_audio_seconds_limit = {{-1}}}, KeyChange{.priority_default = {{11}}}}) {
    EXPECT_EQ(code(change(wrong)), ErrorCode::kInvalidArgument);
  }
  must(accounts().delete_key(command_principal(), key.key.id, {}));
  EXPECT_EQ(code(change({.name = "gone"})), ErrorCode::kNotFound);
  EXPECT_FALSE(authenticate(key.secret));
}

TEST_P(KeysTest, TheFirstKeyDoesNotLockEverybodyOut) {
  EXPECT_TRUE(must(accounts().is_empty({})));
  const auto refused =
      accounts().create_key(open_principal(), {.name = "k", .scopes = {"transcribe"}}, {});
  EXPECT_EQ(code(refused), ErrorCode::kConflict);
  EXPECT_THAT(refused.error().message, HasSubstr("katip user create"));
  make_key(open_principal(), {"all"});
  EXPECT_FALSE(must(accounts().is_empty({}))) << "at once";
}

TEST_P(KeysTest, AnInstallationIsEmptyUntilAnotherProcessMakesAnAccount) {
  EXPECT_TRUE(must(accounts().is_empty({})));
  const NewKey key =
      must(open()->create_key(command_principal(), {.name = "k", .scopes = {"all"}}, {}));
  clock().advance(5s);
  EXPECT_FALSE(must(accounts().is_empty({})));
}

TEST_P(KeysTest, UseIsCountedAndWrittenTogether) {
  const NewKey key = make_key(command_principal(), {"all"});
  for (int i = 0; i < 5; ++i) must(authenticate(key.secret));
  const auto used = [&] {
    return must(accounts().find_key(command_principal(), key.key.id, {})).usage_count;
  };
  EXPECT_EQ(used(), 0);
  must(accounts().flush_usage({}));
  EXPECT_EQ(used(), 5);
  must(accounts().flush_usage({}));
  EXPECT_EQ(used(), 5);
}

TEST_P(KeysTest, ADayHasItsAudio) {
  const auto key = must(accounts().create_key(
      command_principal(), {.name = "k", .scopes = {"all"}, .daily_audio_seconds_limit = 100}, {}));
  const Principal who = must(authenticate(key.secret));
  const auto use = [&](double seconds) {
    const auto sql = must(pool().acquire({}));
    const std::string today = spell_time(store::to_timestamp(clock().calendar())).substr(0, 10);
    must(store::add_key_audio(*sql, who.id, today, seconds, 1e9));
  };
  EXPECT_EQ(must(accounts().check_audio(who, {})).seconds, 0);
  use(90);
  EXPECT_EQ(must(accounts().check_audio(who, {})).seconds, 90);
  EXPECT_EQ(must(accounts().check_audio(who, {})).limit, 100);
  use(60);
  EXPECT_EQ(code(accounts().check_audio(who, {})), ErrorCode::kOverloaded);
  EXPECT_EQ(accounts().audio_wait(), 24h);
  clock().advance(24h);
  EXPECT_TRUE(accounts().check_audio(who, {}));
  EXPECT_TRUE(accounts().check_audio(command_principal(), {}));
  must(accounts().prune({}));
}

TEST_P(KeysTest, ManyThreadsAuthenticateWhileKeysChange) {
  const NewKey key = make_key(command_principal(), {"jobs:read"});
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int round = 0; round < 200; ++round) {
          if (!authenticate(key.secret)) ++wrong;
        }
      });
    }
    for (int round = 0; round < 10; ++round) {
      must(accounts().change_key(command_principal(), key.key.id,
                                 {.name = "name " + std::to_string(round)}, {}));
    }
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(must(authenticate(key.secret)).name, "name 9");
}

}  // namespace
}  // namespace katip::app
