#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "engine/engine.h"

/// What the tests of this folder share: the real engine, opened once for the whole program, and
/// real recordings as samples.
///
///   TEST_F(EngineTest, GreetsTheNation) {
///     KATIP_NEEDS_RECORDINGS();
///     const auto heard = transcribe(samples(recording("jfk.flac").path), {.language = "en"});
///     EXPECT_THAT(text_of(heard), HasSubstr("fellow Americans"));
///   }
namespace katip::integration {

/// One line of the recordings' manifest.
struct Recording {
  std::filesystem::path path;
  std::string language;    ///< ISO 639-1; empty when nobody speaks.
  std::string group;       ///< "speech", "telephone", "no-speech", "format", …
  std::string reference;   ///< The exact words, where they are known.
  std::string variant_of;  ///< The recording that this one was converted from, or empty.
  bool scored = false;     ///< The reference is good enough to count errors against.

  [[nodiscard]] std::string name() const { return path.filename().string(); }
};

/// What CMake's variable KATIP_RECORDINGS names; empty when the folder is not there.
const std::vector<Recording>& recordings();
/// One of them by its file name. A name that is not in the manifest fails the test.
const Recording& recording(std::string_view name);
/// Five English sentences (1.7 to 7 s) of Debian's package pocketsphinx-testdata; empty without it.
const std::vector<Recording>& librivox();

#define KATIP_NEEDS_RECORDINGS()                \
  if (katip::integration::recordings().empty()) \
  GTEST_SKIP() << "no recordings: configure with -DKATIP_RECORDINGS=<their folder>"
#define KATIP_NEEDS_LIBRIVOX()                \
  if (katip::integration::librivox().empty()) \
  GTEST_SKIP() << "no recordings: install Debian's package pocketsphinx-testdata"

/// The recording as the engine wants it, decoded once and kept. Threads: safe from any thread.
const std::vector<float>& samples(const std::filesystem::path& path);

/// All of them one after the other, each followed by `pause_ms` of silence.
std::vector<float> joined(std::span<const Recording> parts, int pause_ms);

/// Gives the samples in blocks of at most `block_size`. Lifetime: `pcm` outlives the reader.
engine::PcmReader reader_of(std::span<const float> pcm, std::size_t block_size = 16'000);

/// The segments' texts with a space between.
std::string text_of(const engine::Transcription& transcription);

/// The same segments and words to the last bit: a row that saw another row would differ here first.
void expect_same(const engine::Transcription& actual, const engine::Transcription& expected);

/// A fixture whose tests are skipped, and say why, when there is no model.
class EngineTest : public testing::Test {
 protected:
  void SetUp() override;

  /// Whisper base with int8 weights and the voice activity model; opened at the first call and kept
  /// until all tests are done.
  static engine::Engine& base();
  /// A folder of .deps/models; the test is to be skipped when it is not there.
  static std::filesystem::path model_dir(std::string_view name);

  /// The whole text. An error fails the test and gives an empty one.
  static engine::Transcription transcribe(std::span<const float> pcm,
                                          const engine::TranscribeOptions& options);
  static engine::Transcription transcribe(engine::Engine& engine, std::span<const float> pcm,
                                          const engine::TranscribeOptions& options);

  /// Something to transcribe together with others.
  struct Piece {
    std::span<const float> pcm;
    engine::TranscribeOptions options;
  };
  /// One thread a piece, at most 16 at once; the results are in the order of the pieces.
  static std::vector<engine::Transcription> transcribe_together(std::span<const Piece> pieces);
};

}  // namespace katip::integration
