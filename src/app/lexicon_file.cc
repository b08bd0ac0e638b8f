#include "app/lexicon_file.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "base/trimmed.h"

namespace katip::app {
namespace {

constexpr std::size_t kTermCountMax = 100'000;
constexpr std::size_t kTermSizeMax = 500;
constexpr float kWeightMax = 5.0f;

std::optional<float> parse_weight(std::string_view text) {
  float value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_good = error == std::errc{} && end == text.data() + text.size() && value >= 0.0f &&
                       value <= kWeightMax;
  return is_good ? std::optional(value) : std::nullopt;
}

Result<engine::LexiconTerm> parse_line(std::string_view line) {
  engine::LexiconTerm term;
  term.term = trimmed(take_until(line, '\t'));
  if (!line.empty()) {
    const std::string_view text = trimmed(take_until(line, '\t'));
    const std::optional<float> weight = parse_weight(text);
    if (!weight) {
      return fail(
          ErrorCode::kInvalidArgument,
          fmt::format("`{}` is not a weight from 0 to 5; alternatives come after it", text));
    }
    term.weight = *weight;
  }
  while (!line.empty()) {
    if (const std::string_view spelling = trimmed(take_until(line, '\t')); !spelling.empty()) {
      term.alternatives.emplace_back(spelling);
    }
  }
  const auto is_too_long = [](const std::string& text) { return text.size() > kTermSizeMax; };
  if (term.term.empty()) {
    return fail(ErrorCode::kInvalidArgument, "the line has no term");
  }
  if (is_too_long(term.term) || std::ranges::any_of(term.alternatives, is_too_long)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("the term is longer than {} bytes", kTermSizeMax));
  }
  return term;
}

}  // namespace

Result<std::vector<engine::LexiconTerm>> parse_lexicon(std::string_view text,
                                                       const std::string& file_name) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) {
    text.remove_prefix(kByteOrderMark.size());
  }
  std::vector<engine::LexiconTerm> terms;
  int line_number = 0;
  while (!text.empty()) {
    const std::string_view line = take_until(text, '\n');
    ++line_number;
    if (trimmed(line).empty() || line.starts_with('#')) {
      continue;
    }
    Result<engine::LexiconTerm> term = parse_line(line);
    if (!term) {
      return fail(fmt::format("{}:{}", file_name, line_number), std::move(term).error());
    }
    if (terms.size() == kTermCountMax) {
      return fail(ErrorCode::kTooLarge,
                  fmt::format("{} has more than {} terms", file_name, kTermCountMax));
    }
    terms.push_back(*std::move(term));
  }
  return terms;
}

}  // namespace katip::app
