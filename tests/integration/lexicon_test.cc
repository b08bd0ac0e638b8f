#include <ctime>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/engine.h"
#include "integration/testing.h"

namespace katip::integration {
namespace {

using engine::LexiconTerm;
using engine::TranscribeOptions;
using testing::HasSubstr;
using testing::Not;

class LexiconOfTerms : public EngineTest {};

// Names that nobody says, made of syllables.
std::vector<LexiconTerm> made_up_terms(int count) {
  const std::vector<std::string> syllables = {"ba",  "kel", "dor", "mi",  "zun",
                                              "tra", "vo",  "shi", "pol", "gen"};
  std::vector<LexiconTerm> terms;
  for (int i = 0; i < count; ++i) {
    std::string name;
    for (int rest = i, place = 0; place < 4; ++place, rest /= 10) {
      name += syllables[static_cast<std::size_t>(rest % 10)];
    }
    name[0] = static_cast<char>(name[0] - 'a' + 'A');
    terms.push_back({.term = name});
  }
  return terms;
}

TEST_F(LexiconOfTerms, ATermMendsAWordThatIsMisheard) {
  KATIP_NEEDS_RECORDINGS();
  const std::vector<float>& pcm = samples(recording("leopard_de.wav").path);
  for (const int beam_size : {1, 5}) {
    TranscribeOptions options{.language = "de", .beam_size = beam_size};
    ASSERT_THAT(text_of(transcribe(pcm, options)), Not(HasSubstr("Leichenhalle ")));
    options.lexicon = {{.term = "Leichenhalle"}};
    EXPECT_THAT(text_of(transcribe(pcm, options)), HasSubstr("Leichenhalle ")) << beam_size;
  }
}

TEST_F(LexiconOfTerms, TenThousandTermsNobodySaysChangeNoTextAndTakeLittleTime) {
  KATIP_NEEDS_LIBRIVOX();
  const std::vector<float> pcm = joined(librivox(), 1000);
  for (const int beam_size : {1, 5}) {
    TranscribeOptions options{.language = "en", .beam_size = beam_size};
    const auto timed = [&](std::string& text) {
      const std::clock_t begin = std::clock();  // CPU time of all threads
      for (int round = 0; round < 2; ++round) text = text_of(transcribe(pcm, options));
      return static_cast<double>(std::clock() - begin);
    };
    std::string plain;
    std::string with_terms;
    transcribe(pcm, options);  // warms up
    const double plain_time = timed(plain);
    options.lexicon = made_up_terms(10'000);
    const double ratio = timed(with_terms) / plain_time;
    EXPECT_EQ(with_terms, plain);
    EXPECT_LT(ratio, 1.5) << "times the CPU time without terms, beam " << beam_size;
    RecordProperty("ratio_beam_" + std::to_string(beam_size), std::to_string(ratio));
    std::cout << "beam " << beam_size << ": " << ratio << " times the CPU time without terms\n";
  }
}

}  // namespace
}  // namespace katip::integration
