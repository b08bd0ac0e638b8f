#pragma once

#include <string>

#include "app/lexicon.h"
#include "base/result.h"

namespace katip::app {

/// The row of a term that people gave: trimmed, its language as a code, its normalised form made.
///
/// Errors: kInvalidArgument, naming what is wrong.
Result<Term> to_term(const TermRequest& request);

/// The term with what was changed, checked in the same way.
Result<Term> changed_term(const Term& term, const TermChange& change);

/// "tr" for "Turkish"; empty stays empty.
///
/// Errors: kInvalidArgument for a language that nobody knows.
Result<std::string> checked_language(const std::string& language);

}  // namespace katip::app
