#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/lexicon.h"
#include "base/result.h"

/// Lexicons as files; docs/records.md describes the formats.
namespace katip::app {

enum class LexiconFormat {
  kCsv,   ///< A first line with names of columns: term, language, category, weight, …
  kJson,  ///< A list of terms, or of objects.
  kText,  ///< A term a line, as `katip transcribe --lexicon` reads it.
};

/// "csv", "json", "txt".
std::string_view file_extension(LexiconFormat format);
std::string_view content_type(LexiconFormat format);
/// Errors: kInvalidArgument.
Result<LexiconFormat> parse_lexicon_format(std::string_view name);

/// `language` is that of terms which do not name their own.
///
/// Errors:  kInvalidArgument, naming the line or the item; kTooLarge beyond 100,000 terms.
/// Threads: pure.
Result<std::vector<TermRequest>> parse_terms_file(std::string_view bytes, LexiconFormat format,
                                                  const std::string& language);

/// Threads: pure.
std::string write_terms_file(const std::vector<Term>& terms, LexiconFormat format);

}  // namespace katip::app
