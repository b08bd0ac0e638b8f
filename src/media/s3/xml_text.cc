#include "media/s3/xml_text.h"

#include <charconv>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

/// Tested by xml_text_test.cc and fuzz/fuzz_s3_xml.cc.
namespace katip::media {
namespace {

constexpr std::pair<std::string_view, char> kEntities[] = {
    {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};

/// "&#x41;" and "&#65;" of one byte; keys of ours have no other characters.
std::optional<char> numeric_entity(std::string_view entity) {
  if (!entity.starts_with("&#") || entity.size() < 4) return std::nullopt;
  const bool is_hexadecimal = entity[2] == 'x';
  const std::string_view digits = entity.substr(is_hexadecimal ? 3 : 2);
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size() - 1,
                                            number, is_hexadecimal ? 16 : 10);
  const bool is_whole = error == std::errc() && end == digits.data() + digits.size() - 1;
  return is_whole && number < 0x80 ? std::optional(static_cast<char>(number)) : std::nullopt;
}

std::string without_entities(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t begin = text.find('&');
    result += text.substr(0, begin);
    if (begin == text.npos) break;
    text.remove_prefix(begin);
    const std::size_t end = text.find(';');
    const std::string_view entity = end == text.npos ? "" : text.substr(0, end + 1);
    std::optional<char> meant = numeric_entity(entity);
    for (const auto& [name, c] : kEntities) {
      if (entity == name) meant = c;
    }
    result += meant.value_or('&');
    text.remove_prefix(meant ? entity.size() : 1);
  }
  return result;
}

}  // namespace

std::vector<std::string_view> elements_of(std::string_view xml, std::string_view name) {
  const std::string open = fmt::format("<{}", name);
  const std::string close = fmt::format("</{}>", name);
  std::vector<std::string_view> found;
  for (std::size_t at = 0; (at = xml.find(open, at)) != xml.npos;) {
    at += open.size();
    const char next = at < xml.size() ? xml[at] : '\0';
    if (next != '>' && next != ' ') continue;  // The begin of a longer name.
    const std::size_t begin = xml.find('>', at);
    if (begin == xml.npos) break;
    const std::size_t end = xml.find(close, begin);
    if (end == xml.npos) break;
    found.push_back(xml.substr(begin + 1, end - begin - 1));
    at = end + close.size();
  }
  return found;
}

std::optional<std::string> text_of(std::string_view xml, std::string_view name) {
  const auto found = elements_of(xml, name);
  return found.empty() ? std::nullopt : std::optional(without_entities(found.front()));
}

}  // namespace katip::media
