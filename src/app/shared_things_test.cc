#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/profiles.h"
#include "app/shared_state.h"
#include "base/manual_clock.h"
#include "base/testing/temporary_folder.h"
#include "profiles/file_profiles.h"
#include "state/memory_state.h"

namespace katip::app {
namespace {

using namespace std::chrono_literals;

Principal person(const std::string& owner) {
  return {.owner = owner, .permissions = permissions_of(Permission::kReadJobs)};
}

TEST(SharedState, EveryOwnerHasKeysOfTheirOwn) {
  ManualClock clock;
  state::MemoryState store(clock);
  SharedState state(store);
  ASSERT_TRUE(state.set(person("ayşe"), "k", "1", {}));
  EXPECT_EQ(state.get(person("ali"), "k").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(state.add(person("ali"), "k", 5, {}).value(), 5);
  EXPECT_TRUE(state.start_cooldown(person("ayşe"), "c", 1s)->is_started);
  EXPECT_TRUE(state.start_cooldown(person("ali"), "c", 1s)->is_started);
  EXPECT_EQ(state.list(person("ayşe"), "", "", 10)->keys.size(), 2U);
  const auto page = state.list(person("ayşe"), "", "", 1).value();
  EXPECT_EQ(page.keys.at(0).key, "c");
  EXPECT_EQ(state.list(person("ayşe"), "", *page.next_after, 1)->keys.at(0).key, "k");
  ASSERT_TRUE(state.remove(person("ayşe"), "k"));
  EXPECT_EQ(state.remove(person("ayşe"), "k").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(state.get(person("ali"), "k")->value, "5");
  EXPECT_EQ(state.set(person("a"), "", "1", {}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_FALSE(state.set(person("a"), std::string(496, 'x'), "1", {}));
}

TEST(Profiles, OperatorsWriteAndOthersRead) {
  const TemporaryFolder folder;
  const auto store = profiles::FileProfiles::open(folder.path()).value();
  Profiles profiles(*store);
  Principal writer = person("op");
  writer.permissions |= permissions_of(Permission::kOperate);
  const auto denied = ErrorCode::kPermissionDenied;
  EXPECT_EQ(profiles.put(person("a"), {"p", "{}"}, {}).error().code, denied);
  ASSERT_TRUE(profiles.put(writer, {"p", "{}"}, {}));
  EXPECT_EQ(profiles.get(person("a"), "p")->document, "{}");
  EXPECT_EQ(profiles.get(person("a"), "none").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(profiles.get({}, "p").error().code, denied);
  EXPECT_EQ(profiles.update(person("a"), "p", {}, {}).error().code, denied);
  EXPECT_EQ(profiles.remove(person("a"), "p").error().code, denied);
  EXPECT_EQ(profiles.put_many(person("a"), {}).error().code, denied);
  ASSERT_TRUE(profiles.put(writer, {"q", "{}"}, {}));
  EXPECT_EQ(profiles.list(person("a"), "", "", 1)->next_after, "p");
  ASSERT_TRUE(profiles.remove(writer, "p"));
  EXPECT_EQ(profiles.remove(writer, "p").error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace katip::app
