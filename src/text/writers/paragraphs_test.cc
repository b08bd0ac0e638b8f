#include "text/writers/paragraphs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::text {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> texts(const std::vector<Passage>& passages) {
  std::vector<std::string> texts;
  for (const Passage& passage : passages) {
    texts.push_back((passage.speaker.empty() ? "" : passage.speaker + ": ") + passage.text);
  }
  return texts;
}

Transcript two_speakers_in_one_segment() {
  return {.segments = {{.start_ms = 0,
                        .end_ms = 900,
                        .text = "Is it? Yes. Good.",
                        .words = {{.start_ms = 0, .end_ms = 100, .text = " Is", .speaker = "A"},
                                  {.start_ms = 100, .end_ms = 200, .text = " it?", .speaker = "A"},
                                  {.start_ms = 400, .end_ms = 500, .text = " Yes.", .speaker = "B"},
                                  {.start_ms = 700, .end_ms = 900, .text = " Good."}},
                        .speaker = "A"}}};
}

TEST(SplitBySpeaker, CutsASegmentAtItsWords) {
  const std::vector<Passage> passages =
      split_by_speaker(two_speakers_in_one_segment(), Shown::kYes);
  EXPECT_THAT(texts(passages), ElementsAre("A: Is it?", "B: Yes.", "A: Good."));
  EXPECT_EQ(passages[1].start_ms, 400);
  EXPECT_EQ(passages[1].end_ms, 500);
}

TEST(SplitBySpeaker, LeavesSegmentsWholeWhenSpeakersAreNotShown) {
  EXPECT_THAT(texts(split_by_speaker(two_speakers_in_one_segment(), Shown::kNo)),
              ElementsAre("Is it? Yes. Good."));
}

TEST(SplitBySpeaker, TrustsTheTextWhenTheWordsSpellAnother) {
  Transcript transcript = two_speakers_in_one_segment();
  transcript.segments[0].text = "Was it? Yes. Good.";
  EXPECT_THAT(texts(split_by_speaker(transcript, Shown::kYes)),
              ElementsAre("A: Was it? Yes. Good."));
}

TEST(MakeParagraphs, GathersSegmentsOfOneSpeaker) {
  EXPECT_THAT(
      texts(make_paragraphs({.segments = {{.end_ms = 1000, .text = "One."},
                                          {.start_ms = 2000, .end_ms = 3000, .text = "Two."},
                                          {.start_ms = 5000, .end_ms = 6000, .text = "Three."},
                                          {.start_ms = 6000, .text = "Four.", .speaker = "A"}}},
                            Shown::kYes)),
      ElementsAre("One. Two.", "Three.", "A: Four."));
}

TEST(MakeParagraphs, BreaksLongTextsAfterASentence) {
  Transcript transcript;
  for (int i = 0; i < 30; ++i) {
    transcript.segments.push_back({.text = std::string(99, 'x') + (i % 2 == 0 ? "," : ".")});
  }
  const std::vector<Passage> paragraphs = make_paragraphs(transcript, Shown::kYes);
  ASSERT_GT(paragraphs.size(), 3u);
  for (const Passage& paragraph : paragraphs) {
    EXPECT_TRUE(paragraph.text.ends_with('.'));
    EXPECT_LT(paragraph.text.size(), 900u);
  }
}

TEST(MakeParagraphs, BreaksTextsWithoutAnySentence) {
  Transcript transcript;
  for (int i = 0; i < 100; ++i) {
    transcript.segments.push_back({.text = std::string(100, 'x')});
  }
  EXPECT_GE(make_paragraphs(transcript, Shown::kYes).size(), 4u);
}

TEST(FactsOf, LeaveOutWhatIsUnknown) {
  EXPECT_TRUE(facts_of({}, Shown::kYes).empty());
  EXPECT_THAT(
      facts_of({.task = Task::kTranslate,
                .language = "ht",
                .duration_ms = 3'723'000,
                .segments = {{.text = "a", .speaker = "Ayşe"}, {.text = "b", .speaker = "B"}}},
               Shown::kYes),
      ElementsAre("Duration: 1:02:03", "Language: Haitian Creole, translated into English",
                  "Speakers: Ayşe, B"));
}

}  // namespace
}  // namespace katip::text
