#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "audio/integration/audio_testing.h"

// What comes out of every format is what went in: tones for the formats that the tests write
// themselves, real speech for the recordings, and ffmpeg's own files where that program is there.
namespace katip::audio {
namespace {

std::vector<float> middle(const std::vector<float>& pcm) {
  const auto quarter = static_cast<ptrdiff_t>(pcm.size() / 4);
  return {pcm.begin() + quarter, pcm.end() - quarter};
}

struct Width {
  const char* codec;
  WavSamples samples;
};

class WavWidth : public testing::TestWithParam<Width> {};

TEST_P(WavWidth, GivesItsTone) {
  const auto tone = make_tone({});
  const Decoded decoded = decode(make_wav(tone, 16'000, 1, GetParam().samples));
  ASSERT_FALSE(decoded.error) << decoded.error->message;
  EXPECT_EQ(decoded.info.container, "wav");
  EXPECT_EQ(decoded.info.codec, GetParam().codec);
  EXPECT_EQ(decoded.info.duration_ms, 1000);
  EXPECT_FALSE(decoded.warning) << *decoded.warning;
  ASSERT_EQ(decoded.pcm.size(), 16'000u);
  EXPECT_NEAR(amplitude_at(decoded.pcm, 440), 0.5, 0.01);
}

INSTANTIATE_TEST_SUITE_P(
    Wav, WavWidth,
    testing::Values(Width{"pcm_u8", WavSamples::kU8}, Width{"pcm_s16le", WavSamples::kS16},
                    Width{"pcm_s24le", WavSamples::kS24}, Width{"pcm_s32le", WavSamples::kS32},
                    Width{"pcm_f32le", WavSamples::kF32}, Width{"pcm_f64le", WavSamples::kF64},
                    Width{"pcm_mulaw", WavSamples::kMuLaw}, Width{"pcm_alaw", WavSamples::kALaw}),
    [](const auto& info) { return std::string(info.param.codec); });

class WavRate : public testing::TestWithParam<int> {};

TEST_P(WavRate, IsResampledWithoutLossOrAliases) {
  const int rate = GetParam();
  const Decoded decoded =
      decode(make_wav(make_tone({.sample_rate = rate}), rate, 1, WavSamples::kS16));
  ASSERT_FALSE(decoded.error) << decoded.error->message;
  EXPECT_EQ(decoded.info.sample_rate, rate);
  EXPECT_NEAR(static_cast<double>(decoded.pcm.size()), 16'000, 2);
  EXPECT_NEAR(amplitude_at(middle(decoded.pcm), 440), 0.5, 0.01);
  if (rate >= 22'050) {  // 9.5 kHz is above what 16 kHz can hold, and must not come back as 6.5
    const auto high = make_tone({.sample_rate = rate, .frequency = 9500});
    const Decoded gone = decode(make_wav(high, rate, 1, WavSamples::kS16));
    EXPECT_LT(amplitude_at(middle(gone.pcm), 6500), 0.002);
  }
}

INSTANTIATE_TEST_SUITE_P(Wav, WavRate,
                         testing::Values(8000, 11'025, 16'000, 22'050, 32'000, 44'100, 48'000,
                                         96'000, 192'000));

class WavChannels : public testing::TestWithParam<int> {};

TEST_P(WavChannels, AreAveragedWhenTheirLayoutIsUnknown) {
  const int count = GetParam();
  const auto tone = make_tone({.channel_count = count, .frequency = 300});
  const Decoded decoded = decode(make_wav(tone, 16'000, count, WavSamples::kF32));
  ASSERT_FALSE(decoded.error) << decoded.error->message;
  EXPECT_EQ(decoded.info.channel_count, count);
  EXPECT_EQ(decoded.channel_count, 1);
  ASSERT_EQ(decoded.pcm.size(), 16'000u);
  for (int channel = 0; channel < count; ++channel) {
    EXPECT_NEAR(amplitude_at(decoded.pcm, 300 * (channel + 1)), 0.5 / count, 0.005) << channel;
  }
}

TEST_P(WavChannels, CanBeKeptApart) {
  const int count = GetParam();
  DecodeOptions options = test_options();
  options.channels = Channels::kSeparate;
  const auto tone = make_tone({.channel_count = count, .frequency = 300});
  const Decoded decoded = decode(make_wav(tone, 16'000, count, WavSamples::kF32), options);
  ASSERT_FALSE(decoded.error) << decoded.error->message;
  ASSERT_EQ(decoded.channel_count, count);
  ASSERT_EQ(decoded.pcm.size(), 16'000u * static_cast<size_t>(count));
  for (int channel = 0; channel < count; ++channel) {
    std::vector<float> alone;
    for (size_t i = static_cast<size_t>(channel); i < decoded.pcm.size();
         i += static_cast<size_t>(count)) {
      alone.push_back(decoded.pcm[i]);
    }
    EXPECT_NEAR(amplitude_at(alone, 300 * (channel + 1)), 0.5, 0.005) << channel;
    EXPECT_NEAR(amplitude_at(alone, 300 * (channel + 2)), 0, 0.005) << channel;
  }
}

INSTANTIATE_TEST_SUITE_P(Wav, WavChannels, testing::Values(1, 2, 3, 4, 6, 8));

TEST(Mixing, FiveOneKeepsTheCentreAndDropsTheLowFrequencies) {
  const auto tone = make_tone({.channel_count = 6, .frequency = 300});
  constexpr uint32_t kFiveOne = 0x3f;  // left, right, centre, low, back left, back right
  const Decoded decoded = decode(make_wav(tone, 16'000, 6, WavSamples::kS16, kFiveOne));
  ASSERT_FALSE(decoded.error) << decoded.error->message;
  const double left = amplitude_at(decoded.pcm, 300);
  const double centre = amplitude_at(decoded.pcm, 900);
  EXPECT_NEAR(centre / left, std::sqrt(2.0), 0.05);
  EXPECT_NEAR(amplitude_at(decoded.pcm, 600), left, 0.005);
  EXPECT_LT(amplitude_at(decoded.pcm, 1200), 0.005) << "low frequencies";
  EXPECT_NEAR(amplitude_at(decoded.pcm, 1500) / left, std::sqrt(0.5), 0.05);
}

TEST(Mixing, LoudChannelsDoNotClip) {
  const auto tone = make_tone({.channel_count = 1, .amplitude = 1.0});
  std::vector<double> both;
  for (const double sample : tone) {
    both.insert(both.end(), 2, sample);
  }
  const Decoded decoded = decode(make_wav(both, 16'000, 2, WavSamples::kF32));
  EXPECT_NEAR(amplitude_at(decoded.pcm, 440), 1.0, 0.001);
}

TEST(Mixing, SamplesBeyondOneAndNotNumbersAreMadeFit) {
  std::vector<double> wild(16'000, 3.0);
  wild[100] = std::nan("");
  wild[200] = -INFINITY;
  const Decoded decoded = decode(make_wav(wild, 16'000, 1, WavSamples::kF32));
  ASSERT_EQ(decoded.pcm.size(), 16'000u);
  for (const float sample : decoded.pcm) {
    ASSERT_TRUE(sample >= -1.0f && sample <= 1.0f);
  }
  EXPECT_EQ(decoded.pcm[100], 0.0f);
  EXPECT_EQ(decoded.pcm[200], -1.0f);
  EXPECT_EQ(decoded.pcm[300], 1.0f);
}

TEST(Formats, AiffAuAndAmr) {
  const Decoded aiff = decode(make_aiff(make_tone({.sample_rate = 22'050}), 22'050, 1));
  ASSERT_FALSE(aiff.error) << aiff.error->message;
  EXPECT_EQ(aiff.info.codec, "pcm_s16be");
  EXPECT_NEAR(amplitude_at(middle(aiff.pcm), 440), 0.5, 0.01);

  const Decoded au = decode(make_au(make_tone({.sample_rate = 8000}), 8000));
  ASSERT_FALSE(au.error) << au.error->message;
  EXPECT_EQ(au.info.codec, "pcm_mulaw");
  EXPECT_NEAR(amplitude_at(middle(au.pcm), 440), 0.5, 0.01);

  const Decoded amr = decode(make_amr(100));
  ASSERT_FALSE(amr.error) << amr.error->message;
  EXPECT_EQ(amr.info.codec, "amr_nb");
  EXPECT_NEAR(static_cast<double>(amr.pcm.size()), 32'000, 320);
}

TEST(Formats, OneSampleIsEnough) {
  const std::vector<double> one{0.25};
  const Decoded decoded = decode(make_wav(one, 16'000, 1, WavSamples::kS16));
  ASSERT_FALSE(decoded.error) << decoded.error->message;
  EXPECT_EQ(decoded.pcm, std::vector<float>{0.25f});
}

TEST(Recordings, PlainPcmComesOutBitByBit) {
  KATIP_NEEDS_RECORDINGS();
  const Bytes bytes = read_bytes(*recordings() / "leopard_en.wav");
  const Decoded decoded = decode(*recordings() / "leopard_en.wav");
  ASSERT_EQ(decoded.pcm.size(), (bytes.size() - 44) / 2);
  for (size_t i = 0; i < decoded.pcm.size(); ++i) {
    int16_t sample = 0;
    std::memcpy(&sample, bytes.data() + 44 + 2 * i, 2);
    ASSERT_EQ(decoded.pcm[i], static_cast<float>(sample) / 32768.0f) << i;
  }
}

struct Variant {
  const char* file;
  const char* container;
  const char* codec;
  bool has_video;
  double correlation_min;
};

class JfkVariant : public testing::TestWithParam<Variant> {};

TEST_P(JfkVariant, SoundsLikeTheOriginal) {
  KATIP_NEEDS_RECORDINGS();
  // 16 kHz mono PCM, read without any filter of ours.
  const Decoded original = decode(*recordings() / "jfk.aiff");
  ASSERT_EQ(original.pcm.size(), 176'000u);
  const Variant& variant = GetParam();
  const Decoded decoded = decode(*recordings() / variant.file);
  ASSERT_FALSE(decoded.error) << decoded.error->message;
  EXPECT_FALSE(decoded.warning) << *decoded.warning;
  EXPECT_EQ(decoded.info.container, variant.container);
  EXPECT_EQ(decoded.info.codec, variant.codec);
  EXPECT_EQ(decoded.info.has_video, variant.has_video);
  EXPECT_NEAR(static_cast<double>(decoded.info.duration_ms.value_or(0)), 11'000, 100);
  EXPECT_NEAR(static_cast<double>(decoded.pcm.size()), 176'000, 800);
  // Two milliseconds of play: a delay of a codec that is not taken out would be 20 or more.
  EXPECT_GT(correlation(original.pcm, decoded.pcm, 32), variant.correlation_min);
}

INSTANTIATE_TEST_SUITE_P(Recordings, JfkVariant,
                         testing::Values(Variant{"jfk.flac", "flac", "flac", false, 0.999},
                                         Variant{"jfk_24bit.wav", "wav", "pcm_s24le", false, 0.999},
                                         Variant{"jfk.mp3", "mp3", "mp3", false, 0.99},
                                         Variant{"jfk_aac.m4a", "m4a", "aac", false, 0.99},
                                         Variant{"jfk_video.mp4", "mp4", "aac", true, 0.99},
                                         Variant{"jfk_opus.ogg", "ogg", "opus", false, 0.95},
                                         Variant{"jfk_opus.webm", "matroska", "opus", false, 0.95},
                                         Variant{"jfk_vorbis.ogg", "ogg", "vorbis", false, 0.98},
                                         Variant{"jfk_ulaw_8k.wav", "wav", "pcm_mulaw", false,
                                                 0.95}),
                         [](const auto& info) {
                           std::string name = info.param.file;
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

TEST(Recordings, TheyComeThroughAPipeAsFromAFile) {
  KATIP_NEEDS_RECORDINGS();
  for (const char* name : {"jfk_video.mp4", "jfk_aac.m4a", "jfk.mp3", "jfk.flac", "jfk_opus.ogg",
                           "jfk_opus.webm", "jfk_24bit.wav", "jfk.aiff"}) {
    const Decoded from_file = decode(*recordings() / name);
    const Decoded from_pipe = decode_piped(read_bytes(*recordings() / name));
    ASSERT_FALSE(from_pipe.error) << from_pipe.error->message;
    EXPECT_EQ(from_pipe.pcm, from_file.pcm) << name;
    EXPECT_EQ(from_pipe.info.container, from_file.info.container);
    EXPECT_FALSE(from_pipe.warning) << name << ": " << *from_pipe.warning;
  }
}

TEST(Recordings, AnOpenFileIsReadFromWhereItStands) {
  KATIP_NEEDS_RECORDINGS();
  Bytes bytes = read_bytes(*recordings() / "jfk_aac.m4a");
  bytes.insert(bytes.begin(), 1234, 0x77);
  const TemporaryFile file(bytes);
  FILE* stream = std::fopen(file.path().c_str(), "rb");
  ASSERT_NE(stream, nullptr);
  ASSERT_EQ(lseek(fileno(stream), 1234, SEEK_SET), 1234);
  const Decoded decoded = drain(AudioStream::open_fd(fileno(stream), "upload", test_options()));
  EXPECT_EQ(lseek(fileno(stream), 0, SEEK_CUR), 1234) << "the caller's position stays";
  std::fclose(stream);
  ASSERT_FALSE(decoded.error) << decoded.error->message;
  EXPECT_EQ(decoded.pcm.size(), decode(*recordings() / "jfk_aac.m4a").pcm.size());
}

TEST(Recordings, ProbingSaysTheSameAsDecoding) {
  KATIP_NEEDS_RECORDINGS();
  for (const char* name : {"jfk_video.mp4", "stereo_2speakers.wav", "jfk_opus.ogg"}) {
    const auto info = probe(*recordings() / name, test_options());
    ASSERT_TRUE(info.has_value()) << info.error().message;
    EXPECT_EQ(*info, decode(*recordings() / name).info);
  }
}

TEST(Recordings, SpeakersOnTwoChannelsAreKeptApart) {
  KATIP_NEEDS_RECORDINGS();
  DecodeOptions options = test_options();
  options.channels = Channels::kSeparate;
  const Decoded decoded = decode(*recordings() / "stereo_2speakers.wav", options);
  ASSERT_EQ(decoded.channel_count, 2);
  std::vector<float> left;
  for (size_t i = 0; i < decoded.pcm.size(); i += 2) {
    left.push_back(decoded.pcm[i]);
  }
  left.resize(5 * 16'000);
  EXPECT_GT(correlation(left, decode(*recordings() / "leopard_en.wav").pcm), 0.999);
}

struct Encoding {
  const char* name;
  std::vector<std::string> arguments;  ///< Between `-i jfk.flac` and the output.
  const char* ending;
};

class MadeByFfmpeg : public testing::TestWithParam<Encoding> {};

TEST_P(MadeByFfmpeg, SoundsLikeTheOriginal) {
  KATIP_NEEDS_RECORDINGS();
  const TemporaryFile file({}, GetParam().ending);
  std::vector<std::string> arguments{"-i", *recordings() / "jfk.flac"};
  arguments.insert(arguments.end(), GetParam().arguments.begin(), GetParam().arguments.end());
  arguments.push_back(file.path());
  if (!run_ffmpeg(arguments)) {
    GTEST_SKIP() << "ffmpeg is not there or cannot make this format";
  }
  const Decoded original = decode(*recordings() / "jfk.aiff");
  const Decoded decoded = decode(file.path());
  ASSERT_FALSE(decoded.error) << decoded.error->message;
  EXPECT_FALSE(decoded.warning) << *decoded.warning;
  EXPECT_NEAR(static_cast<double>(decoded.pcm.size()), 176'000, 1600);
  EXPECT_GT(correlation(original.pcm, decoded.pcm, 1000), 0.9);
}

INSTANTIATE_TEST_SUITE_P(
    Formats, MadeByFfmpeg,
    testing::Values(
        Encoding{"aac_adts", {"-c:a", "aac"}, "aac"}, Encoding{"alac", {"-c:a", "alac"}, "m4a"},
        Encoding{"ac3_in_mpegts", {"-c:a", "ac3", "-ac", "6"}, "ts"},
        Encoding{"mp2_in_mpeg", {"-c:a", "mp2"}, "mpg"}, Encoding{"wma", {"-c:a", "wmav2"}, "wma"},
        Encoding{"wavpack", {}, "wv"}, Encoding{"caf", {}, "caf"}, Encoding{"w64", {}, "w64"},
        Encoding{"tta", {}, "tta"},
        Encoding{"speex", {"-c:a", "libspeex", "-ar", "16000", "-ac", "1"}, "spx"},
        Encoding{"gsm", {"-c:a", "libgsm", "-ar", "8000", "-ac", "1"}, "gsm"},
        Encoding{"adpcm", {"-c:a", "adpcm_ima_wav"}, "wav"},
        Encoding{"flac_24bit_192khz", {"-sample_fmt", "s32", "-ar", "192000"}, "flac"},
        Encoding{"opus_5_1", {"-c:a", "libopus", "-ac", "6"}, "opus"},
        Encoding{"fragmented_mp4",
                 {"-c:a", "aac", "-movflags", "frag_keyframe+empty_moov", "-f", "mp4"},
                 "mp4"},
        Encoding{"mov_pcm", {"-c:a", "pcm_s24le"}, "mov"},
        Encoding{"avi_mp3", {"-c:a", "mp3"}, "avi"}, Encoding{"flv_aac", {"-c:a", "aac"}, "flv"},
        Encoding{"mka_vorbis", {"-c:a", "libvorbis"}, "mka"},
        Encoding{"aiff_24", {"-c:a", "pcm_s24be"}, "aiff"},
        Encoding{"au_float", {"-c:a", "pcm_f32be"}, "au"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(MadeByFfmpegToo, APauseInTheTimeStampsBecomesSilence) {
  KATIP_NEEDS_RECORDINGS();
  // Five seconds, a hole of three, the rest: what a lost connection leaves.
  const TemporaryFile file({}, "mkv");
  if (!run_ffmpeg({"-i", *recordings() / "jfk.aiff", "-af", "asetpts=PTS+gte(T\\,5)*3/TB", "-c:a",
                   "pcm_s16le", file.path()})) {
    GTEST_SKIP() << "ffmpeg is not there or cannot make this file";
  }
  const Decoded original = decode(*recordings() / "jfk.aiff");
  const Decoded decoded = decode(file.path());
  ASSERT_FALSE(decoded.error) << decoded.error->message;
  ASSERT_NEAR(static_cast<double>(decoded.pcm.size()), 14 * 16'000, 1600);
  EXPECT_EQ(decoded.info.duration_ms, 14'000);
  const std::vector<float> late(decoded.pcm.begin() + 9 * 16'000,
                                decoded.pcm.begin() + 13 * 16'000);
  const std::vector<float> same(original.pcm.begin() + 6 * 16'000,
                                original.pcm.begin() + 10 * 16'000);
  EXPECT_GT(correlation(same, late, 200), 0.99) << "what follows the hole is at its own time";
}

TEST(MadeByFfmpegToo, TheDefaultTrackOfSeveralIsTaken) {
  const TemporaryFile file({}, "mkv");
  if (!run_ffmpeg({"-f", "lavfi", "-i", "sine=frequency=300:duration=2", "-f", "lavfi", "-i",
                   "sine=frequency=900:duration=2", "-map", "0", "-map", "1", "-c:a", "flac",
                   "-disposition:a:0", "0", "-disposition:a:1", "default", file.path()})) {
    GTEST_SKIP() << "ffmpeg is not there or cannot make this file";
  }
  const Decoded decoded = decode(file.path());
  ASSERT_FALSE(decoded.error) << decoded.error->message;
  EXPECT_GT(amplitude_at(decoded.pcm, 900), 0.05);
  EXPECT_LT(amplitude_at(decoded.pcm, 300), 0.005);
}

TEST(MadeByFfmpegToo, SoundThatStartsAfterThePictureKeepsItsTime) {
  KATIP_NEEDS_RECORDINGS();
  const TemporaryFile file({}, "mkv");
  if (!run_ffmpeg({"-itsoffset", "2", "-i", *recordings() / "jfk.aiff", "-f", "lavfi", "-i",
                   "color=size=64x48:rate=10:duration=13", "-map", "0:a", "-map", "1:v", "-c:a",
                   "pcm_s16le", "-c:v", "mpeg4", file.path()})) {
    GTEST_SKIP() << "ffmpeg is not there or cannot make this file";
  }
  const Decoded decoded = decode(file.path());
  ASSERT_FALSE(decoded.error) << decoded.error->message;
  EXPECT_TRUE(decoded.info.has_video);
  EXPECT_NEAR(static_cast<double>(decoded.pcm.size()), 13 * 16'000, 1600);
}

}  // namespace
}  // namespace katip::audio
