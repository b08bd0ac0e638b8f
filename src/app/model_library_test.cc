#include "app/model_library.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "app/models/manifest.h"
#include "base/atomic_file.h"
#include "base/sha256.h"
#include "base/testing/temporary_folder.h"

namespace katip::app {
namespace {

namespace fs = std::filesystem;

class ModelLibraryTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(root_ / "own");
    fs::create_directories(root_ / "shared");
    places_.folders = {root_ / "own", root_ / "shared"};
  }

  fs::path add(const fs::path& place, const std::string& name, bool with_manifest) {
    const fs::path folder = root_ / place / name;
    fs::create_directories(folder);
    EXPECT_TRUE(write_file_atomically(folder / "config.json", "{}"));
    if (with_manifest) {
      Sha256 sum;
      sum.update("{}");
      const Manifest manifest{
          .model = name,
          .installed_at = "2026-03-01T12:00:00Z",
          .files = {{.name = "config.json", .size = 2, .sha256 = sum.finish()}}};
      EXPECT_TRUE(write_file_atomically(folder / kManifestName, to_json(manifest)));
    }
    return folder;
  }
  Trust trust(const std::string& name) {
    const auto verification = verify_model(places_, name, {}, {});
    EXPECT_TRUE(verification) << verification.error().message;
    return verification ? verification->trust : Trust::kUnchecked;
  }

  TemporaryFolder temporary_;
  const fs::path root_ = temporary_.path();
  ModelPlaces places_;
};

TEST_F(ModelLibraryTest, FindsByNameInTheStrongestPlaceAndByPath) {
  const fs::path shared = add("shared", "base", false);
  EXPECT_EQ(find_model(places_, "base"), shared);
  const fs::path own = add("own", "base", false);
  EXPECT_EQ(find_model(places_, "base"), own);
  EXPECT_EQ(find_model(places_, shared.string()), shared);
}

TEST_F(ModelLibraryTest, SaysWhatToRunForAModelThatIsNotInstalled) {
  const auto known = find_model(places_, "small");
  ASSERT_FALSE(known);
  EXPECT_EQ(known.error().code, ErrorCode::kNotFound);
  EXPECT_NE(known.error().message.find("katip models pull small"), std::string::npos);
  EXPECT_NE(find_model(places_, "smal").error().message.find("Did you mean `small`?"),
            std::string::npos);
}

TEST_F(ModelLibraryTest, ListsEachNameOnceAndPassesOverOtherFolders) {
  add("own", "base", false);
  add("shared", "base", false);
  add("shared", ".incoming-small", false);
  fs::create_directories(root_ / "shared" / "photos");
  const auto models = list_models(places_);
  ASSERT_EQ(models.size(), 1u);
  EXPECT_EQ(models[0].folder, root_ / "own" / "base");
  ASSERT_TRUE(models[0].info.has_value());
  EXPECT_FALSE(models[0].info->has_value()) << "an empty config.json is not a model";
}

TEST_F(ModelLibraryTest, VerifiesAgainstTheManifest) {
  const fs::path folder = add("own", "mine", true);
  EXPECT_EQ(trust("mine"), Trust::kVerified);
  ASSERT_TRUE(write_file_atomically(folder / "config.json", "[]"));
  EXPECT_EQ(trust("mine"), Trust::kDamaged);
  fs::remove(folder / "config.json");
  EXPECT_EQ(trust("mine"), Trust::kDamaged);
  ASSERT_TRUE(write_file_atomically(folder / kManifestName, "nonsense"));
  EXPECT_EQ(trust("mine"), Trust::kDamaged);
}

TEST_F(ModelLibraryTest, DoesNotJudgeWhatItKnowsNothingAbout) {
  add("own", "mine", false);
  EXPECT_EQ(trust("mine"), Trust::kUnknown);
  add("own", "base", false);
  EXPECT_EQ(trust("base"), Trust::kUnknown) << "another base model is not a damaged one";
}

TEST_F(ModelLibraryTest, RemovesOnlyItsOwn) {
  const fs::path own = add("own", "mine", true);
  add("shared", "theirs", true);
  EXPECT_EQ(remove_model(places_, "theirs").error().code, ErrorCode::kConflict);
  EXPECT_EQ(remove_model(places_, "none").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(remove_model(places_, "..").error().code, ErrorCode::kInvalidArgument);
  fs::create_directories(root_ / "own" / "photos");
  EXPECT_EQ(remove_model(places_, "photos").error().code, ErrorCode::kConflict);
  fs::create_directory_symlink(own, root_ / "own" / "link");
  EXPECT_EQ(remove_model(places_, "link").error().code, ErrorCode::kConflict);
  ASSERT_TRUE(remove_model(places_, "mine"));
  EXPECT_FALSE(fs::exists(own));
}

}  // namespace
}  // namespace katip::app
