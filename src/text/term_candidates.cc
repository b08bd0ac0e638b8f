#include "text/term_candidates.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include "text/normalize.h"
#include "text/unicode/characters.h"

// Tested by term_candidates_test.cc.
namespace katip::text {
namespace {

constexpr std::size_t kTermWordsMax = 4;
constexpr std::size_t kTermSizeMax = 200;  // Bytes; of the column too.
constexpr std::size_t kLetterCountMin = 3;

/// Letters that are taken for each other when a name is heard.
constexpr std::array<std::string_view, 8> kSoundClasses = {"aeiouy", "bp",  "dt", "gkcqx",
                                                           "szjc",   "fvw", "mn", "lr"};

/// Small letters and digits without accents, no letter twice in a row.
std::u32string letters_of(std::string_view text, std::string_view language) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* form = icu::Normalizer2::getNFDInstance(status);
  icu::UnicodeString characters = icu::UnicodeString::fromUTF8(lower(text, language));
  if (U_SUCCESS(status)) characters = form->normalize(characters, status);
  std::u32string letters;
  for (std::int32_t at = 0; at < characters.length(); at = characters.moveIndex32(at, 1)) {
    UChar32 c = characters.char32At(at);
    if (c == 0x0131) c = 'i';  // The Turkish i without a dot.
    const bool counts = u_isalnum(c) != 0;
    if (counts && (letters.empty() || letters.back() != static_cast<char32_t>(c))) {
      letters.push_back(static_cast<char32_t>(c));
    }
  }
  return letters;
}

double substitution_cost(char32_t one, char32_t other) {
  constexpr double kAlike = 0.4;
  if (one == other) return 0;
  if (one > 127 || other > 127) return 1;
  const bool is_alike = std::ranges::any_of(kSoundClasses, [&](std::string_view letters) {
    return letters.contains(static_cast<char>(one)) && letters.contains(static_cast<char>(other));
  });
  return is_alike ? kAlike : 1;
}

double sound_distance(const std::u32string& one, const std::u32string& other) {
  std::vector<double> row(other.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j) row[j] = static_cast<double>(j);
  for (std::size_t i = 0; i < one.size(); ++i) {
    double diagonal = std::exchange(row[0], static_cast<double>(i + 1));
    for (std::size_t j = 0; j < other.size(); ++j) {
      const double changed = diagonal + substitution_cost(one[i], other[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j + 1] + 1, row[j] + 1});
    }
  }
  return row.back();
}

bool is_upper(char32_t c) { return u_isupper(static_cast<UChar32>(c)) != 0; }

/// "Ankara" of "Ankara'da": what is joined by an apostrophe and small is no part of a name.
std::string_view without_suffix(std::string_view word) {
  for (const std::string_view apostrophe : {"'", "\u2019"}) {
    const std::size_t at = word.find(apostrophe);
    if (at == word.npos || at < 2) continue;
    const std::string_view suffix = word.substr(at + apostrophe.size());
    if (!suffix.empty() && is_lower_case(first_character(suffix))) return word.substr(0, at);
  }
  return word;
}

std::string bare(std::string_view word) {
  return std::string(without_suffix(without_outer_punctuation(word)));
}

/// A capital or a digit behind the first letter: "GPT", "iPhone", "B52".
bool has_inner_sign(std::string_view word) {
  const icu::UnicodeString text = icu::UnicodeString::fromUTF8(
      icu::StringPiece(word.data(), static_cast<std::int32_t>(word.size())));
  bool has_letter = false;
  bool has_sign = false;
  for (std::int32_t at = 0; at < text.length(); at = text.moveIndex32(at, 1)) {
    const UChar32 c = text.char32At(at);
    has_letter = has_letter || u_isalpha(c) != 0;
    has_sign = has_sign || (at > 0 && (u_isupper(c) != 0 || u_isdigit(c) != 0));
  }
  return has_letter && has_sign;
}

/// "Mr.", "Doç.", "J.": names stand behind those more often than behind the end of a sentence.
bool is_abbreviation(std::string_view word) {
  constexpr int kLettersMax = 4;
  return word.ends_with('.') && is_upper(first_character(word)) &&
         display_width(word) <= kLettersMax + 1;
}

