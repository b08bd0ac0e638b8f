#include "text/subtitles/break_rules.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include <unicode/uchar.h>

#include "base/utf8.h"
#include "text/unicode/characters.h"

// Tested by break_rules_test.cc.
namespace katip::text {
namespace {

using WordSet = std::unordered_set<std::string_view>;

// A pause that a listener hears as one, though the text has no comma.
constexpr std::int64_t kPauseMs = 350;

struct BreakWords {
  WordSet with_next;      ///< The noun that they belong to follows.
  WordSet with_previous;  ///< They lean on the word before.
  WordSet opens_clause;   ///< A break before them is natural.
  WordSet abbreviations;  ///< Their dot ends no sentence.
};

const BreakWords& english() {
  static const BreakWords kWords{
      .with_next = {"a",      "an",     "the",   "this",    "that",    "these",   "those", "my",
                    "your",   "his",    "her",   "its",     "our",     "their",   "some",  "any",
                    "no",     "every",  "each",  "of",      "in",      "on",      "at",    "to",
                    "for",    "from",   "with",  "without", "by",      "as",      "into",  "onto",
                    "over",   "under",  "about", "between", "through", "during",  "than",  "i",
                    "you",    "he",     "she",   "it",      "we",      "they",    "who",   "is",
                    "am",     "are",    "was",   "were",    "be",      "been",    "has",   "have",
                    "had",    "do",     "does",  "did",     "will",    "would",   "can",   "could",
                    "should", "may",    "might", "must",    "not",     "very",    "more",  "most",
                    "and",    "or",     "but",   "if",      "when",    "because", "while", "so",
                    "i'm",    "you're", "it's",  "we're",   "they're", "don't",   "mr",    "mrs",
                    "ms",     "dr",     "st",    "prof"},
      .with_previous = {},
      .opens_clause = {"and",   "or",     "but",      "because", "that",   "which", "who",
                       "when",  "while",  "where",    "if",      "so",     "as",    "than",
                       "until", "unless", "although", "though",  "before", "after", "since",
                       "to",    "for",    "with",     "in",      "on",     "at",    "from",
                       "by",    "into",   "about",    "whether"},
      .abbreviations = {"mr", "mrs", "ms", "dr", "prof", "st", "jr", "sr", "vs", "no", "e.g", "i.e",
                        "approx", "gen", "sen", "col"}};
  return kWords;
}

const BreakWords& turkish() {
  static const BreakWords kWords{
      .with_next = {"bir",   "bu",    "şu",      "o",     "her",  "hiç",  "çok",   "daha",  "en",
                    "bazı",  "tüm",   "bütün",   "hangi", "ne",   "kaç",  "ve",    "veya",  "ya",
                    "ama",   "fakat", "ancak",   "çünkü", "eğer", "hem",  "benim", "senin", "onun",
                    "bizim", "sizin", "onların", "sayın", "dr",   "prof", "av"},
      .with_previous = {"de",    "da",    "ki",   "mi",     "mı",   "mu",     "mü",
                        "için",  "ile",   "gibi", "kadar",  "göre", "sonra",  "önce",
                        "değil", "diye",  "ise",  "rağmen", "beri", "dolayı", "karşı",
                        "doğru", "üzere", "var",  "yok",    "bey",  "hanım"},
      .opens_clause = {"ve", "veya", "ama", "fakat", "ancak", "çünkü", "eğer", "oysa", "yani",
                       "hem"},
      .abbreviations = {"dr", "prof", "av", "sn", "vb", "örn", "bkz", "doç", "yrd"}};
  return kWords;
}

const BreakWords& words_of(std::string_view language) {
  static const BreakWords kNone;
  return language == "en" ? english() : language == "tr" ? turkish() : kNone;
}

bool is_one_of(char32_t c, std::u32string_view set) { return set.find(c) != set.npos; }

bool closes(char32_t c) { return is_one_of(c, U"\"'”’»›)]」』）】》〉"); }
bool opens(char32_t c) { return is_one_of(c, U"“‘«‹([「『（【《〈¿¡–—"); }
bool ends_clause(char32_t c) { return is_one_of(c, U",;:、，；：،؛–—"); }

std::string_view without_closing_marks(std::string_view text) {
  while (!text.empty() && closes(last_character(text))) {
    text = text.substr(0, character_begin(text, text.size() - 1));
  }
  return text;
}

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_upper(char32_t c) { return u_isupper(static_cast<UChar32>(c)); }

/// "Mr.", "J.", "3.": a dot that more of the sentence follows.
bool is_abbreviation(std::string_view marked, std::string_view word, const BreakWords& words) {
  return marked.ends_with('.') && !marked.ends_with("..") &&
         (words.abbreviations.contains(word) || display_width(word) == 1 ||
          (is_digits(word) && word.size() <= 2));
}

class Judge {
 public:
  Judge(std::span<const Unit> units, std::string_view language)
      : units_(units), words_(words_of(language)), capitals_are_names_(language != "de") {
    lowered_.reserve(units.size());
    for (const Unit& unit : units) {
      lowered_.push_back(lower(without_outer_punctuation(unit.text), language));
    }
  }

