#include "jobs/cron/cron_fields.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/suggestion.h"

/// Tested by cron_test.cc.
namespace katip::jobs {
namespace {

using Minutes = std::chrono::minutes;

constexpr std::size_t kTextSizeMax = 256;
constexpr int kYearsAhead = 60;
constexpr int kYearMax = 9'999;

constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekdays = {"sun", "mon", "tue", "wed",
                                                       "thu", "fri", "sat"};

struct FieldSpec {
  std::string_view name;
  int least;
  int most;
  std::span<const std::string_view> words = {};  // The first one stands for `least`.
};

constexpr std::array<FieldSpec, 5> kFields = {FieldSpec{"minute", 0, 59},
                                              {"hour", 0, 23},
                                              {"day of month", 1, 31},
                                              {"month", 1, 12, kMonths},
                                              {"day of week", 0, 7, kWeekdays}};

struct Shorthand {
  std::string_view name;
  std::string_view fields;
};

constexpr std::array<Shorthand, 7> kShorthands = {
    Shorthand{"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"},
    {"@weekly", "0 0 * * 0"},          {"@daily", "0 0 * * *"},    {"@midnight", "0 0 * * *"},
    {"@hourly", "0 * * * *"}};

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return result;
}

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find_first_of(separators);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::unexpected<Error> wrong(const FieldSpec& field, std::string_view what) {
  return fail(ErrorCode::kInvalidArgument, fmt::format("field `{}`: {}", field.name, what));
}

Result<int> parse_value(const FieldSpec& field, std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && text.front() != '-') {
    if (value >= field.least && value <= field.most) return value;
    return wrong(field, fmt::format("{} is not in {} to {}", value, field.least, field.most));
  }
  const std::string word = lower(text);
  const auto found = std::ranges::find(field.words, word);
  if (found != field.words.end()) {
    return field.least + static_cast<int>(found - field.words.begin());
  }
  if (text.find_first_of("?LW#") != std::string_view::npos && text.size() <= 3) {
    return wrong(field, fmt::format("`{}` is of other schedulers; write `*`, numbers, ranges "
                                    "`1-5`, lists `1,3` or steps `*/2`",
                                    text));
  }
  return wrong(field, fmt::format("`{}` is no number from {} to {}{}{}", text, field.least,
                                  field.most, field.words.empty() ? "" : " and no name",
                                  did_you_mean(nearest(word, field.words))));
}

Result<int> parse_step(const FieldSpec& field, std::string_view text) {
  int step = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), step);
  if (error != std::errc() || end != text.data() + text.size() || step < 1 || step > field.most) {
    return wrong(field,
                 fmt::format("`/{}` is no step; write a number from 1 to {}", text, field.most));
  }
  return step;
}

/// `*`, `3`, `1-5`, `*/2` or `1-5/2`.
Result<std::uint64_t> parse_item(const FieldSpec& field, std::string_view item) {
  if (item.empty()) return wrong(field, "nothing stands before or after a comma");
  const std::size_t slash = item.find('/');
  const std::string_view range = item.substr(0, slash);
  const std::size_t dash = range.find('-', 1);
  int first = field.least;
  int last = field.most;
  if (range != "*") {
    if (range.empty()) return wrong(field, fmt::format("`{}`: write `*{}`", item, item));
    first = KATIP_TRY(parse_value(field, range.substr(0, dash)));
    last = first;
  }
  if (dash != std::string_view::npos) {
    if (dash + 1 == range.size()) {
      return wrong(field, fmt::format("the range `{}` has no end", range));
    }
    last = KATIP_TRY(parse_value(field, range.substr(dash + 1)));
    // A week may end on Sunday.
    if (last == 0 && first > 0 && field.most == 7) last = 7;
    if (last < first) {
      return wrong(field, fmt::format("the range `{}` runs backwards; write `{}-{},{}-{}`", range,
                                      first, field.most, field.least, last));
    }
  }
  int step = 1;
  if (slash != std::string_view::npos) {
    step = KATIP_TRY(parse_step(field, item.substr(slash + 1)));
    if (range != "*" && dash == std::string_view::npos) {
      return wrong(field, fmt::format("`{}` has a step but no range; write `{}-{}/{}`", item, first,
                                      field.most, step));
    }
  }
  std::uint64_t set = 0;
  for (int value = first; value <= last; value += step) set |= std::uint64_t{1} << value;
  return set;
}

