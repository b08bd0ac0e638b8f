#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "audio/integration/audio_testing.h"

// Files that are empty, cut, lying or garbled. A decoder that dies, an answer that takes for ever
// and sound beyond what a file can hold are failures; a clear error and a warning are not.
namespace katip::audio {
namespace {

DecodeOptions impatient() {
  DecodeOptions options = test_options();
  options.idle_ms_max = 20'000;
  options.duration_ms_max = 60'000;
  return options;
}

/// How many files are cut or garbled; KATIP_FAULT_COUNT asks for more.
int fault_count() {
  const char* wanted = std::getenv("KATIP_FAULT_COUNT");
  return wanted == nullptr ? 60 : std::atoi(wanted);
}

/// One real file of each container, and made-up ones, so that some are always there.
std::map<std::string, Bytes> samples() {
  const auto tone = make_tone({.seconds = 2});
  std::map<std::string, Bytes> files{{"made.wav", make_wav(tone, 16'000, 1, WavSamples::kS16)},
                                     {"made.aiff", make_aiff(tone, 16'000, 1)},
                                     {"made.amr", make_amr(100)},
                                     {"made.flac", make_silent_flac(40)}};
  if (recordings()) {
    for (const char* name : {"jfk.flac", "jfk.mp3", "jfk_aac.m4a", "jfk_opus.ogg", "jfk_opus.webm",
                             "jfk_vorbis.ogg", "jfk_video.mp4"}) {
      files[name] = read_bytes(*recordings() / name);
    }
  }
  return files;
}

/// Errors that say "the file", not "the decoder died" or "we are broken".
void expect_clean(const Decoded& decoded, const std::string& what) {
  if (decoded.error) {
    EXPECT_TRUE(decoded.error->code == ErrorCode::kInvalidArgument ||
                decoded.error->code == ErrorCode::kTooLarge)
        << what << ": " << decoded.error->message;
    EXPECT_FALSE(decoded.error->message.empty());
  }
  for (const float sample : decoded.pcm) {
    ASSERT_TRUE(sample >= -1.0f && sample <= 1.0f) << what;
  }
}

struct BrokenFile {
  const char* name;
  const char* message;
};

class Broken : public testing::TestWithParam<BrokenFile> {};

TEST_P(Broken, SaysWhatIsWrong) {
  KATIP_NEEDS_RECORDINGS();
  const Decoded decoded = decode(*recordings() / GetParam().name, impatient());
  ASSERT_TRUE(decoded.error.has_value());
  EXPECT_EQ(decoded.error->code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(decoded.error->message.starts_with(GetParam().name)) << decoded.error->message;
  EXPECT_NE(decoded.error->message.find(GetParam().message), std::string::npos)
      << decoded.error->message;
}

INSTANTIATE_TEST_SUITE_P(Recordings, Broken,
                         testing::Values(BrokenFile{"video_without_audio.mp4", "no audio track"},
                                         BrokenFile{"broken_truncated.mp4", "moov atom"},
                                         BrokenFile{"broken_zero_bytes.wav", "empty"},
                                         BrokenFile{"broken_text.mp3", "not audio"},
                                         BrokenFile{"broken_header_only.wav", "no sound in it"}),
                         [](const auto& info) {
                           std::string name = info.param.name;
                           return name.substr(0, name.find('.'));
                         });

TEST(Broken, AHeaderThatPromisesTooMuchGivesWhatIsThere) {
  KATIP_NEEDS_RECORDINGS();
  const Decoded decoded = decode(*recordings() / "broken_header_says_1gb.wav", impatient());
  ASSERT_FALSE(decoded.error) << decoded.error->message;
  EXPECT_EQ(decoded.pcm.size(), 32'000u);
  EXPECT_EQ(decoded.info.duration_ms, 2000);
  ASSERT_TRUE(decoded.warning);
  EXPECT_NE(decoded.warning->find("breaks off after 2.0 s"), std::string::npos) << *decoded.warning;
}

TEST(Broken, NothingAndNonsenseAreErrors) {
  for (const Bytes& bytes : {Bytes{}, Bytes{'R'}, Bytes(100'000, 0), Bytes(100'000, 0xff)}) {
    const Decoded decoded = decode(bytes, impatient());
    ASSERT_TRUE(decoded.error.has_value());
    EXPECT_EQ(decoded.error->code, ErrorCode::kInvalidArgument) << decoded.error->message;
    EXPECT_TRUE(decode_piped(bytes, impatient()).error.has_value());
  }
  EXPECT_NE(decode_piped({}, impatient()).error->message.find("empty"), std::string::npos);
}

TEST(Broken, APathThatIsNoFileIsNamed) {
  EXPECT_EQ(decode("/nonexistent/a.wav", impatient()).error->code, ErrorCode::kNotFound);
  EXPECT_EQ(decode("/", impatient()).error->code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(decode("/dev/zero", impatient()).error->code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(drain(AudioStream::open_fd(-1, "x", impatient())).error->code,
            ErrorCode::kInvalidArgument);
}

TEST(Broken, PlaylistsAndOtherNetsAreRefusedByName) {
  const std::string playlist =
      "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n"
      "#EXT-X-ENDLIST\n";
  const std::string description =
      "v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\n"
      "m=audio 5004 RTP/AVP 0\n";
  const std::string concatenation = "ffconcat version 1.0\nfile /etc/passwd\n";
  for (const std::string& text : {playlist, description, concatenation}) {
    const Decoded decoded = decode(Bytes(text.begin(), text.end()), impatient());
    ASSERT_TRUE(decoded.error.has_value());
    EXPECT_EQ(decoded.error->code, ErrorCode::kInvalidArgument);
    EXPECT_NE(decoded.error->message.find("not a recording"), std::string::npos)
        << decoded.error->message;
  }
}

TEST(Damage, AFileCutAnywhereGivesItsBeginningAndSaysSo) {
  const auto files = samples();
  const int cut_count = std::max(2, fault_count() / static_cast<int>(files.size()));
  for (const auto& [name, bytes] : files) {
    const size_t whole = decode(bytes, impatient()).pcm.size();
    ASSERT_GT(whole, 0u) << name;
    for (int cut = 0; cut < cut_count; ++cut) {
      const size_t size =
          bytes.size() * static_cast<size_t>(cut + 1) / static_cast<size_t>(cut_count + 1);
      const std::string what = name + " cut to " + std::to_string(size);
      const Decoded decoded =
          decode(Bytes(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size)), impatient());
      expect_clean(decoded, what);
      EXPECT_LE(decoded.pcm.size(), whole + 800) << what;
      // Less than a quarter of a second is not worth a warning, and frames without a length or an
      // end mark (AMR) can be cut between two.
      if (!decoded.error && decoded.pcm.size() + 4000 < whole && name != "made.amr" &&
          name != "made.flac") {
        EXPECT_TRUE(decoded.warning.has_value()) << what << " gave " << decoded.pcm.size();
      }
    }
  }
}

TEST(Damage, FlippedBitsNeverCrashOrHang) {
  const auto files = samples();
  std::mt19937_64 random(20'260'301);
  const int round_count = std::max(2, fault_count() / static_cast<int>(files.size()));
  for (const auto& [name, bytes] : files) {
    for (int round = 0; round < round_count; ++round) {
      Bytes garbled = bytes;
      // Headers are where the decisions are: half of the flips go there.
      const size_t reach = round % 2 == 0 ? std::min<size_t>(512, bytes.size()) : bytes.size();
      const int flip_count = 1 + round % 20;
      for (int i = 0; i < flip_count; ++i) {
        garbled[random() % reach] ^= static_cast<uint8_t>(1u << (random() % 8));
      }
      const std::string what = name + ", round " + std::to_string(round);
      expect_clean(decode(garbled, impatient()), what);
    }
  }
}

TEST(Damage, ARottenMiddleIsNamedAndKeepsTheTimes) {
  KATIP_NEEDS_RECORDINGS();
  Bytes bytes = read_bytes(*recordings() / "jfk.flac");
  std::mt19937_64 random(7);
  for (size_t i = bytes.size() / 2; i < bytes.size() / 2 + 20'000; ++i) {
    bytes[i] = static_cast<uint8_t>(random());
  }
  const Decoded decoded = decode(bytes, impatient());
  ASSERT_FALSE(decoded.error) << decoded.error->message;
  ASSERT_TRUE(decoded.warning);
  EXPECT_NE(decoded.warning->find("damaged"), std::string::npos) << *decoded.warning;
  EXPECT_NEAR(static_cast<double>(decoded.pcm.size()), 176'000, 3200);
  const Decoded whole = decode(*recordings() / "jfk.flac");
  const std::vector<float> end(decoded.pcm.begin() + 130'000, decoded.pcm.begin() + 170'000);
  const std::vector<float> same(whole.pcm.begin() + 130'000, whole.pcm.begin() + 170'000);
  EXPECT_GT(correlation(same, end, 3200), 0.95);
}

}  // namespace
}  // namespace katip::audio
