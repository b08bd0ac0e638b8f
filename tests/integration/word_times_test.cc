// Word times against known ones. tests/golden/words/ says where those come from;
// bench/word_times.py measures the same on more recordings, and beside another program.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "engine/engine.h"
#include "integration/testing.h"
#include "text/alignment.h"
#include "text/normalize.h"

namespace katip::integration {
namespace {

using engine::Segment;
using engine::Transcription;
using engine::Vad;
using engine::Word;
using engine::WordTimes;

constexpr int kSamplesPerMs = 16;
constexpr int kPauseMs = 800;
// The goal is 60 ms; the 90th percentile only guards against words that are quite elsewhere (140 ms
// when this was written).
constexpr double kMedianMsMax = 60.0;
constexpr double kMost = 0.9;
constexpr double kMostMsMax = 200.0;

/// A word in the form in which words are compared, and when it starts.
struct TimedWord {
  std::string text;
  double start_ms = 0.0;
};

/// Samples whose words' times are known.
struct Known {
  std::vector<float> pcm;
  std::vector<TimedWord> words;
  std::vector<double> pauses_ms;  ///< Where a pause of kPauseMs begins.
};

enum class Pauses { kNone, kBetweenWords };

void add_units(std::string_view text, double start_ms, std::vector<TimedWord>& units) {
  for (std::string& unit : text::normalized_words(text, "en")) {
    units.push_back({std::move(unit), start_ms});
  }
}

/// One recording of the golden file, with silence at its quiet places if that is wanted.
Known known_of(const boost::json::object& golden, double near_ms, Pauses pauses) {
  const std::string file(golden.at("file").as_string());
  const auto spoken = std::ranges::find(librivox(), file, &Recording::name);
  Known known;
  if (spoken == librivox().end()) {
    ADD_FAILURE() << file << " is not among the recordings of pocketsphinx-testdata";
    return known;
  }
  const std::vector<float>& pcm = samples(spoken->path);
  std::vector<double> places_ms;
  std::size_t next = 0;
  if (pauses == Pauses::kBetweenWords) {
    for (const auto& place : golden.at("places").as_array()) {
      const double ms = place.to_number<double>() * 1'000.0;
      const auto end = static_cast<std::size_t>(std::lround(ms * kSamplesPerMs));
      known.pcm.insert(known.pcm.end(), pcm.begin() + static_cast<std::ptrdiff_t>(next),
                       pcm.begin() + static_cast<std::ptrdiff_t>(end));
      known.pauses_ms.push_back(ms + static_cast<double>(places_ms.size()) * kPauseMs);
      known.pcm.resize(known.pcm.size() + std::size_t{kPauseMs} * kSamplesPerMs, 0.0f);
      places_ms.push_back(ms);
      next = end;
    }
  }
  known.pcm.insert(known.pcm.end(), pcm.begin() + static_cast<std::ptrdiff_t>(next), pcm.end());
  for (const auto& word : golden.at("words").as_array()) {
    const double start_ms = word.as_array()[1].to_number<double>() * 1'000.0;
    const auto passed =
        std::ranges::count_if(places_ms, [&](double place) { return place <= start_ms + near_ms; });
    add_units(word.as_array()[0].as_string(), start_ms + static_cast<double>(passed) * kPauseMs,
              known.words);
  }
  return known;
}

std::vector<Known> known_recordings(Pauses pauses) {
  std::ifstream file(KATIP_SOURCE_DIR "/tests/golden/words/librivox.json");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const boost::json::value golden = boost::json::parse(text);
  const double near_ms = golden.at("near").to_number<double>() * 1'000.0;
  std::vector<Known> all;
  for (const auto& each : golden.at("recordings").as_array()) {
    all.push_back(known_of(each.as_object(), near_ms, pauses));
  }
  return all;
}

std::vector<Word> words_of(const Transcription& heard) {
  std::vector<Word> words;
  for (const Segment& segment : heard.segments) {
    words.insert(words.end(), segment.words.begin(), segment.words.end());
  }
  return words;
}

/// How far starts are off, in ms, for each word that both have.
std::vector<double> start_errors(const std::vector<TimedWord>& known, const Transcription& heard) {
  std::vector<TimedWord> units;
  for (const Word& word : words_of(heard)) {
    add_units(word.text, static_cast<double>(word.start_ms), units);
  }
  const auto texts = [](const std::vector<TimedWord>& words) {
    std::vector<std::string> list;
    for (const TimedWord& word : words) list.push_back(word.text);
    return list;
  };
  std::vector<double> errors;
  for (const text::Edit& edit : text::align(texts(known), texts(units))) {
    if (edit.kind != text::EditKind::kMatch) continue;
    errors.push_back(
        std::abs(units[edit.hypothesis_index].start_ms - known[edit.reference_index].start_ms));
  }
  return errors;
}

double quantile(std::vector<double> values, double part) {
  if (values.empty()) return 0.0;
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1))];
}