Result<std::uint64_t> parse_field(const FieldSpec& field, std::string_view text) {
  std::uint64_t set = 0;
  for (const std::string_view item : split(text, ",")) {
    set |= KATIP_TRY(parse_item(field, item));
  }
  if (field.most == 7 && (set & 0x80) != 0) set = (set & 0x7F) | 1;  // 7 is Sunday too.
  return set;
}

Result<std::string_view> expand(std::string_view text) {
  if (!text.starts_with('@')) return text;
  std::vector<std::string_view> names;
  for (const Shorthand& shorthand : kShorthands) {
    if (lower(text) == shorthand.name) return shorthand.fields;
    names.push_back(shorthand.name);
  }
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("`{}` is not known; there are @hourly, @daily, @weekly, @monthly and "
                          "@yearly.{}",
                          text, did_you_mean(nearest(text, names))));
}

bool has(std::uint64_t set, unsigned value) { return ((set >> value) & 1) != 0; }

/// The first value of the set that is `least` or more; 64 when there is none.
int first_of(std::uint64_t set, int least) {
  return least > 63 ? 64 : std::countr_zero(set & (~std::uint64_t{0} << least));
}

std::optional<Minutes> first_time(const CronFields& fields, Minutes begin) {
  const int hour = static_cast<int>(begin / std::chrono::hours(1));
  int first_hour = first_of(fields.hours, hour);
  int first_minute = 0;
  if (first_hour == hour) {
    first_minute = first_of(fields.minutes, static_cast<int>(begin.count() % 60));
    if (first_minute > 59) first_hour = first_of(fields.hours, hour + 1);
  }
  if (first_hour > 23) return std::nullopt;
  if (first_hour != hour) first_minute = first_of(fields.minutes, 0);
  return std::chrono::hours(first_hour) + Minutes(first_minute);
}

}  // namespace

Result<CronFields> CronFields::parse(std::string_view text) {
  if (text.size() > kTextSizeMax) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("a cron expression has at most {} bytes", kTextSizeMax));
  }
  std::vector<std::string_view> texts = split(KATIP_TRY(expand(text)), " \t");
  std::erase(texts, "");
  if (texts.size() != kFields.size()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} fields instead of 5; write minute, hour, day of month, month and "
                            "day of week, as in `0 3 * * *`{}",
                            texts.size(), texts.size() == 6 ? " (there are no seconds)" : ""));
  }
  CronFields fields;
  const std::array<std::uint64_t*, 5> sets = {&fields.minutes, &fields.hours, &fields.days,
                                              &fields.months, &fields.weekdays};
  for (std::size_t i = 0; i < sets.size(); ++i) {
    *sets[i] = KATIP_TRY(parse_field(kFields[i], texts[i]));
  }
  fields.is_day_starred = texts[2].starts_with('*');
  fields.is_weekday_starred = texts[4].starts_with('*');
  return fields;
}

bool CronFields::fits(const std::chrono::year_month_day& day) const {
  const bool fits_day = has(days, static_cast<unsigned>(day.day()));
  const std::chrono::weekday weekday{std::chrono::local_days(day)};
  const bool fits_weekday = has(weekdays, weekday.c_encoding());
  return is_day_starred || is_weekday_starred ? fits_day && fits_weekday : fits_day || fits_weekday;
}

std::optional<LocalMinute> CronFields::first_from(LocalMinute begin) const {
  using std::chrono::local_days;
  auto day = std::chrono::floor<std::chrono::days>(begin);
  Minutes time = begin - day;
  std::chrono::year_month_day date(day);
  const int last_year = std::min(static_cast<int>(date.year()) + kYearsAhead, kYearMax);
  while (static_cast<int>(date.year()) <= last_year) {
    if (!has(months, static_cast<unsigned>(date.month()))) {
      day = local_days((date.year() / date.month() + std::chrono::months(1)) / 1);
      time = Minutes(0);
    } else {
      const auto found = fits(date) ? first_time(*this, time) : std::nullopt;
      if (found) return day + *found;
      day += std::chrono::days(1);
      time = Minutes(0);
    }
    date = std::chrono::year_month_day(day);
  }
  return std::nullopt;
}

}  // namespace katip::jobs
