#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "text/alignment.h"
#include "text/normalize.h"

/// Word and character error rates.
///
///   ErrorCount total;
///   for (const Clip& clip : clips) {
///     total += compare(clip.reference, clip.text, clip.language).count;   // pooled, not averaged
///   }
///   total.rate();
namespace katip::text {

/// Errors of one text, or of many together: add the counts, never the rates.
struct ErrorCount {
  std::int64_t reference_count = 0;  ///< Words (or characters) that were said.
  std::int64_t substitution_count = 0;
  std::int64_t deletion_count = 0;
  std::int64_t insertion_count = 0;

  [[nodiscard]] std::int64_t errors() const {
    return substitution_count + deletion_count + insertion_count;
  }
  /// Errors per reference word, more than 1 when much was made up. When nothing was said: 0 if
  /// nothing was written either, else 1.
  [[nodiscard]] double rate() const;

  ErrorCount& operator+=(const ErrorCount& other);
  friend bool operator==(const ErrorCount&, const ErrorCount&) = default;
};

/// Two texts side by side.
struct Comparison {
  ErrorUnit unit = ErrorUnit::kWord;
  ErrorCount count;
  std::vector<std::string> reference;   ///< Normalised, in order.
  std::vector<std::string> hypothesis;  ///< Normalised, in order.
  std::vector<Edit> edits;              ///< Their indexes are into the two lists above.
};

/// Normalises both texts, in words or characters as the language asks, and aligns them.
///
/// Threads: pure; safe from any thread.
Comparison compare(std::string_view reference, std::string_view hypothesis,
                   std::string_view language);
Comparison compare(std::string_view reference, std::string_view hypothesis,
                   std::string_view language, ErrorUnit unit);

/// The comparison on one line for a person: the text as it was written, errors in brackets:
/// "my {fellow -> fallow} Americans {+and} {-ask}". Matches far from any error are left out ("…").
std::string readable_errors(const Comparison& comparison);

}  // namespace katip::text
