#include "app/principal.h"

#include <gtest/gtest.h>

namespace katip::app {
namespace {

TEST(Principal, EveryPermissionHasANameThatIsReadBack) {
  for (int i = 0; i < kPermissionCount; ++i) {
    const auto permission = static_cast<Permission>(i);
    EXPECT_EQ(parse_permission(name(permission)), permission);
  }
  EXPECT_EQ(parse_permission("all"), std::nullopt);
  EXPECT_EQ(parse_permission(""), std::nullopt);
}

TEST(Principal, SeesItsOwnRecordsAndThoseOfOthersOnlyWhenAllowedTo) {
  Principal editor{.kind = PrincipalKind::kUser, .owner = "ayse"};
  EXPECT_TRUE(editor.sees("ayse"));
  EXPECT_FALSE(editor.sees("mehmet"));
  EXPECT_FALSE(editor.sees(""));
  editor.sees_all = true;
  EXPECT_TRUE(editor.sees("mehmet"));
}

TEST(Principal, MayDoWhatItsPermissionsSayAndNothingElse) {
  const Principal key{.permissions = permissions_of(Permission::kTranscribe)};
  EXPECT_TRUE(key.may(Permission::kTranscribe));
  EXPECT_FALSE(key.may(Permission::kAdminister));
  EXPECT_TRUE((Principal{.permissions = all_permissions()}).may(Permission::kAdminister));
}

}  // namespace
}  // namespace katip::app
