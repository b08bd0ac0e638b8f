#include "app/models/manifest.h"

#include <gtest/gtest.h>

namespace katip::app {
namespace {

const std::string kSum(64, 'a');

TEST(Manifest, ReadsWhatItWrites) {
  const Manifest manifest{
      .model = "base",
      .installed_at = "2026-03-01T12:00:00Z",
      .sources = {{.kind = "pypi", .name = "p", .revision = "1.0.0", .sha256 = kSum}},
      .files = {{.name = "model.bin", .size = 5'000'000'000, .sha256 = kSum}}};
  const auto read = parse_manifest(to_json(manifest));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->model, "base");
  EXPECT_EQ(read->sources.at(0).revision, "1.0.0");
  EXPECT_EQ(read->files.at(0).name, "model.bin");
  EXPECT_EQ(read->files.at(0).size, 5'000'000'000);
  EXPECT_EQ(read->files.at(0).sha256, kSum);
}

TEST(Manifest, RefusesEverythingElse) {
  const auto with_file = [&](const std::string& file) {
    return "{\"format\":1,\"files\":[" + file + "]}";
  };
  const std::string sum = "\"sha256\":\"" + kSum + "\"";
  ASSERT_TRUE(parse_manifest(with_file("{\"name\":\"a\",\"size\":1," + sum + "}")));
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string("{}"), std::string("{\"format\":2}"),
        with_file(""), with_file("3"), with_file("{\"name\":\"../a\",\"size\":1," + sum + "}"),
        with_file("{\"name\":\"\",\"size\":1," + sum + "}"),
        with_file("{\"name\":\"..\",\"size\":1," + sum + "}"),
        with_file("{\"name\":\"a\",\"size\":-1," + sum + "}"),
        with_file("{\"name\":\"a\",\"size\":\"1\"," + sum + "}"),
        with_file("{\"name\":\"a\",\"size\":1,\"sha256\":\"abc\"}")}) {
    const auto manifest = parse_manifest(text);
    ASSERT_FALSE(manifest) << text;
    EXPECT_EQ(manifest.error().code, ErrorCode::kCorruptData);
  }
}

TEST(Manifest, AFolderWithoutOneIsNoError) {
  const auto manifest = read_manifest("/nonexistent");
  ASSERT_TRUE(manifest);
  EXPECT_FALSE(manifest->has_value());
}

}  // namespace
}  // namespace katip::app
