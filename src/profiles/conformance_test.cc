#include <filesystem>
#include <functional>
#include <memory>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/temporary_folder.h"
#include "profiles/file_profiles.h"
#include "profiles/profile_store.h"

/// Every backend of ProfileStore passes these tests: a new one adds itself to the list at the end.
namespace katip::profiles {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Backend {
  const char* name;
  std::function<std::unique_ptr<ProfileStore>(const TemporaryFolder&)> make;
};

class ProfilesConformance : public ::testing::TestWithParam<Backend> {
 protected:
  ProfileStore& profiles() { return *profiles_; }
  std::string document(std::string_view name) {
    const auto profile = profiles().get(name);
    return profile && *profile ? (*profile)->document : "";
  }

  TemporaryFolder folder_;
  std::unique_ptr<ProfileStore> profiles_ = GetParam().make(folder_);
};

TEST_P(ProfilesConformance, ADocumentComesBack) {
  EXPECT_EQ(profiles().get("ayse").value(), std::nullopt);
  const auto put = profiles().put({"ayse", R"({ "name": "Ayşe", "n": [1, 2.5, null] })"}, {});
  ASSERT_TRUE(put) << put.error().message;
  EXPECT_EQ(document("ayse"), R"({"name":"Ayşe","n":[1,2.5E0,null]})");
  EXPECT_EQ(profiles().get("ayse").value()->version, put->version);
  EXPECT_TRUE(profiles().remove("ayse").value());
  EXPECT_FALSE(profiles().remove("ayse").value());
}

TEST_P(ProfilesConformance, FieldsByTheirPaths) {
  ASSERT_TRUE(profiles().put({"p", R"({"a":{"b":1,"c":2},"d":3})"}, {}));
  ASSERT_TRUE(profiles().update("p",
                                {.set = {{"a.b", "\"x\""}, {"e.f.g", "{}"}, {"d", "null"}},
                                 .remove = {"a.c", "not.there", "d.deeper"}},
                                {}));
  EXPECT_EQ(document("p"), R"({"a":{"b":"x"},"d":null,"e":{"f":{"g":{}}}})");
  EXPECT_EQ(profiles().update("none", {.set = {{"a", "1"}}}, {}).error().code,
            ErrorCode::kNotFound);
  const auto invalid = ErrorCode::kInvalidArgument;
  for (const char* path : {"", ".", "a.", ".a", "a..b", "a.b.c"}) {
    EXPECT_EQ(profiles().update("p", {.set = {{path, "1"}}}, {}).error().code, invalid) << path;
  }
  EXPECT_EQ(profiles().update("p", {.set = {{"a", "{"}}}, {}).error().code, invalid);
  EXPECT_EQ(document("p"), R"({"a":{"b":"x"},"d":null,"e":{"f":{"g":{}}}})") << "as it was";
}

TEST_P(ProfilesConformance, AVersionDecidesBetweenTwo) {
  EXPECT_EQ(profiles().put({"p", "{}"}, "other").error().code, ErrorCode::kConflict);
  const std::string first = profiles().put({"p", R"({"a":1})"}, "").value().version;
  EXPECT_EQ(profiles().put({"p", "{}"}, "").error().code, ErrorCode::kConflict) << "it is there";
  const std::string second = profiles().update("p", {.set = {{"a", "2"}}}, first).value().version;
  EXPECT_NE(first, second);
  EXPECT_EQ(profiles().update("p", {.set = {{"a", "3"}}}, first).error().code,
            ErrorCode::kConflict);
  EXPECT_EQ(document("p"), R"({"a":2})");
}

TEST_P(ProfilesConformance, ChangesOfManyAtOnceAreNotLost) {
  ASSERT_TRUE(profiles().put({"p", "{}"}, {}));
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&, thread] {
        for (int i = 0; i < 20; ++i) {
          const std::string path = "t" + std::to_string(thread) + ".f" + std::to_string(i);
          EXPECT_TRUE(profiles().update("p", {.set = {{path, "1"}}}, {}));
        }
      });
    }
  }
  const std::string text = document("p");
  EXPECT_EQ(std::ranges::count(text, ':'), 4 + 4 * 20);
}

