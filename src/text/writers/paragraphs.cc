#include "text/writers/paragraphs.h"

#include <algorithm>

#include "base/readable.h"
#include "text/languages.h"
#include "text/unicode/characters.h"

// Tested by paragraphs_test.cc.
namespace katip::text {
namespace {

constexpr std::int64_t kParagraphPauseMs = 2000;
constexpr std::size_t kParagraphSizeLong = 600;  // Bytes; about six lines of a page.
constexpr std::size_t kParagraphSizeMax = 2000;  // Broken even where no sentence ends.
constexpr std::size_t kSpeakersNamedMax = 8;

std::string without_spaces(std::string_view text) {
  std::string squeezed;
  std::ranges::copy_if(text, std::back_inserter(squeezed), [](char c) { return c != ' '; });
  return squeezed;
}

const std::string& speaker_of(const Word& word, const Segment& segment) {
  return word.speaker.empty() ? segment.speaker : word.speaker;
}

bool changes_speaker(const Segment& segment) {
  return std::ranges::any_of(segment.words, [&](const Word& word) {
    return speaker_of(word, segment) != speaker_of(segment.words.front(), segment);
  });
}

/// One passage for each run of words with one speaker.
std::vector<Passage> cut_at_words(const Segment& segment) {
  std::vector<Passage> passages;
  for (const Word& word : segment.words) {
    const std::string& speaker = speaker_of(word, segment);
    if (passages.empty() || passages.back().speaker != speaker) {
      passages.push_back({.start_ms = word.start_ms, .speaker = speaker});
    }
    passages.back().end_ms = std::max(passages.back().start_ms, word.end_ms);
    passages.back().text += word.text;
  }
  for (Passage& passage : passages) {
    passage.text = std::string(trimmed(passage.text));
  }
  return passages;
}

std::string spelled(const Segment& segment) {
  std::string text;
  for (const Word& word : segment.words) {
    text += word.text;
  }
  return text;
}

void add_passages(const Segment& segment, Shown speakers, std::vector<Passage>& passages) {
  if (speakers == Shown::kYes && changes_speaker(segment) &&
      without_spaces(spelled(segment)) == without_spaces(segment.text)) {
    std::ranges::move(cut_at_words(segment), std::back_inserter(passages));
    return;
  }
  Passage passage{.start_ms = segment.start_ms, .end_ms = segment.end_ms, .text = segment.text};
  if (speakers == Shown::kYes) {
    const bool by_word = segment.speaker.empty() && !segment.words.empty();
    passage.speaker = by_word ? segment.words.front().speaker : segment.speaker;
  }
  passages.push_back(std::move(passage));
}

bool begins_paragraph(const Passage& passage, const Passage& paragraph) {
  const bool is_long =
      paragraph.text.size() >= kParagraphSizeLong && ends_sentence(last_character(paragraph.text));
  return passage.speaker != paragraph.speaker ||
         passage.start_ms - paragraph.end_ms >= kParagraphPauseMs || is_long ||
         paragraph.text.size() >= kParagraphSizeMax;
}

std::string capitalised(std::string_view name) {
  std::string capitals(name);
  bool begins_word = true;
  for (char& c : capitals) {
    c = begins_word && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    begins_word = c == ' ';
  }
  return capitals;
}

}  // namespace

std::vector<Passage> split_by_speaker(const Transcript& transcript, Shown speakers) {
  std::vector<Passage> passages;
  for (const Segment& segment : transcript.segments) {
    add_passages(segment, speakers, passages);
  }
  return passages;
}

std::vector<Passage> make_paragraphs(const Transcript& transcript, Shown speakers) {
  std::vector<Passage> paragraphs;
  for (Passage& passage : split_by_speaker(transcript, speakers)) {
    if (paragraphs.empty() || begins_paragraph(passage, paragraphs.back())) {
      paragraphs.push_back(std::move(passage));
      continue;
    }
    Passage& paragraph = paragraphs.back();
    paragraph.text += joint(paragraph.text, passage.text);
    paragraph.text += passage.text;
    paragraph.end_ms = std::max(paragraph.end_ms, passage.end_ms);
  }
  return paragraphs;
}

std::vector<std::string> facts_of(const Transcript& transcript, Shown speakers) {
  std::vector<std::string> facts;
  if (transcript.duration_ms > 0) {
    facts.push_back("Duration: " + readable_duration(transcript.duration_ms));
  }
  if (!transcript.language.empty()) {
    const bool translated = transcript.task == Task::kTranslate;
    facts.push_back("Language: " + capitalised(language_name(transcript.language)) +
                    (translated ? ", translated into English" : ""));
  }
  std::vector<std::string> names;
  for (const Passage& passage : split_by_speaker(transcript, speakers)) {
    if (!passage.speaker.empty() && std::ranges::find(names, passage.speaker) == names.end()) {
      names.push_back(passage.speaker);
    }
  }
  if (names.size() > kSpeakersNamedMax) {
    facts.push_back("Speakers: " + std::to_string(names.size()));
  } else if (!names.empty()) {
    std::string list;
    for (const std::string& name : names) {
      list += (list.empty() ? "" : ", ") + name;
    }
    facts.push_back("Speakers: " + list);
  }
  return facts;
}

}  // namespace katip::text