  [[nodiscard]] BreakQuality after(std::size_t i) const {
    const Unit& unit = units_[i];
    const Unit& next = units_[i + 1];
    if (unit.is_label) {
      return BreakQuality::kNever;
    }
    if (next.is_label) {
      return BreakQuality::kSentence;
    }
    const BreakQuality by_text = judge_text(i);
    const bool is_pause = next.start_ms - unit.end_ms >= kPauseMs;
    return is_pause && by_text > BreakQuality::kClause ? BreakQuality::kClause : by_text;
  }

 private:
  [[nodiscard]] BreakQuality judge_text(std::size_t i) const {
    const std::string_view marked = without_closing_marks(units_[i].text);
    const char32_t last = last_character(marked);
    const char32_t next_first = first_character(units_[i + 1].text);
    if (is_abbreviation(marked, lowered_[i], words_)) {
      return BreakQuality::kPoor;
    }
    if (ends_sentence(last)) {
      return is_lower_case(next_first) ? BreakQuality::kClause : BreakQuality::kSentence;
    }
    if (ends_clause(last) || opens(next_first)) {
      return BreakQuality::kClause;
    }
    if (belong_together(i)) {
      return BreakQuality::kPoor;
    }
    return words_.opens_clause.contains(lowered_[i + 1]) ? BreakQuality::kPhrase
                                                         : BreakQuality::kWord;
  }

  [[nodiscard]] bool belong_together(std::size_t i) const {
    const Unit& unit = units_[i];
    const Unit& next = units_[i + 1];
    const bool is_name = capitals_are_names_ && is_upper(first_character(unit.text)) &&
                         is_upper(first_character(next.text));
    return next.cuts_word || is_name || is_digits(lowered_[i]) ||
           words_.with_next.contains(lowered_[i]) || words_.with_previous.contains(lowered_[i + 1]);
  }

  std::span<const Unit> units_;
  const BreakWords& words_;
  bool capitals_are_names_ = true;  ///< German writes every noun with one.
  std::vector<std::string> lowered_;
};

}  // namespace

double break_cost(BreakQuality quality) {
  constexpr std::array<double, 6> kCosts = {0, 4, 8, 14, 40, 1000};
  return kCosts[static_cast<std::size_t>(quality)];
}

std::vector<BreakQuality> rate_breaks(std::span<const Unit> units, std::string_view language) {
  std::vector<BreakQuality> qualities(units.size(), BreakQuality::kSentence);
  const Judge judge(units, language);
  for (std::size_t i = 0; i + 1 < units.size(); ++i) {
    qualities[i] = judge.after(i);
  }
  return qualities;
}

}  // namespace katip::text
