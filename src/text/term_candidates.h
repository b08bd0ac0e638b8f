#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "text/word_difference.h"

/// What a reviewer's corrections tell about names and terms that the engine does not know.
namespace katip::text {

struct TermCandidate {
  std::string term;   ///< As the reviewer wrote it, without the suffix behind an apostrophe.
  std::string heard;  ///< What stood there before.
  int count = 1;      ///< How often in this text.

  friend bool operator==(const TermCandidate&, const TermCandidate&) = default;
};

/// Substitutions that may be terms: what was heard sounds like what was written, and what was
/// written is a name or an abbreviation (a capital inside a sentence, or capitals and digits inside
/// a word). Everything else is grammar, style or content, and teaches a lexicon nothing. Languages
/// without capitals have no candidates.
///
/// Threads: pure; safe from any thread.
std::vector<TermCandidate> find_term_candidates(std::span<const WordRun> difference,
                                                std::string_view language);

/// From 0 (nothing in common) to 1: an edit distance over letters without accents, where a vowel
/// for a vowel and a consonant for its like cost less.
///
/// Threads: pure; safe from any thread.
double sound_similarity(std::string_view one, std::string_view other, std::string_view language);
inline constexpr double kSoundsAlikeMin = 0.6;

}  // namespace katip::text
