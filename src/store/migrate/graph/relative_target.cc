#include "store/migrate/graph/relative_target.h"

#include <algorithm>
#include <cctype>

/// Tested by relative_target_test.cc.
namespace katip::store::migrate {
namespace {

constexpr int kStepsMax = 1'000'000'000;

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

bool is_word_character(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isalnum(byte) != 0 || c == '_' || byte >= 0x80;
}

int saturated(std::string_view digits) {
  int value = 0;
  for (const char c : digits) {
    value = std::min(kStepsMax, std::min(value, kStepsMax / 10) * 10 + (c - '0'));
  }
  return value;
}

/// [symbol](+|-)digits at the beginning of the text.
std::optional<RelativeTarget> parse_steps(std::string_view text) {
  std::size_t sign = 0;
  while (sign < text.size() && is_word_character(text[sign])) ++sign;
  if (sign == text.size() || (text[sign] != '+' && text[sign] != '-')) return std::nullopt;
  std::size_t end = sign + 1;
  while (end < text.size() && is_digit(text[end])) ++end;
  if (end == sign + 1) return std::nullopt;
  RelativeTarget target;
  if (sign > 0) target.symbol = std::string(text.substr(0, sign));
  target.step_text = text.substr(sign, end - sign);
  const int count = saturated(text.substr(sign + 1, end - sign - 1));
  target.steps = text[sign] == '-' ? -count : count;
  return target;
}

}  // namespace

std::optional<RelativeTarget> parse_relative_target(std::string_view text) {
  for (std::size_t at = text.find('@', 1); at != text.npos; at = text.find('@', at + 1)) {
    if (auto target = parse_steps(text.substr(at + 1))) {
      target->branch = std::string(text.substr(0, at));
      return target;
    }
  }
  return parse_steps(text);
}

}  // namespace katip::store::migrate
