#include "base/sha256.h"

#include <fstream>

#include <gtest/gtest.h>

namespace katip {
namespace {

// The vectors of FIPS 180-4.
constexpr std::string_view kOfNothing =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr std::string_view kOfAbc =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Sha256, MatchesThePublishedVectors) {
  EXPECT_EQ(Sha256().finish(), kOfNothing);
  Sha256 whole;
  whole.update("abc");
  EXPECT_EQ(whole.finish(), kOfAbc);
  Sha256 pieces;
  pieces.update("a");
  pieces.update("");
  pieces.update("bc");
  EXPECT_EQ(pieces.finish(), kOfAbc);
}

TEST(Sha256OfFile, ReadsAWholeFile) {
  const auto path = std::filesystem::path(testing::TempDir()) / "katip_sha256_test";
  std::ofstream(path) << "abc";
  EXPECT_EQ(sha256_of_file(path), std::string(kOfAbc));
  std::filesystem::remove(path);
}

TEST(Sha256OfFile, NamesAFileThatIsNotThere) {
  const auto result = sha256_of_file("/nonexistent/file");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kNotFound);
  EXPECT_NE(result.error().message.find("/nonexistent/file"), std::string::npos);
}

TEST(Sha256OfFile, AFolderIsAnErrorAndNotAnEmptyFile) {
  EXPECT_FALSE(sha256_of_file(testing::TempDir()));
}

TEST(IsSha256, WantsSixtyFourLowerCaseDigits) {
  EXPECT_TRUE(is_sha256(kOfAbc));
  EXPECT_FALSE(is_sha256(kOfAbc.substr(1)));
  EXPECT_FALSE(is_sha256(std::string(64, 'G')));
}

}  // namespace
}  // namespace katip
