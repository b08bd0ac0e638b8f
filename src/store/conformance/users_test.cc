#include <gmock/gmock.h>

#include "store/conformance/schema_conformance.h"
#include "store/user_store.h"

namespace katip::store {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kNow = std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} + 12h;

std::string id_of(int number) {
  std::string digits = std::to_string(number);
  return "019a0000-0000-7000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

std::string hash_of(int number) { return std::string(60, 'a') + std::to_string(1'000 + number); }

class UsersConformance : public SchemaConformance {
 protected:
  void add(int number, const std::string& login, const std::string& role = "viewer") const {
    must(insert_user(sql(), {.id = id_of(number),
                             .login = login,
                             .display_name = "Kişi",
                             .password_hash = "$argon2id$1",
                             .role = role,
                             .created_at = kNow}));
  }
  void open(int number, int user, Timestamp at = kNow) const {
    must(insert_login_session(sql(), {.id = id_of(number),
                                      .user_id = id_of(user),
                                      .token_hash = hash_of(number),
                                      .ip = "127.0.0.1",
                                      .user_agent = "tarayıcı",
                                      .created_at = at,
                                      .expires_at = at + 24h}));
  }
  UserRecord get(int number) const { return *must(find_user(sql(), id_of(number))); }
  bool is_open(int number) const {
    return must(find_login_session(sql(), hash_of(number))).has_value();
  }
};
KATIP_CONFORMANCE(UsersConformance);

TEST_P(UsersConformance, EverythingComesBackAsItWasGiven) {
  add(1, "ayse", "admin");
  const UserRecord user = *must(find_user_by_login(sql(), "ayse"));
  EXPECT_EQ(user.id, id_of(1));
  EXPECT_EQ(user.display_name, "Kişi");
  EXPECT_EQ(user.password_hash, "$argon2id$1");
  EXPECT_EQ(user.role, "admin");
  EXPECT_TRUE(user.is_active);
  EXPECT_EQ(user.created_at, kNow);
  EXPECT_EQ(user.last_login_at, std::nullopt);
  EXPECT_EQ(must(find_user_by_login(sql(), "mehmet")), std::nullopt);
  EXPECT_EQ(must(find_user(sql(), "x")), std::nullopt);
  EXPECT_EQ(code(insert_user(sql(), user)), ErrorCode::kConflict);
}

TEST_P(UsersConformance, ListsByLogin) {
  add(1, "b.b");
  add(2, "a@x");
  add(3, "b-a");
  std::vector<std::string> logins;
  for (const UserRecord& user : must(list_users(sql(), "", 100))) logins.push_back(user.login);
  EXPECT_THAT(logins, ::testing::ElementsAre("a@x", "b-a", "b.b"));
  EXPECT_EQ(must(list_users(sql(), "b-a", 100)).size(), 1U);
}

TEST_P(UsersConformance, ChangesRolesPasswordsAndTimes) {
  add(1, "ayse", "admin");
  add(2, "mehmet", "admin");
  EXPECT_EQ(must(count_other_admins(sql(), id_of(1))), 1);
  UserRecord other = get(2);
  other.is_active = false;
  EXPECT_TRUE(must(change_user(sql(), other, kNow)));
  EXPECT_EQ(must(count_other_admins(sql(), id_of(1))), 0) << "who may not log in does not count";
  EXPECT_TRUE(must(set_password(sql(), id_of(1), "$argon2id$2", kNow + 1h)));
  must(set_last_login(sql(), id_of(1), kNow + 2h));
  EXPECT_EQ(get(1).password_hash, "$argon2id$2");
  EXPECT_EQ(get(1).password_changed_at, kNow + 1h);
  EXPECT_EQ(get(1).last_login_at, kNow + 2h);
  EXPECT_TRUE(must(delete_user(sql(), id_of(1))));
  EXPECT_FALSE(must(delete_user(sql(), id_of(1))));
  EXPECT_FALSE(must(set_password(sql(), id_of(1), "$argon2id$2", kNow)));
}

TEST_P(UsersConformance, ASessionIsFoundByItsTokenWithItsUser) {
  add(1, "ayse", "editor");
  open(11, 1);
  const SessionOfUser found = *must(find_login_session(sql(), hash_of(11)));
  EXPECT_EQ(found.session.id, id_of(11));
  EXPECT_EQ(found.session.user_id, id_of(1));
  EXPECT_EQ(found.session.created_at, kNow);
  EXPECT_EQ(found.session.expires_at, kNow + 24h);
  EXPECT_EQ(found.session.ip, "127.0.0.1");
  EXPECT_EQ(found.user.id, id_of(1));
  EXPECT_EQ(found.user.role, "editor");
  EXPECT_EQ(found.user.password_hash, "") << "nobody needs it here";
  EXPECT_FALSE(is_open(12));
}

TEST_P(UsersConformance, SessionsEndOneByOneOrTogether) {
  add(1, "ayse");
  add(2, "mehmet");
  for (int number = 11; number <= 15; ++number) open(number, 1, kNow + number * 1s);
  open(21, 2);
  EXPECT_FALSE(must(delete_login_session(sql(), id_of(11), id_of(2)))) << "not his";
  EXPECT_TRUE(must(delete_login_session(sql(), id_of(11), id_of(1))));
  EXPECT_TRUE(must(delete_login_session_of_token(sql(), hash_of(12))));
  must(keep_newest_login_sessions(sql(), id_of(1), 2));
  EXPECT_FALSE(is_open(13));
  EXPECT_TRUE(is_open(14));
  EXPECT_EQ(must(list_login_sessions(sql(), id_of(1))).front().id, id_of(15));
  EXPECT_EQ(must(delete_login_sessions_of(sql(), id_of(1), hash_of(15))), 1);
  EXPECT_EQ(must(delete_login_sessions_of(sql(), id_of(1), "")), 1);
  EXPECT_TRUE(is_open(21));
  EXPECT_TRUE(must(delete_user(sql(), id_of(2))));
  EXPECT_FALSE(is_open(21)) << "who is deleted is logged out";
}

TEST_P(UsersConformance, SessionsThatAreIdleOrOverGo) {
  add(1, "ayse");
  open(11, 1);
  open(12, 1);
  open(13, 1, kNow - 30h);
  const SessionTouch touches[] = {{id_of(11), kNow + 3h}, {id_of(11), kNow + 3h}};
  must(touch_login_sessions(sql(), touches));
  const SessionTouch old[] = {{id_of(11), kNow + 1h}};
  must(touch_login_sessions(sql(), old));
  EXPECT_EQ(must(find_login_session(sql(), hash_of(11)))->session.last_seen_at, kNow + 3h);
  EXPECT_EQ(must(prune_login_sessions(sql(), kNow, kNow - 48h)), 1);
  EXPECT_FALSE(is_open(13));
  EXPECT_EQ(must(prune_login_sessions(sql(), kNow, kNow + 2h)), 1);
  EXPECT_TRUE(is_open(11));
}

}  // namespace
}  // namespace katip::store
