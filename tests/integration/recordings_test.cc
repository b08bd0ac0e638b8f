#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/engine.h"
#include "integration/testing.h"
#include "text/word_errors.h"

namespace katip::integration {
namespace {

using engine::TranscribeOptions;
using testing::IsEmpty;

enum class Language { kGiven, kDetected };

/// How a set of recordings is transcribed, as tests/data/peer_texts.tsv names it.
struct Setting {
  int beam_size = 1;
  Language language = Language::kGiven;

  friend auto operator<=>(const Setting&, const Setting&) = default;
};

/// What one program wrote for the recordings, by file name.
using Texts = std::map<std::string, std::string>;

// Lines of: beam size, language, file, text; made by tests/data/peer_texts.py.
std::map<Setting, Texts> peer_texts() {
  std::ifstream file(KATIP_SOURCE_DIR "/tests/data/peer_texts.tsv");
  EXPECT_TRUE(file) << "tests/data/peer_texts.tsv is missing";
  std::map<Setting, Texts> texts;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream fields(line);
    std::string beam;
    std::string language;
    std::string name;
    std::string text;
    std::getline(fields, beam, '\t');
    std::getline(fields, language, '\t');
    std::getline(fields, name, '\t');
    std::getline(fields, text);
    const Setting setting = {std::stoi(beam),
                             language == "given" ? Language::kGiven : Language::kDetected};
    texts[setting][name] = text;
  }
  return texts;
}

/// Recordings whose words are known; conversions of the same one are left out.
std::vector<Recording> scored_recordings() {
  std::vector<Recording> scored = librivox();
  for (const Recording& each : recordings()) {
    if (each.scored && each.variant_of.empty()) scored.push_back(each);
  }
  return scored;
}

/// Errors of each language, and a readable account of them.
struct Score {
  std::map<std::string, std::int64_t> errors;
  std::string account;
};

Score score(const std::vector<Recording>& spoken, const Texts& texts) {
  Score result;
  for (const Recording& each : spoken) {
    const auto text = texts.find(each.name());
    if (text == texts.end()) {
      ADD_FAILURE() << "no text for " << each.name();
      continue;
    }
    const auto comparison = text::compare(each.reference, text->second, each.language);
    result.errors[each.language] += comparison.count.errors();
    if (comparison.count.errors() > 0) {
      result.account += "  " + each.name() + ": " + text::readable_errors(comparison) + '\n';
    }
  }
  return result;
}

// Words that a language may have wrong beyond the peer's. French has one clip, and the end of it
// ("conseiller général") is heard only in a window of 30 s.
//
// A CPU that adds in another order tips decisions that are close. Beams have more of those: the
// same program makes 21 errors or less with 5 on a Zen 5 and 24 on a Zen 4, the same every time.
// The peer's are of one machine.
std::int64_t errors_more_max(std::string_view language, int beam_size) {
  return language == "fr" || beam_size > 1 ? 2 : 1;
}
std::int64_t sum_more_max(int beam_size) { return beam_size > 1 ? 4 : 0; }

class Recordings : public EngineTest, public testing::WithParamInterface<Setting> {};

TEST_P(Recordings, EachLanguageHasHardlyMoreErrorsThanThePeer) {
  KATIP_NEEDS_RECORDINGS();
  KATIP_NEEDS_LIBRIVOX();
  const std::vector<Recording> spoken = scored_recordings();
  std::vector<Piece> pieces;
  for (const Recording& each : spoken) {
    TranscribeOptions options{.beam_size = GetParam().beam_size};
    if (GetParam().language == Language::kGiven) options.language = each.language;
    pieces.push_back({samples(each.path), options});
  }
  const auto heard = transcribe_together(pieces);
  Texts texts;
  for (std::size_t i = 0; i < spoken.size(); ++i) {
    EXPECT_EQ(heard[i].language, spoken[i].language) << spoken[i].name();
    texts[spoken[i].name()] = text_of(heard[i]);
  }
  const Score ours = score(spoken, texts);
  const Score peer = score(spoken, peer_texts()[GetParam()]);
  const int beam_size = GetParam().beam_size;
  std::int64_t our_sum = 0;
  std::int64_t peer_sum = 0;
  for (const auto& [language, errors] : ours.errors) {
    EXPECT_LE(errors, peer.errors.at(language) + errors_more_max(language, beam_size)) << language;
    our_sum += errors;
    peer_sum += peer.errors.at(language);
  }
  EXPECT_LE(our_sum, peer_sum + sum_more_max(beam_size)) << "over all languages";
  if (HasFailure()) {
    ADD_FAILURE() << "ours:\n" << ours.account << "the peer's:\n" << peer.account;
  }
  RecordProperty("errors", std::to_string(our_sum) + " of ours, " + std::to_string(peer_sum));
}

INSTANTIATE_TEST_SUITE_P(
    Settings, Recordings,
    testing::Values(Setting{1, Language::kGiven}, Setting{1, Language::kDetected},
                    Setting{5, Language::kGiven}, Setting{5, Language::kDetected}),
    [](const auto& test) {
      return (test.param.beam_size == 1 ? std::string("Greedy") : std::string("Beam5")) +
             (test.param.language == Language::kGiven ? "Given" : "Detected");
    });

TEST_F(EngineTest, AConversionOfARecordingGivesItsText) {
  KATIP_NEEDS_RECORDINGS();
  std::vector<Recording> variants;
  std::vector<Piece> pieces;
  for (const Recording& each : recordings()) {
    if (each.variant_of.empty()) continue;
    variants.push_back(each);
    pieces.push_back({samples(each.path), {.language = each.language}});
  }
  const auto heard = transcribe_together(pieces);
  for (std::size_t i = 0; i < variants.size(); ++i) {
    const auto comparison = text::compare(variants[i].reference, text_of(heard[i]), "en");
    // At 8 kHz in eight bits the peer, too, hears one word wrong.
    const int errors_max = variants[i].name() == "jfk_ulaw_8k.wav" ? 1 : 0;
    EXPECT_LE(comparison.count.errors(), errors_max)
        << variants[i].name() << ": " << text::readable_errors(comparison);
  }
}

TEST_F(EngineTest, WhereNobodySpeaksThereAreNoWords) {
  KATIP_NEEDS_RECORDINGS();
  for (const Recording& each : recordings()) {
    if (each.group != "no-speech") continue;
    for (const int beam_size : {1, 5}) {
      for (const char* language : {"", "en", "tr"}) {
        const auto heard =
            transcribe(samples(each.path), {.language = language, .beam_size = beam_size});
        EXPECT_THAT(heard.segments, IsEmpty()) << each.name() << ": " << text_of(heard);
        EXPECT_EQ(heard.language, language);
        EXPECT_EQ(heard.duration_ms, static_cast<std::int64_t>(samples(each.path).size() / 16));
      }
    }
  }
}

}  // namespace
}  // namespace katip::integration
