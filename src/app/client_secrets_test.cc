#include "app/client_secrets.h"

#include <gtest/gtest.h>

#include "base/manual_clock.h"

namespace katip::app {
namespace {

TEST(ClientSecretsTest, AreGoodForTheirTimeAndForOneThing) {
  ManualClock clock;
  ClientSecrets secrets(clock, system_rng());
  const auto secret = secrets.create({.kind = PrincipalKind::kUser,
                                      .id = "u",
                                      .owner = "ada",
                                      .permissions = all_permissions(),
                                      .sees_all = true},
                                     "{}", std::chrono::seconds(60));
  ASSERT_TRUE(secret);
  EXPECT_TRUE(secret->starts_with("ek_"));
  const auto found = secrets.find(*secret);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->principal.owner, "ada");
  EXPECT_TRUE(found->principal.may(Permission::kTranscribe));
  EXPECT_FALSE(found->principal.may(Permission::kReadJobs));
  EXPECT_FALSE(found->principal.sees_all);
  EXPECT_FALSE(secrets.find(*secret + "x"));
  EXPECT_FALSE(secrets.find(""));
  EXPECT_NE(secrets.create({}, "{}", std::chrono::seconds(60)), secret);
  clock.advance(std::chrono::seconds(60));
  EXPECT_FALSE(secrets.find(*secret));
}

}  // namespace
}  // namespace katip::app
