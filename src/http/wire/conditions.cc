#include "http/wire/conditions.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <limits>

#include <fmt/format.h>
#include <zlib.h>

#include "base/assert.h"
#include "base/sha256.h"
#include "http/headers.h"

/// Tested by conditions_test.cc; ranges are fuzzed by fuzz/fuzz_range.cc.
namespace katip::http {
namespace {

/// The next entry of a list separated by commas, which it takes off. A comma in quotes is none.
std::string_view next_entry(std::string_view& list) {
  bool is_quoted = false;
  std::size_t end = 0;
  for (; end < list.size() && (is_quoted || list[end] != ','); ++end) {
    if (list[end] == '"') is_quoted = !is_quoted;
  }
  const std::string_view entry = trimmed(list.substr(0, end));
  list.remove_prefix(std::min(end + 1, list.size()));
  return entry;
}

std::optional<std::int64_t> parse_count(std::string_view digits) {
  if (digits.empty() || digits.find_first_not_of("0123456789") != digits.npos) return std::nullopt;
  std::int64_t value = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool is_too_large = result.ec == std::errc::result_out_of_range;
  return is_too_large ? std::numeric_limits<std::int64_t>::max() : value;
}

bool is_weak(std::string_view tag) { return tag.starts_with("W/"); }

std::string_view opaque(std::string_view tag) { return is_weak(tag) ? tag.substr(2) : tag; }

}  // namespace

std::string entity_tag(std::string_view bytes) {
  Sha256 sum;
  sum.update(bytes);
  return '"' + sum.finish().substr(0, 32) + '"';
}

bool names_tag(std::string_view list, std::string_view tag, Comparison comparison) {
  while (!list.empty()) {
    const std::string_view entry = next_entry(list);
    if (entry == "*") return true;
    if (comparison == Comparison::kStrong && (is_weak(entry) || is_weak(tag))) continue;
    if (!entry.empty() && opaque(entry) == opaque(tag)) return true;
  }
  return false;
}

RangeChoice choose_range(std::string_view header, std::int64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (!header.starts_with(kUnit)) return {};
  const std::string_view spec = trimmed(header.substr(kUnit.size()));
  const std::size_t dash = spec.find('-');
  if (dash == std::string_view::npos || spec.contains(',')) return {};
  const std::string_view first_text = trimmed(spec.substr(0, dash));
  const std::string_view last_text = trimmed(spec.substr(dash + 1));
  const auto last = last_text.empty() ? std::optional(size - 1) : parse_count(last_text);
  if (first_text.empty()) {  // The last so many bytes.
    if (last_text.empty() || !last) return {};
    const std::int64_t count = std::min(*last, size);  // An empty file has no last bytes either.
    if (count == 0) return {.kind = RangeKind::kNotSatisfiable};
    return {.kind = RangeKind::kPart, .range = {size - count, count}};
  }
  const auto first = parse_count(first_text);
  if (!first || !last || (!last_text.empty() && *last < *first)) return {};
  if (*first >= size) return {.kind = RangeKind::kNotSatisfiable};
  return {.kind = RangeKind::kPart, .range = {*first, std::min(*last, size - 1) - *first + 1}};
}

bool accepts_coding(std::string_view accept_encoding, std::string_view coding) {
  while (!accept_encoding.empty()) {
    std::string_view entry = next_entry(accept_encoding);
    const std::size_t semicolon = std::min(entry.find(';'), entry.size());
    if (!equals_ignoring_case(trimmed(entry.substr(0, semicolon)), coding)) continue;
    entry.remove_prefix(semicolon);
    const std::size_t equals = entry.find('=');
    if (equals == std::string_view::npos) return true;
    return entry.substr(equals + 1).find_first_of("123456789") != std::string_view::npos;
  }
  return false;
}

std::string http_date(std::chrono::system_clock::time_point time) {
  static constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed",
                                                       "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT",
                     kDays[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
                     kMonths[static_cast<std::size_t>(parts.tm_mon)], 1900 + parts.tm_year,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string gzipped(std::string_view bytes) {
  constexpr int kGzipWindow = 15 + 16;
  constexpr int kFastLevel = 4;
  z_stream stream{};
  KATIP_ASSERT(deflateInit2(&stream, kFastLevel, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) ==
               Z_OK);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  // zlib only reads what next_in points to.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  KATIP_ASSERT(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace katip::http
