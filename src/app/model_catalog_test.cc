#include "app/model_catalog.h"

#include <gtest/gtest.h>

#include "base/sha256.h"

namespace katip::app {
namespace {

TEST(ModelCatalog, EntriesAreWellFormed) {
  for (const CatalogEntry& entry : model_catalog()) {
    EXPECT_EQ(folder_of_model(entry.name), std::string(entry.name));
    EXPECT_TRUE(!entry.repository.empty() || !entry.packages.empty()) << entry.name;
    EXPECT_TRUE(entry.repository.empty() || parse_repository(entry.repository)) << entry.name;
    EXPECT_EQ(entry.packages.empty(), entry.files.empty()) << entry.name;
    for (const PackageSource& package : entry.packages) {
      EXPECT_TRUE(is_sha256(package.sha256)) << package.name;
    }
    for (const PinnedFile& file : entry.files) {
      EXPECT_TRUE(is_sha256(file.sha256)) << entry.name << " " << file.name;
    }
  }
}

TEST(ModelCatalog, KnowsAliases) {
  EXPECT_EQ(find_in_catalog("turbo")->name, "large-v3-turbo");
  EXPECT_EQ(find_in_catalog("large")->name, "large-v3");
  EXPECT_EQ(find_in_catalog("huge"), nullptr);
}

TEST(ParseRepository, ReadsOwnerNameAndRevision) {
  const auto plain = parse_repository("openai/whisper-tiny");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->repository, "openai/whisper-tiny");
  EXPECT_EQ(plain->revision, "main");
  EXPECT_EQ(parse_repository("a/b@v1.0")->revision, "v1.0");
}

TEST(ParseRepository, RefusesWhatCouldLeaveItsPlace) {
  for (const char* text : {"", "/", "a", "a/", "/b", "../b", "a/..", "a/b/c", "a/b@", "a/b@../x",
                           "a b/c", "a/b?x", "a/b#x", "a/b%2e", "-a/b", "a/b@-x", "ä/b"}) {
    EXPECT_FALSE(parse_repository(text)) << text;
  }
}

TEST(FolderOfModel, IsAlwaysOneNameInsideTheModelsFolder) {
  EXPECT_EQ(folder_of_model("turbo"), "large-v3-turbo");
  EXPECT_EQ(folder_of_model("owner/name"), "owner--name");
  EXPECT_EQ(folder_of_model("owner/name@v2"), "owner--name--v2");
  EXPECT_EQ(folder_of_model("my-model"), "my-model");
  for (const char* text : {"", ".", "..", "../base", "/etc", "a/../../b", ".hidden"}) {
    EXPECT_FALSE(folder_of_model(text)) << text;
  }
}

}  // namespace
}  // namespace katip::app
