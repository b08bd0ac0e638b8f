#include "base/log/log_line.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

#include "base/utf8.h"

// Tested by log_line_test.cc.
namespace katip::log {
namespace {

constexpr std::size_t kTextSizeMax = 8'192;
constexpr std::size_t kFieldCountMax = 64;
constexpr std::array<std::string_view, 5> kFixed = {"ts", "level", "logger", "message", "pid"};

template <typename... Args>
void append(std::string& target, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(target), format, std::forward<Args>(args)...);
}

/// One character of UTF-8: how many bytes it has and which it is; 1 byte and U+FFFD when it is
/// none.
struct Decoded {
  std::size_t size = 1;
  char32_t code = 0xFFFD;
};

Decoded decode(std::string_view text) {
  const std::size_t size = character_size(text);
  if (size == 0) return {};
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (size == 1) return {1, byte(0)};
  char32_t code = byte(0) & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) code = (code << 6) | (byte(i) & 0x3FU);
  return {size, code};
}

/// What a terminal obeys or a reader does not see: C0, DEL, C1, line separators, marks that turn
/// the direction of writing, the byte order mark.
bool is_hidden(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x2028 && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069) || code == 0x200E || code == 0x200F || code == 0x061C ||
         code == 0xFEFF;
}

void append_character(std::string& target, std::string_view bytes, char32_t code) {
  if (code == U'"' || code == U'\\') {
    target += '\\';
    target += bytes;
  } else if (code == U'\n') {
    target += "\\n";
  } else if (code == U'\r') {
    target += "\\r";
  } else if (code == U'\t') {
    target += "\\t";
  } else if (is_hidden(code)) {
    append(target, "\\u{:04x}", static_cast<std::uint32_t>(code));
  } else if (code == 0xFFFD) {
    target += "\xEF\xBF\xBD";
  } else {
    target += bytes;
  }
}

void append_number(std::string& target, double value) {
  if (std::isfinite(value)) {
    append(target, "{}", value);
  } else {
    target += std::isnan(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
  }
}

void append_value(std::string& target, const LogField& field) {
  const auto write = [&]<typename T>(const T& value) {
    if constexpr (std::is_same_v<T, std::string_view>) {
      append_quoted(target, value);
    } else if constexpr (std::is_same_v<T, double>) {
      append_number(target, value);
    } else {
      append(target, "{}", value);
    }
  };
  std::visit(write, field.value());
}

/// Whether this field is shown: the first of its name, and among the first 64.
bool is_shown(std::span<const LogField> fields, std::size_t index) {
  if (index >= kFieldCountMax) return false;
  const auto before = fields.first(index);
  return std::ranges::find(before, fields[index].key(), &LogField::key) == before.end();
}

bool has_field(std::span<const LogField> fields, std::string_view key) {
  const auto shown = fields.first(std::min(fields.size(), kFieldCountMax));
  return std::ranges::find(shown, key, &LogField::key) != shown.end();
}

/// The parts of the context that are set and that no field replaces.
template <typename Function>
void each_of_context(const Line& line, Function&& function) {
  if (line.context == nullptr) return;
  const std::pair<std::string_view, const std::string*> parts[] = {
      {"request_id", &line.context->request_id},
      {"job_id", &line.context->job_id},
      {"task_id", &line.context->task_id}};
  for (const auto& [key, value] : parts) {
    if (!value->empty() && !has_field(line.fields, key)) function(key, *value);
  }
}

std::string_view color(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "\x1b[2m";
    case LogLevel::kInfo:
      return "\x1b[32m";
    case LogLevel::kWarning:
      return "\x1b[33m";
    case LogLevel::kError:
    case LogLevel::kCritical:
      return "\x1b[31;1m";
  }
  return "";
}

/// A text for people: without quotes when nothing in it needs them.
void append_plain(std::string& target, std::string_view text) {
  std::string quoted;
  append_quoted(quoted, text);
  const bool is_simple =
      !text.empty() && quoted.size() == text.size() + 2 && text.find_first_of(" =") == text.npos;
  target += is_simple ? std::string_view(quoted).substr(1, text.size()) : std::string_view(quoted);
}

}  // namespace

std::string timestamp(std::chrono::system_clock::time_point time) {
  using namespace std::chrono;
  const auto now = floor<milliseconds>(time);
  const auto day = floor<days>(now);
  const year_month_day date(day);
  const hh_mm_ss clock(now - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

void append_quoted(std::string& target, std::string_view text) {
  target += '"';
  std::size_t at = 0;
  while (at < text.size() && at < kTextSizeMax) {
    const Decoded character = decode(text.substr(at));
    append_character(target, text.substr(at, character.size), character.code);
    at += character.size;
  }
  if (at < text.size()) append(target, "… (cut, {} bytes)", text.size());
  target += '"';
}

std::string json_line(const Line& line) {
  std::string json =
      fmt::format(R"({{"ts":"{}","level":"{}","logger":)", timestamp(line.time), name(line.level));
  append_quoted(json, line.logger);
  json += ",\"message\":";
  append_quoted(json, line.message);
  each_of_context(line, [&](std::string_view key, const std::string& value) {
    append(json, ",\"{}\":", key);
    append_quoted(json, value);
  });
  append(json, ",\"pid\":{}", line.pid);
  for (std::size_t i = 0; i < line.fields.size(); ++i) {
    if (!is_shown(line.fields, i)) continue;
    const std::string_view key = line.fields[i].key();
    json += ',';
    append_quoted(json, std::ranges::find(kFixed, key) == kFixed.end()
                            ? std::string(key)
                            : "field_" + std::string(key));
    json += ':';
    append_value(json, line.fields[i]);
  }
  return json + "}";
}

std::string text_line(const Line& line, bool is_colored) {
  const std::string time = timestamp(line.time).substr(11, 12);
  std::string text =
      is_colored ? fmt::format("{} {}{:<8}\x1b[0m ", time, color(line.level), name(line.level))
                 : fmt::format("{} {:<8} ", time, name(line.level));
  std::string quoted;
  append_quoted(quoted, line.logger);
  text += std::string_view(quoted).substr(1, quoted.size() - 2);
  text += ": ";
  quoted.clear();
  append_quoted(quoted, line.message);
  text += std::string_view(quoted).substr(1, quoted.size() - 2);
  for (std::size_t i = 0; i < line.fields.size(); ++i) {
    if (!is_shown(line.fields, i)) continue;
    text += ' ';
    append_plain(text, line.fields[i].key());
    text += '=';
    if (const auto* value = std::get_if<std::string_view>(&line.fields[i].value())) {
      append_plain(text, *value);
    } else {
      append_value(text, line.fields[i]);
    }
  }
  each_of_context(line, [&](std::string_view key, const std::string& value) {
    append(text, " {}=", key);
    append_plain(text, value);
  });
  return text;
}

}  // namespace katip::log