/// In order, inside the recording and inside their segments, and the segments' text.
void expect_sound_times(const Transcription& heard, const std::string& name) {
  std::int64_t last = 0;
  for (const Segment& segment : heard.segments) {
    ASSERT_FALSE(segment.words.empty()) << name << ": " << segment.text;
    EXPECT_EQ(segment.start_ms, segment.words.front().start_ms) << name << ": " << segment.text;
    EXPECT_EQ(segment.end_ms, segment.words.back().end_ms) << name << ": " << segment.text;
    std::string text;
    for (const Word& word : segment.words) {
      EXPECT_LE(last, word.start_ms) << name << ": " << word.text;
      EXPECT_LE(word.start_ms, word.end_ms) << name << ": " << word.text;
      last = word.end_ms;
      text += word.text;
    }
    const auto plain = [](std::string any) {
      std::erase(any, ' ');
      return any;
    };
    EXPECT_EQ(plain(text), plain(segment.text)) << name;
  }
  EXPECT_LE(last, heard.duration_ms) << name;
}

class WordTimesTest : public EngineTest, public testing::WithParamInterface<Pauses> {};

TEST_P(WordTimesTest, StartsAreWhereTheWordsAreHeard) {
  KATIP_NEEDS_LIBRIVOX();
  std::vector<double> errors;
  std::size_t known_count = 0;
  for (const Known& known : known_recordings(GetParam())) {
    const auto heard =
        transcribe(known.pcm, {.language = "en", .beam_size = 1, .word_times = WordTimes::kOn});
    const std::vector<double> own = start_errors(known.words, heard);
    errors.insert(errors.end(), own.begin(), own.end());
    known_count += known.words.size();
  }
  EXPECT_GE(errors.size() * 10, known_count * 9) << "too few words were heard rightly";
  const double median = quantile(errors, 0.5);
  const double most = quantile(errors, kMost);
  RecordProperty("median_ms", std::to_string(median));
  RecordProperty("most_ms", std::to_string(most));
  EXPECT_LE(median, kMedianMsMax);
  EXPECT_LE(most, kMostMsMax);
}

INSTANTIATE_TEST_SUITE_P(Librivox, WordTimesTest,
                         testing::Values(Pauses::kNone, Pauses::kBetweenWords),
                         [](const auto& test) {
                           return test.param == Pauses::kNone ? "AsItIs" : "WithPauses";
                         });

TEST_F(EngineTest, NoWordReachesThroughAPause) {
  KATIP_NEEDS_LIBRIVOX();
  for (const Known& known : known_recordings(Pauses::kBetweenWords)) {
    const auto heard =
        transcribe(known.pcm, {.language = "en", .beam_size = 1, .word_times = WordTimes::kOn});
    for (const Word& word : words_of(heard)) {
      for (const double pause : known.pauses_ms) {
        const double middle = pause + kPauseMs / 2.0;
        EXPECT_FALSE(static_cast<double>(word.start_ms) < middle &&
                     static_cast<double>(word.end_ms) > middle)
            << word.text << " from " << word.start_ms << " to " << word.end_ms << " over " << pause;
      }
    }
  }
}

// Several windows, with pauses that are cut out of them.
TEST_F(EngineTest, WordsOfALongRecordingAreInOrder) {
  KATIP_NEEDS_LIBRIVOX();
  for (const int pause_ms : {0, 2'500}) {
    std::vector<float> pcm;
    for (int i = 0; i < 3; ++i) {
      const std::vector<float> once = joined(librivox(), pause_ms);
      pcm.insert(pcm.end(), once.begin(), once.end());
    }
    for (const Vad vad : {Vad::kOn, Vad::kOff}) {
      const auto heard = transcribe(
          pcm, {.language = "en", .beam_size = 1, .vad = vad, .word_times = WordTimes::kOn});
      EXPECT_GT(words_of(heard).size(), 150u);
      expect_sound_times(heard, "pauses of " + std::to_string(pause_ms) + " ms, VAD " +
                                    (vad == Vad::kOn ? "on" : "off"));
    }
  }
}

TEST_F(EngineTest, WordsOfEveryRecordingAreInOrder) {
  KATIP_NEEDS_RECORDINGS();
  std::vector<Piece> pieces;
  std::vector<std::string> names;
  for (const Recording& each : recordings()) {
    if (each.group == "broken" || !each.variant_of.empty()) continue;
    pieces.push_back({samples(each.path),
                      {.language = each.language, .beam_size = 1, .word_times = WordTimes::kOn}});
    names.push_back(each.name());
  }
  const auto heard = transcribe_together(pieces);
  for (std::size_t i = 0; i < heard.size(); ++i) expect_sound_times(heard[i], names[i]);
}

}  // namespace
}  // namespace katip::integration
