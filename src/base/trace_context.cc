#include "base/trace_context.h"

#include <algorithm>

#include "base/sha256.h"

/// Tested by trace_context_test.cc.
namespace katip {
namespace {

bool is_id(std::string_view text, std::size_t size) {
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return text.size() == size && std::ranges::all_of(text, is_digit) &&
         text.find_first_not_of('0') != text.npos;
}

std::string digits_of(std::string_view kind, std::string_view id, std::size_t count) {
  Sha256 sum;
  sum.update(kind);
  sum.update(std::string_view("\n"));
  sum.update(id);
  return sum.finish().substr(0, count);
}

}  // namespace

std::optional<TraceContext> parse_traceparent(std::string_view text) {
  // Later versions may have more behind it.
  const bool has_form = text.size() >= 55 && text[2] == '-' && text[35] == '-' && text[52] == '-' &&
                        (text.size() == 55 || (!text.starts_with("00") && text[55] == '-'));
  if (!has_form || text.starts_with("ff")) return std::nullopt;
  const std::string_view trace_id = text.substr(3, 32);
  const std::string_view span_id = text.substr(36, 16);
  const std::string_view flags = text.substr(53, 2);
  constexpr std::string_view kDigits = "0123456789abcdef";
  const std::size_t low = kDigits.find(flags[1]);
  const bool is_good = is_id(trace_id, 32) && is_id(span_id, 16) && low != kDigits.npos &&
                       kDigits.find(flags[0]) != kDigits.npos &&
                       kDigits.find(text[0]) != kDigits.npos &&
                       kDigits.find(text[1]) != kDigits.npos;
  if (!is_good) return std::nullopt;
  return TraceContext{.trace_id = std::string(trace_id),
                      .span_id = std::string(span_id),
                      .is_sampled = (low & 1) != 0};
}

std::string to_traceparent(const TraceContext& context) {
  return "00-" + context.trace_id + "-" + context.span_id + (context.is_sampled ? "-01" : "-00");
}

std::string trace_id_of(std::string_view request_id) {
  return is_id(request_id, 32) ? std::string(request_id) : digits_of("trace", request_id, 32);
}

std::string span_id_of(std::string_view kind, std::string_view id) {
  return digits_of(kind, id, 16);
}

}  // namespace katip
