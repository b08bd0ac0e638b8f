#include "http/wire/tus_headers.h"

#include <gtest/gtest.h>

namespace katip::http {
namespace {

TEST(TusHeaders, ACountIsAWholeNumberFromZero) {
  EXPECT_EQ(tus_count("0"), 0);
  EXPECT_EQ(tus_count("9223372036854775807"), INT64_MAX);
  for (const char* bad : {"", "-1", "1.5", " 1", "1 ", "+1", "0x10", "9223372036854775808"}) {
    EXPECT_FALSE(tus_count(bad)) << bad;
  }
}

TEST(TusHeaders, MetadataAreNamesWithValuesInBase64) {
  EXPECT_TRUE(tus_metadata("")->empty());
  const auto metadata = tus_metadata("filename dGFsay5tcDQ=, filetype dmlkZW8vbXA0,is_draft");
  ASSERT_TRUE(metadata);
  EXPECT_EQ(*metadata,
            (TusMetadata{{"filename", "talk.mp4"}, {"filetype", "video/mp4"}, {"is_draft", ""}}));
  for (const char* bad : {"filename dGF$", ",", "a YQ==,",
                          "a YQ==,a Yg==", " ,a YQ==", "a\xC4\xB1 YQ==", "a\tYQ=="}) {
    EXPECT_EQ(tus_metadata(bad).has_value(), std::string_view(bad) == "a YQ==,") << bad;
  }
}

TEST(TusHeaders, AChecksumIsAnAlgorithmAndASum) {
  const auto checksum = tus_checksum("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=");
  ASSERT_TRUE(checksum);
  EXPECT_EQ(checksum->algorithm, "sha1");
  EXPECT_EQ(checksum->sum.size(), 20U);
  for (const char* bad : {"", "sha1", "sha1 ", " Kq5s", "sha1 K$"}) {
    EXPECT_FALSE(tus_checksum(bad)) << bad;
  }
}

TEST(TusHeaders, AnUploadIsWholeAPartOrMadeOfParts) {
  EXPECT_EQ(tus_concat("")->part, TusPart::kWhole);
  EXPECT_EQ(tus_concat("partial")->part, TusPart::kPartial);
  const auto final = tus_concat("final;/api/v1/uploads/a https://host/x/b  c");
  ASSERT_TRUE(final);
  EXPECT_EQ(final->part, TusPart::kFinal);
  EXPECT_EQ(final->ids, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(tus_concat("final;")->ids.empty());
  EXPECT_FALSE(tus_concat("Partial"));
  EXPECT_FALSE(tus_concat("final"));
  EXPECT_FALSE(tus_concat("final;/x\xFF/a"));
}

}  // namespace
}  // namespace katip::http
