#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "text/term_candidates.h"
#include "text/word_difference.h"
#include "text/word_errors.h"

/// What the columns diff_data and extracted_terms of feedback hold.
namespace katip::app {

/// {"word_error_rate": 0.1, "reference_count": 10, "substitution_count": …, "runs":
///  [{"kind": "same", "text": "…"}, {"kind": "replaced", "before": "…", "after": "…"}]}
std::string difference_json(std::span<const text::WordRun> difference,
                            const text::ErrorCount& errors);

/// [{"term": "Ankara", "heard": "angara", "count": 2}]
std::string terms_json(std::span<const text::TermCandidate> terms);
/// Errors: kCorruptData.
Result<std::vector<text::TermCandidate>> parse_terms(std::string_view json);

}  // namespace katip::app
