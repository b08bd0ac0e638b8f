#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "audio/audio_stream.h"
#include "audio/integration/sound_files.h"

/// What the tests of this folder share: temporary files, a decoder, and its result as one value.
namespace katip::audio {

/// Options that find the decoder of this build.
DecodeOptions test_options();

/// The folder of real recordings, which CMake's variable KATIP_RECORDINGS names; nothing when it is
/// not there, and then a test that needs it says so and is skipped.
std::optional<std::filesystem::path> recordings();

#define KATIP_NEEDS_RECORDINGS() \
  if (!recordings())             \
  GTEST_SKIP() << "no recordings: configure with -DKATIP_RECORDINGS=<their folder>"

/// A file that is removed with the object.
class TemporaryFile {
 public:
  explicit TemporaryFile(const Bytes& bytes, const std::string& ending = "bin");
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile();
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

Bytes read_bytes(const std::filesystem::path& path);

/// Everything that a recording gave, up to its end or its error.
struct Decoded {
  MediaInfo info;
  int32_t channel_count = 0;
  std::vector<float> pcm;
  std::optional<std::string> warning;
  std::optional<Error> error;
};
Decoded drain(Result<AudioStream> stream);
Decoded decode(const std::filesystem::path& path, const DecodeOptions& options = test_options());
Decoded decode(const Bytes& bytes, const DecodeOptions& options = test_options());
/// Through a pipe that a thread fills.
Decoded decode_piped(const Bytes& bytes, const DecodeOptions& options = test_options());

/// The correlation of two recordings at the best shift of up to `shift_max` samples, in [-1, 1].
double correlation(const std::vector<float>& a, const std::vector<float>& b, int shift_max = 0);

/// The amplitude of the sine of `frequency` in 16 kHz samples.
double amplitude_at(const std::vector<float>& pcm, double frequency);

/// Runs ffmpeg to make a file; false when it is not installed or was built without what it takes.
bool run_ffmpeg(const std::vector<std::string>& arguments);

}  // namespace katip::audio
