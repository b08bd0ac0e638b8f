#pragma once

#include <span>
#include <string_view>

/// The languages of Whisper by code and English name. The engine has the same list; the two modules
/// do not know each other.
///
/// Threads: pure; safe from any thread.
namespace katip::text {

struct LanguageName {
  std::string_view code;  ///< ISO 639-1, or 639-3 where there is none: "tr", "haw", "yue".
  std::string_view name;  ///< In lower case, as OpenAI's API spells it: "turkish".
};

std::span<const LanguageName> language_names();

/// "turkish" for "tr"; the code itself when it is not in the list.
std::string_view language_name(std::string_view code);

/// "tr" for "turkish", "Turkish" or "tr"; empty when it is neither name nor code.
std::string_view language_code(std::string_view name_or_code);

}  // namespace katip::text
