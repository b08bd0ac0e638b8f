#include "http/wire/tus_headers.h"

#include <algorithm>
#include <charconv>

#include "base/trimmed.h"
#include "http/headers.h"
#include "http/wire/base64.h"

/// Source: the tus protocol 1.0.0.
/// Tested by tus_headers_test.cc and fuzz/fuzz_tus.cc.
namespace katip::http {
namespace {

constexpr std::string_view kFinal = "final;";

/// What is said back in a header later.
bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char letter) { return letter >= ' ' && letter <= '~'; });
}

}  // namespace

std::optional<std::int64_t> tus_count(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = error == std::errc{} && end == text.data() + text.size();
  return is_whole && number >= 0 ? std::optional(number) : std::nullopt;
}

std::optional<TusMetadata> tus_metadata(std::string_view text) {
  if (!is_printable(text)) return std::nullopt;
  TusMetadata metadata;
  while (!text.empty()) {
    std::string_view pair = trimmed(take_until(text, ','));
    std::string name(take_until(pair, ' '));
    auto value = base64_decoded(trimmed(pair));
    if (name.empty() || !value) return std::nullopt;
    if (!metadata.emplace(std::move(name), *std::move(value)).second) return std::nullopt;
  }
  return metadata;
}

std::optional<TusChecksum> tus_checksum(std::string_view text) {
  TusChecksum checksum;
  checksum.algorithm = take_until(text, ' ');
  auto sum = base64_decoded(trimmed(text));
  if (checksum.algorithm.empty() || !sum || sum->empty()) return std::nullopt;
  checksum.sum = *std::move(sum);
  return checksum;
}

std::optional<TusConcat> tus_concat(std::string_view text) {
  if (text.empty()) return TusConcat{};
  if (text == "partial") return TusConcat{.part = TusPart::kPartial};
  if (!text.starts_with(kFinal) || !is_printable(text)) return std::nullopt;
  TusConcat concat{.part = TusPart::kFinal};
  text.remove_prefix(kFinal.size());
  while (!text.empty()) {
    const std::string_view url = take_until(text, ' ');
    if (!url.empty()) concat.ids.emplace_back(url.substr(url.rfind('/') + 1));
  }
  return concat;
}

}  // namespace katip::http
