#include "app/accounts.h"

#include <atomic>
#include <thread>

#include <gmock/gmock.h>

#include "app/testing/accounts_fixture.h"
#include "store/job_store.h"

namespace katip::app {
namespace {

using namespace std::chrono_literals;
using jobs::must;
using ::testing::HasSubstr;

class AccountsTest : public AccountsFixture {};
KATIP_ON_BOTH_DATABASES(AccountsTest);

TEST_P(AccountsTest, WhoeverLogsInIsKnownUntilTheyLogOut) {
  const User user = add("Ayse", Role::kAdmin);
  EXPECT_EQ(user.login, "ayse") << "capitals are made small";
  const OpenedSession opened = must(log_in("AYSE"));
  const Principal who = must(accounts().authenticate_session(opened.token, {}));
  EXPECT_EQ(who.kind, PrincipalKind::kUser);
  EXPECT_EQ(who.id, user.id);
  EXPECT_EQ(who.owner, "ayse");
  EXPECT_TRUE(who.may(Permission::kAdminister));
  EXPECT_EQ(must(accounts().find_user(who, "ayse", {})).last_login_at,
            store::to_timestamp(clock().calendar()));
  must(accounts().logout(opened.token, {}));
  EXPECT_EQ(session_code(opened.token), ErrorCode::kUnauthenticated);
  must(accounts().logout(opened.token, {}));
  must(accounts().logout(Secret("nonsense"), {}));
}

TEST_P(AccountsTest, WhateverIsWrongWithALoginTheAnswerIsTheSame) {
  add("boss", Role::kAdmin);
  const User gone = add("gone", Role::kEditor);
  must(accounts().change_user(command_principal(), gone.id, {.is_active = false}, {}));
  const auto reference = log_in("nobody", "wrong password");
  EXPECT_EQ(code(reference), ErrorCode::kUnauthenticated);
  for (const auto& [login, password] : std::vector<std::pair<std::string, std::string>>{
           {"boss", "wrong password"},
           {"boss", ""},
           {"boss", std::string(5'000, 'x')},
           {"gone", "kedi pencerede"},
           {"", "kedi pencerede"},
           {"x' or 1=1 --", "kedi pencerede"},
           {std::string(10'000, 'x'), "kedi pencerede"}}) {
    const auto refused = log_in(login, password);
    ASSERT_FALSE(refused) << login;
    EXPECT_EQ(refused.error().message, reference.error().message);
  }
}

TEST_P(AccountsTest, GuessingIsSlowedDownWhereItHappensAndNowhereElse) {
  add("boss", Role::kAdmin);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(code(log_in("boss", "guess " + std::to_string(i))), ErrorCode::kUnauthenticated);
  }
  EXPECT_GT(accounts().login_wait("BOSS", "192.0.2.1"), 0s);
  const auto refused = log_in("boss");
  EXPECT_EQ(code(refused), ErrorCode::kOverloaded) << "also with the right password";
  EXPECT_THAT(refused.error().message, HasSubstr("try again in"));
  EXPECT_TRUE(log_in("boss", "kedi pencerede", "198.51.100.7")) << "the rightful one, elsewhere";
  EXPECT_EQ(accounts().login_wait("boss", "198.51.100.7"), 0s);
  clock().advance(accounts().login_wait("boss", "192.0.2.1"));
  EXPECT_TRUE(log_in("boss")) << "and here, after a while";
}

TEST_P(AccountsTest, ThousandsOfGuessesGetTenTriesAMinute) {
  add("boss", Role::kAdmin);
  int tried = 0;
  for (int i = 0; i < 2'000; ++i) {
    if (code(log_in("boss", "guess")) == ErrorCode::kUnauthenticated) ++tried;
    clock().advance(100ms);  // 200 seconds in all.
  }
  EXPECT_GE(tried, 30);
  EXPECT_LE(tried, 44);
}

TEST_P(AccountsTest, ManyGuessesAtOnceGetNoMoreTries) {
  add("boss", Role::kAdmin);
  std::atomic<int> tried = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        for (int round = 0; round < 10; ++round) {
          if (code(log_in("boss", "guess")) == ErrorCode::kUnauthenticated) ++tried;
        }
      });
    }
  }
  EXPECT_EQ(tried, 10);
}

TEST_P(AccountsTest, WhoeverLogsInOftenIsNotSlowedDown) {
  add("boss", Role::kAdmin);
  for (int i = 0; i < 30; ++i) EXPECT_TRUE(log_in("boss")) << i;
}

TEST_P(AccountsTest, ANetworkThatTriesManyLoginsIsSlowedDown) {
  add("boss", Role::kAdmin);
  int tried = 0;
  for (int i = 0; i < 150; ++i) {
    if (code(log_in("user" + std::to_string(i), "guess")) == ErrorCode::kUnauthenticated) ++tried;
  }
  EXPECT_EQ(tried, 100);
}

TEST_P(AccountsTest, ASessionEndsWhenItIsIdleAndInTheEndAnyhow) {
  add("boss", Role::kAdmin);
  const Secret idle = must(log_in("boss")).token;
  const Secret used = must(log_in("boss")).token;
  for (int hour = 0; hour < 30 * 24; ++hour) {
    EXPECT_EQ(session_code(used), std::nullopt) << hour;
    must(accounts().flush_usage({}));
    if (hour == 23) EXPECT_EQ(session_code(idle), std::nullopt);
    if (hour == 23 + 24) EXPECT_EQ(session_code(idle), ErrorCode::kUnauthenticated);
    clock().advance(1h);
  }
  EXPECT_EQ(session_code(used), ErrorCode::kUnauthenticated) << "after 30 days";
  must(accounts().prune({}));
}

TEST_P(AccountsTest, PeopleSeeAndEndTheirOwnSessions) {
  add("boss", Role::kAdmin);
  add("ayse", Role::kEditor);
  const OpenedSession here = must(log_in("ayse"));
  const OpenedSession there = must(log_in("ayse", "kedi pencerede", "2001:db8::1"));
  const auto sessions = must(accounts().list_sessions(here.principal, here.token, {}));
  ASSERT_EQ(sessions.size(), 2U);
  EXPECT_EQ(sessions[0].ip, "2001:db8::1");
  EXPECT_EQ(sessions[0].user_agent, "test");
  EXPECT_FALSE(sessions[0].is_current);
  EXPECT_TRUE(sessions[1].is_current);
  EXPECT_EQ(code(accounts().end_session(principal("boss"), sessions[0].id, {})),
            ErrorCode::kNotFound);
  must(accounts().end_session(here.principal, sessions[0].id, {}));
  EXPECT_EQ(session_code(there.token), ErrorCode::kUnauthenticated);
  EXPECT_EQ(session_code(here.token), std::nullopt);
  EXPECT_EQ(code(accounts().list_sessions(command_principal(), Secret(), {})),
            ErrorCode::kPermissionDenied);
}

TEST_P(AccountsTest, ANewPasswordEndsTheOtherSessions) {
  add("boss", Role::kAdmin);
  const OpenedSession here = must(log_in("boss"));
  const OpenedSession there = must(log_in("boss"));
  const auto change = [&](const std::string& from, const std::string& to) {
    return code(
        accounts().change_password(here.principal, Secret(from), Secret(to), here.token, {}));
  };
  EXPECT_EQ(change("wrong one", "bisiklet ve deniz"), ErrorCode::kInvalidArgument);
  EXPECT_EQ(change("kedi pencerede", "password1"), ErrorCode::kInvalidArgument);
  EXPECT_EQ(change("kedi pencerede", "bisiklet ve deniz"), std::nullopt);
  EXPECT_EQ(session_code(here.token), std::nullopt);
  EXPECT_EQ(session_code(there.token), ErrorCode::kUnauthenticated);
  EXPECT_FALSE(log_in("boss"));
  EXPECT_TRUE(log_in("boss", "bisiklet ve deniz"));
}

TEST_P(AccountsTest, AnAdministratorSetsALostPassword) {
  const User boss = add("boss", Role::kAdmin);
  const Secret token = must(log_in("boss")).token;
  EXPECT_EQ(session_code(token), std::nullopt);
  must(accounts().set_password(command_principal(), "boss", Secret("bisiklet ve deniz"), {}));
  EXPECT_EQ(session_code(token), ErrorCode::kUnauthenticated);
  EXPECT_TRUE(log_in("boss", "bisiklet ve deniz"));
  EXPECT_EQ(code(accounts().set_password(command_principal(), "nobody", Secret("bisiklet ve"), {})),
            ErrorCode::kNotFound);
}

TEST_P(AccountsTest, ARoleThatChangesCountsAtOnce) {
  add("boss", Role::kAdmin);
  const User ayse = add("ayse", Role::kOperator);
  const Secret token = must(log_in("ayse")).token;
  EXPECT_TRUE(must(accounts().authenticate_session(token, {})).sees_all);
  must(accounts().change_user(command_principal(), ayse.id, {.role = Role::kViewer}, {}));
  const Principal who = must(accounts().authenticate_session(token, {}));
  EXPECT_FALSE(who.sees_all);
  EXPECT_FALSE(who.may(Permission::kWriteJobs));
  must(accounts().change_user(command_principal(), ayse.id, {.is_active = false}, {}));
  EXPECT_EQ(session_code(token), ErrorCode::kUnauthenticated);
  must(accounts().change_user(command_principal(), ayse.id, {.is_active = true}, {}));
  EXPECT_EQ(session_code(token), ErrorCode::kUnauthenticated) << "it stays ended";
}

TEST_P(AccountsTest, TheFirstUserIsAnAdministratorAndTheLastOneStays) {
  const auto first = accounts().create_user(
      command_principal(), {.login = "ayse", .password = Secret("kedi pencerede")}, {});
  EXPECT_EQ(code(first), ErrorCode::kConflict);
  const User boss = add("boss", Role::kAdmin);
  add("ayse", Role::kEditor);
  const auto change = [&](const UserChange& wanted) {
    return code(accounts().change_user(command_principal(), boss.id, wanted, {}));
  };
  EXPECT_EQ(change({.role = Role::kOperator}), ErrorCode::kConflict);
  EXPECT_EQ(change({.is_active = false}), ErrorCode::kConflict);
  EXPECT_EQ(code(accounts().delete_user(command_principal(), boss.id, {})), ErrorCode::kConflict);
  EXPECT_EQ(change({.display_name = "Patron"}), std::nullopt);
  add("second", Role::kAdmin);
  EXPECT_EQ(change({.role = Role::kOperator}), std::nullopt);
}

TEST_P(AccountsTest, TwoAdministratorsWhoRemoveEachOtherDoNotBothSucceed) {
  const User one = add("one", Role::kAdmin);
  const User two = add("two", Role::kAdmin);
  for (int round = 0; round < 5; ++round) {
    std::atomic<int> removed = 0;
    {
      const auto remove = [&](const std::string& id) {
        if (accounts().change_user(command_principal(), id, {.role = Role::kViewer}, {})) ++removed;
      };
      const std::jthread first([&] { remove(one.id); });
      const std::jthread second([&] { remove(two.id); });
    }
    EXPECT_EQ(removed, 1);
    must(accounts().change_user(command_principal(), one.id, {.role = Role::kAdmin}, {}));
    must(accounts().change_user(command_principal(), two.id, {.role = Role::kAdmin}, {}));
  }
}

TEST_P(AccountsTest, UsersAreCheckedListedAndDeleted) {
  add("boss", Role::kAdmin);
  const User ayse = add("ayse", Role::kViewer);
  const auto create = [&](const UserRequest& request) {
    return code(accounts().create_user(command_principal(), request, {}));
  };
  const Secret good("kedi pencerede");
  EXPECT_EQ(create({.login = "AYSE", .password = good}), ErrorCode::kConflict);
  EXPECT_EQ(create({.login = "", .password = good}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(create({.login = "a b", .password = good}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(create({.login = "ayşe", .password = good}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(create({.login = "kp_x", .password = good}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(create({.login = "x", .password = Secret("short")}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(create({.login = "x", .password = good, .display_name = "a\nb"}),
            ErrorCode::kInvalidArgument);
  const auto users = must(accounts().list_users(command_principal(), "", 10, {}));
  ASSERT_EQ(users.size(), 2U);
  EXPECT_EQ(users[0].login, "ayse");
  EXPECT_EQ(must(accounts().list_users(command_principal(), "ayse", 10, {})).size(), 1U);
  must(accounts().delete_user(command_principal(), "ayse", {}));
  EXPECT_EQ(code(accounts().find_user(command_principal(), ayse.id, {})), ErrorCode::kNotFound);
  EXPECT_EQ(code(accounts().delete_user(command_principal(), "ayse", {})), ErrorCode::kNotFound);
}

TEST_P(AccountsTest, WhoeverGetsTheLoginOfADeletedUserInheritsNothing) {
  add("boss", Role::kAdmin);
  const User ayse = add("ayse", Role::kEditor);
  const NewKey key = make_key(principal("ayse"), {"jobs:read"});
  const std::string job_id = queue().new_id();
  {
    const store::PooledConnection sql = must(pool().acquire({}));
    store::NewJob job{.id = job_id, .job_id = "job_" + job_id};
    job.submitted_by = "ayse";
    job.created_at = queue().now();
    must(store::insert_job(*sql, job));
  }
  must(accounts().delete_user(command_principal(), "ayse", {}));
  add("ayse", Role::kEditor);
  const store::PooledConnection sql = must(pool().acquire({}));
  EXPECT_EQ(must(store::find_job(*sql, job_id))->submitted_by, "ayse#" + ayse.id);
  EXPECT_TRUE(must(accounts().list_keys(principal("ayse"), "", 10, {})).empty());
  EXPECT_EQ(must(accounts().find_key(command_principal(), key.key.id, {})).owner,
            "ayse#" + ayse.id);
}

TEST_P(AccountsTest, WhatAKeyMadeEndsWithIt) {
  add("boss", Role::kAdmin);
  add("ayse", Role::kEditor);
  const Principal user = principal("ayse");
  const NewKey key = make_key(user, {"transcribe"});
  const Principal program = must(authenticate(key.secret));
  EXPECT_TRUE(must(accounts().still_works(user, {})));
  EXPECT_TRUE(must(accounts().still_works(program, {})));
  EXPECT_FALSE(must(accounts().still_works(open_principal(), {}))) << "it was open once";
  must(accounts().revoke_key(user, key.key.id, {}));
  EXPECT_FALSE(must(accounts().still_works(program, {})));
  must(accounts().change_user(command_principal(), "ayse", {.is_active = false}, {}));
  EXPECT_FALSE(must(accounts().still_works(user, {})));
}

TEST_P(AccountsTest, OnlyAdministratorsManageUsers) {
  add("boss", Role::kAdmin);
  add("op", Role::kOperator);
  const Principal who = principal("op");
  const auto denied = ErrorCode::kPermissionDenied;
  EXPECT_EQ(
      code(accounts().create_user(who, {.login = "x", .password = Secret("kedi pencerede")}, {})),
      denied);
  EXPECT_EQ(code(accounts().list_users(who, "", 10, {})), denied);
  EXPECT_EQ(code(accounts().find_user(who, "boss", {})), denied);
  EXPECT_EQ(code(accounts().change_user(who, "op", {.role = Role::kAdmin}, {})), denied);
  EXPECT_EQ(code(accounts().set_password(who, "boss", Secret("bisiklet ve"), {})), denied);
  EXPECT_EQ(code(accounts().delete_user(who, "boss", {})), denied);
}

TEST_P(AccountsTest, KnowsWhetherAnybodyCanAdminister) {
  EXPECT_FALSE(must(accounts().has_administrator({})));
  make_key(command_principal(), {"operate"});
  EXPECT_FALSE(must(accounts().has_administrator({})));
  const NewKey key = make_key(command_principal(), {"admin"});
  EXPECT_TRUE(must(accounts().has_administrator({})));
  must(accounts().revoke_key(command_principal(), key.key.id, {}));
  EXPECT_FALSE(must(accounts().has_administrator({})));
  add("boss", Role::kAdmin);
  EXPECT_TRUE(must(accounts().has_administrator({})));
}

TEST_P(AccountsTest, OldSessionsGiveWayToNewOnes) {
  add("boss", Role::kAdmin);
  const Secret first = must(log_in("boss")).token;
  for (int i = 0; i < 100; ++i) {
    clock().advance(1ms);
    must(log_in("boss"));
  }
  EXPECT_EQ(session_code(first), ErrorCode::kUnauthenticated);
}

TEST(AccountsOptions, AreChecked) {
  EXPECT_TRUE(AccountsOptions{}.validate());
  EXPECT_FALSE((AccountsOptions{.hash_concurrency = 0}).validate());
  EXPECT_FALSE((AccountsOptions{.session_idle = 0min}).validate());
}

}  // namespace
}  // namespace katip::app
