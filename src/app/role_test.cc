#include "app/role.h"

#include <gmock/gmock.h>

namespace katip::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr Role kRoles[] = {Role::kViewer, Role::kEditor, Role::kOperator, Role::kAdmin};

TEST(Role, EachMayWhatThoseBeforeItMay) {
  for (std::size_t i = 1; i < std::size(kRoles); ++i) {
    const Permissions less = permissions_of(kRoles[i - 1]);
    const Permissions more = permissions_of(kRoles[i]);
    EXPECT_EQ(less & more, less);
    EXPECT_NE(less, more);
  }
  EXPECT_EQ(permissions_of(Role::kAdmin), all_permissions());
}

TEST(Role, ItsNameIsReadBack) {
  for (const Role role : kRoles) EXPECT_EQ(parse_role(name(role)), role);
  EXPECT_EQ(parse_role("root"), std::nullopt);
}

TEST(Role, OnlyOperatorsAndAdministratorsSeeTheRecordsOfOthers) {
  EXPECT_FALSE(sees_all(permissions_of(Role::kEditor)));
  EXPECT_TRUE(sees_all(permissions_of(Role::kOperator)));
  EXPECT_FALSE(
      permissions_of(Role::kOperator).test(static_cast<std::size_t>(Permission::kAdminister)));
}

TEST(Scopes, AreNamesOfPermissionsOrAll) {
  const auto some = parse_scopes({"jobs:read", "transcribe"});
  ASSERT_TRUE(some);
  EXPECT_THAT(scope_names(*some), ElementsAre("transcribe", "jobs:read"));
  EXPECT_EQ(parse_scopes({"all"}), all_permissions());
  EXPECT_THAT(scope_names(all_permissions()), ElementsAre("all"));
}

TEST(Scopes, ThatAreNoneAreExplained) {
  const auto slip = parse_scopes({"jobs:reed"});
  ASSERT_FALSE(slip);
  EXPECT_THAT(slip.error().message, HasSubstr("Did you mean `jobs:read`?"));
  EXPECT_FALSE(parse_scopes({}));
  EXPECT_FALSE(parse_scopes({""}));
}

}  // namespace
}  // namespace katip::app