TEST_P(ProfilesConformance, NoNameLeadsAnywhere) {
  for (const std::string& name :
       {std::string(), std::string("."), std::string(".."), std::string("../x"), std::string("a/b"),
        std::string("/etc/passwd"), std::string("a\\b"), std::string(".hidden"), std::string("-a"),
        std::string("a\0b", 3), std::string("a b"), std::string("ş"), std::string(129, 'a')}) {
    const auto invalid = ErrorCode::kInvalidArgument;
    EXPECT_EQ(profiles().get(name).error().code, invalid) << name;
    EXPECT_EQ(profiles().put({name, "{}"}, {}).error().code, invalid);
    EXPECT_EQ(profiles().update(name, {}, {}).error().code, invalid);
    EXPECT_EQ(profiles().remove(name).error().code, invalid);
    EXPECT_EQ(profiles().put_many(std::vector<NewProfile>{{name, "{}"}}).error().code, invalid);
  }
  for (const char* name : {"a", "ayse@example.org", "A-1_b.c", "0"}) {
    EXPECT_TRUE(profiles().put({name, "{}"}, {})) << name;
  }
}

TEST_P(ProfilesConformance, WhatIsNoDocumentIsRefused) {
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string("5"), std::string("{"),
        std::string("{\"\xFF\":1}"), R"({"a":")" + std::string(1 << 20, 'x') + "\"}",
        std::string(100, '[')}) {
    EXPECT_EQ(profiles().put({"p", text}, {}).error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_EQ(profiles().get("p").value(), std::nullopt);
}

TEST_P(ProfilesConformance, ManyAtOnceAndInPages) {
  const std::vector<NewProfile> many = {{"b1", "{}"}, {"a1", "{}"}, {"b3", "{}"}, {"b2", "{}"}};
  EXPECT_EQ(profiles().put_many(many).value(), 4);
  EXPECT_THAT(profiles().list("", "", 100).value(), ElementsAre("a1", "b1", "b2", "b3"));
  EXPECT_THAT(profiles().list("b", "", 2).value(), ElementsAre("b1", "b2"));
  EXPECT_THAT(profiles().list("b", "b2", 2).value(), ElementsAre("b3"));
  EXPECT_FALSE(profiles().list("", "", 0));
  const std::vector<NewProfile> wrong = {{"good", "{}"}, {"wrong", "5"}};
  const auto result = profiles().put_many(wrong);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("wrong"));
  EXPECT_EQ(profiles().get("good").value(), std::nullopt) << "checked before anything is written";
  EXPECT_FALSE(profiles().put_many(std::vector<NewProfile>(1'001, {"a", "{}"})));
}

INSTANTIATE_TEST_SUITE_P(All, ProfilesConformance,
                         ::testing::Values(Backend{
                             "Files",
                             [](const TemporaryFolder& folder) {
                               return std::unique_ptr<ProfileStore>(
                                   FileProfiles::open(folder.path() / "new").value());
                             }}),
                         [](const auto& info) { return info.param.name; });

TEST(FileProfilesTest, WhatOthersPutThereIsSaidOrPassedOver) {
  const TemporaryFolder folder;
  const auto profiles = FileProfiles::open(folder.path()).value();
  ASSERT_TRUE(profiles->put({"a", "{}"}, {}));
  std::filesystem::create_symlink("/etc/hostname", folder.path() / ".secret.json");
  std::filesystem::rename(folder.path() / "a.json", folder.path() / "b.json.part");
  EXPECT_TRUE(profiles->list("", "", 10).value().empty());
  std::filesystem::create_symlink("/etc/hostname", folder.path() / "c.json");
  EXPECT_EQ(profiles->get("c").error().code, ErrorCode::kCorruptData);
}

}  // namespace
}  // namespace katip::profiles
