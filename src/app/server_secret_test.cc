#include "app/server_secret.h"

#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "jobs/testing/queue_fixture.h"

namespace katip::app {
namespace {

class ServerSecretTest : public jobs::QueueFixture {
 protected:
  std::string secret(const char* name = "cursors") {
    return jobs::must(server_secret(pool(), system_rng(), name, {})).reveal();
  }
};
KATIP_ON_BOTH_DATABASES(ServerSecretTest);

TEST_P(ServerSecretTest, IsTheSameAtTheNextStartAndAnotherForEachUse) {
  const std::string first = secret();
  EXPECT_GE(first.size(), 43U);
  EXPECT_EQ(secret(), first);
  EXPECT_NE(secret("something else"), first);
}

TEST_P(ServerSecretTest, ServersThatStartTogetherAgree) {
  std::vector<std::string> seen(8);
  {
    std::vector<std::jthread> servers;
    for (std::string& mine : seen) servers.emplace_back([&] { mine = secret(); });
  }
  EXPECT_EQ(std::set(seen.begin(), seen.end()).size(), 1U);
  EXPECT_NE(seen.front(), "");
}

}  // namespace
}  // namespace katip::app