/// A word of the corrected text.
struct NewWord {
  std::string text;  ///< Bare.
  bool begins_sentence = false;
  bool ends_phrase = false;  ///< A sign behind it: a name does not go on.
};

std::vector<NewWord> new_words(std::span<const WordRun> difference) {
  std::vector<NewWord> words;
  bool begins_sentence = true;
  for (const WordRun& run : difference) {
    for (const std::string& word : run.after) {
      const std::string_view inner = without_outer_punctuation(word);
      words.push_back({.text = bare(word),
                       .begins_sentence = begins_sentence,
                       .ends_phrase = !word.ends_with(inner) || inner.size() != bare(word).size()});
      begins_sentence = ends_sentence(last_character(word)) && !is_abbreviation(word);
    }
  }
  return words;
}

class Finder {
 public:
  Finder(std::span<const WordRun> difference, std::string_view language)
      : language_(language), words_(new_words(difference)) {
    for (const NewWord& word : words_) {
      if (!word.begins_sentence && is_upper(first_character(word.text))) names_.insert(word.text);
    }
  }

  std::vector<TermCandidate> run(std::span<const WordRun> difference) {
    std::size_t at = 0;
    for (const WordRun& run : difference) {
      if (run.kind == DifferenceKind::kReplaced) look_at(run, at);
      at += run.after.size();
    }
    return std::move(candidates_);
  }

 private:
  [[nodiscard]] bool is_term(const NewWord& word) const {
    if (has_inner_sign(word.text)) return true;
    return is_upper(first_character(word.text)) &&
           (!word.begins_sentence || names_.contains(word.text));
  }

  /// The new words of a run begin at `begin` of all.
  void look_at(const WordRun& run, std::size_t begin) {
    const std::size_t count = run.after.size();
    for (std::size_t first = 0; first < count;) {
      if (!is_term(words_[begin + first])) {
        ++first;
        continue;
      }
      std::size_t last = first + 1;
      while (last < count && is_term(words_[begin + last]) &&
             !words_[begin + last - 1].ends_phrase) {
        ++last;
      }
      // Word by word where the numbers fit; else all that was heard, for the only name there is.
      if (run.before.size() == count) {
        add(begin, first, last, std::span(run.before).subspan(first, last - first));
      } else if (first == 0 && last == count) {
        add(begin, first, last, run.before);
      }
      first = last;
    }
  }

  void add(std::size_t begin, std::size_t first, std::size_t last,
           std::span<const std::string> before) {
    if (last - first > kTermWordsMax || before.size() > kTermWordsMax) return;
    std::string term;
    for (std::size_t i = first; i < last; ++i) {
      term += (term.empty() ? "" : " ") + words_[begin + i].text;
    }
    std::string heard;
    for (const std::string& word : before) heard += (heard.empty() ? "" : " ") + bare(word);
    if (term.size() > kTermSizeMax || heard.empty() || heard.size() > kTermSizeMax) return;
    if (letters_of(term, language_).size() < kLetterCountMin) return;
    if (sound_similarity(heard, term, language_) < kSoundsAlikeMin) return;
    const auto known = std::ranges::find_if(candidates_, [&](const TermCandidate& candidate) {
      return candidate.term == term && candidate.heard == heard;
    });
    if (known != candidates_.end()) {
      ++known->count;
    } else {
      candidates_.push_back({.term = std::move(term), .heard = std::move(heard)});
    }
  }

  std::string_view language_;
  std::vector<NewWord> words_;
  std::set<std::string> names_;  // Capitals inside of sentences.
  std::vector<TermCandidate> candidates_;
};

}  // namespace

std::vector<TermCandidate> find_term_candidates(std::span<const WordRun> difference,
                                                std::string_view language) {
  return Finder(difference, language).run(difference);
}

double sound_similarity(std::string_view one, std::string_view other, std::string_view language) {
  const std::u32string first = letters_of(one, language);
  const std::u32string second = letters_of(other, language);
  const std::size_t size = std::max(first.size(), second.size());
  if (size == 0) return 0;
  return std::max(0.0, 1 - sound_distance(first, second) / static_cast<double>(size));
}

}  // namespace katip::text
