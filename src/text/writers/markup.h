#pragma once

#include <string>
#include <string_view>

namespace katip::text {

/// Any text as character data (not attributes) of XML, HTML or WebVTT: & < > as entities, on one
/// line, without the characters that XML 1.0 forbids.
std::string escaped_markup(std::string_view text);

/// Any text as plain words of Markdown: signs that would mean something are escaped.
std::string escaped_markdown(std::string_view text);

}  // namespace katip::text
