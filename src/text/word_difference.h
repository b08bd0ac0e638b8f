#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace katip::text {

enum class DifferenceKind {
  kSame,
  kRetouched,  ///< Only case or punctuation differ.
  kReplaced,
  kRemoved,  ///< `after` is empty.
  kAdded,    ///< `before` is empty.
};

/// "same", "retouched", "replaced", "removed", "added".
std::string_view name(DifferenceKind kind);

/// Words that follow each other and have the same fate.
struct WordRun {
  DifferenceKind kind = DifferenceKind::kSame;
  std::vector<std::string> before = {};  ///< As they stand in the text, without blanks.
  std::vector<std::string> after = {};

  friend bool operator==(const WordRun&, const WordRun&) = default;
};

/// How one text became another, as a reviewer sees it: read in order, the runs are both texts.
///
/// Threads: pure; safe from any thread.
std::vector<WordRun> word_difference(std::string_view before, std::string_view after,
                                     std::string_view language);

}  // namespace katip::text
