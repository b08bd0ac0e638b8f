#include "http/routes/known_speakers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::http {
namespace {

using Texts = std::vector<std::string>;

constexpr const char* kUrl = "data:audio/wav;base64,UklGRg==";

/// The field that is refused; empty when none is.
std::string refused(const Texts& names, const Texts& references) {
  const auto speakers = parse_known_speakers(names, references);
  return speakers ? "" : speakers.error().parameter;
}

TEST(KnownSpeakersTest, EachHasANameAndAVoice) {
  const Texts names = {"customer", "Ay\xC5\x9F\x65"};
  const Texts references = {kUrl, "DATA:;BASE64,AAEC"};
  const auto speakers = parse_known_speakers(names, references);
  ASSERT_TRUE(speakers) << speakers.error().message;
  ASSERT_EQ(speakers->size(), 2U);
  EXPECT_EQ(speakers->at(0).name, "customer");
  EXPECT_EQ(speakers->at(0).voice, "RIFF");
  EXPECT_EQ(speakers->at(1).voice, std::string("\0\1\2", 3));
  EXPECT_EQ(refused({}, {}), "");
}

TEST(KnownSpeakersTest, ThereAreFourAtMost) {
  Texts names = {"a", "b", "c", "d"};
  Texts references(4, kUrl);
  EXPECT_EQ(refused(names, references), "");
  names.emplace_back("e");
  EXPECT_EQ(refused(names, references), "known_speaker_names");
  references.emplace_back(kUrl);
  EXPECT_EQ(refused({"a"}, references), "known_speaker_references");
}

TEST(KnownSpeakersTest, NobodyIsWithoutAVoiceOrAName) {
  EXPECT_EQ(refused({"a", "b"}, {kUrl}), "known_speaker_references");
  EXPECT_EQ(refused({"a"}, {}), "known_speaker_references");
  EXPECT_EQ(refused({}, {kUrl}), "known_speaker_references");
  EXPECT_EQ(refused({"a", "a"}, {kUrl, kUrl}), "known_speaker_names");
  EXPECT_EQ(refused({std::string(65, 'a')}, {kUrl}), "known_speaker_names");
  std::string letters;
  for (int i = 0; i < 64; ++i) letters += "\xC5\x9F";
  EXPECT_EQ(refused({letters}, {kUrl}), "") << "characters count, not bytes";
}

TEST(KnownSpeakersTest, AVoiceIsADataUrlInBase64) {
  for (const char* bad :
       {"", "data:", "data:,", "data:base64,UklGRg==", "data:audio/wav,RIFF",
        "data:audio/wav;base64,", "data:audio/wav;base64,UklGRg", "data:audio/wav;base64,%%%%",
        "UklGRg==", "https://example.com/voice.wav", "/etc/passwd", "file:///etc/passwd"}) {
    EXPECT_EQ(refused({"a"}, {bad}), "known_speaker_references") << bad;
  }
}

}  // namespace
}  // namespace katip::http
