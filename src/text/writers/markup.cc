#include "text/writers/markup.h"

#include <algorithm>

#include "text/unicode/characters.h"

// What XML forbids beyond markup (controls, halves of surrogates, noncharacters at the end of the
// first plane) is what clean_line() takes out as well.
// Tested by markup_test.cc.
namespace katip::text {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// "1." or "1)" at the start of a line would be a list: the place of the sign, or npos.
std::size_t list_sign(std::string_view line) {
  const auto after_digits =
      static_cast<std::size_t>(std::ranges::find_if_not(line, is_digit) - line.begin());
  const bool is_list = after_digits > 0 && after_digits < line.size() &&
                       (line[after_digits] == '.' || line[after_digits] == ')');
  return is_list ? after_digits : line.npos;
}

}  // namespace

std::string escaped_markup(std::string_view text) {
  std::string escaped;
  for (const char c : clean_line(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string escaped_markdown(std::string_view text) {
  constexpr std::string_view kEverywhere = "\\`*_[]<>&~|";
  constexpr std::string_view kAtLineStart = "#+-=";
  const std::string line = clean_line(text);
  const std::size_t sign = list_sign(line);
  std::string escaped;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (kEverywhere.find(line[i]) != kEverywhere.npos || i == sign ||
        (i == 0 && kAtLineStart.find(line[i]) != kAtLineStart.npos)) {
      escaped += '\\';
    }
    escaped += line[i];
  }
  return escaped;
}

}  // namespace katip::text
