#include "jobs/cron.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "jobs/testing/scripted_rng.h"

namespace katip::jobs {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""ms;
using store::Timestamp;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Timestamp at(const std::string& text) { return store::parse_timestamp(text + ":00Z").value(); }

Cron cron(const std::string& text, const std::string& zone = "UTC") {
  auto parsed = Cron::parse(text, zone);
  EXPECT_TRUE(parsed) << parsed.error().message;
  return parsed.value();
}

/// The next slots as UTC: "2026-03-29T01:00".
std::vector<std::string> slots(const Cron& cron, const std::string& after, int count) {
  std::vector<std::string> result;
  std::optional<Timestamp> slot = at(after);
  for (int i = 0; i < count; ++i) {
    slot = cron.next_after(*slot);
    if (!slot) {
      result.push_back("never");
      break;
    }
    result.push_back(store::to_text(*slot).substr(0, 16));
  }
  return result;
}

std::string problem(const std::string& text, const std::string& zone = "UTC") {
  const auto parsed = Cron::parse(text, zone);
  if (parsed) return "none";
  EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidArgument);
  return parsed.error().message;
}

TEST(Cron, GivesTheNextSlotBehindAMoment) {
  EXPECT_THAT(slots(cron("*/15 * * * *"), "2026-01-01T00:00", 3),
              ElementsAre("2026-01-01T00:15", "2026-01-01T00:30", "2026-01-01T00:45"));
  EXPECT_THAT(slots(cron("59 23 31 12 *"), "2026-12-31T23:58", 2),
              ElementsAre("2026-12-31T23:59", "2027-12-31T23:59"));
  EXPECT_THAT(slots(cron("5-10/5,0 8,20 * * *"), "2026-01-01T08:05", 3),
              ElementsAre("2026-01-01T08:10", "2026-01-01T20:00", "2026-01-01T20:05"));
  EXPECT_EQ(cron("* * * * *").next_after(at("2026-01-01T00:00") - 1ms), at("2026-01-01T00:00"));
  EXPECT_EQ(cron("* * * * *").next_after(at("2026-01-01T00:00") + 1ms), at("2026-01-01T00:01"));
}

TEST(Cron, KnowsNamesAndShorthands) {
  EXPECT_THAT(slots(cron("0 3 * JAN,jul Mon-fri"), "2026-01-30T12:00", 2),
              ElementsAre("2026-07-01T03:00", "2026-07-02T03:00"));
  EXPECT_THAT(slots(cron("@hourly"), "2026-01-01T00:30", 1), ElementsAre("2026-01-01T01:00"));
  EXPECT_THAT(slots(cron("@daily"), "2026-01-01T00:30", 1), ElementsAre("2026-01-02T00:00"));
  EXPECT_THAT(slots(cron("@weekly"), "2026-01-01T00:30", 1), ElementsAre("2026-01-04T00:00"));
  EXPECT_THAT(slots(cron("@monthly"), "2026-01-01T00:30", 1), ElementsAre("2026-02-01T00:00"));
  EXPECT_THAT(slots(cron("@yearly"), "2026-01-01T00:30", 1), ElementsAre("2027-01-01T00:00"));
  EXPECT_EQ(slots(cron("0 0 * * 7"), "2026-01-01T00:00", 3),
            slots(cron("0 0 * * 0"), "2026-01-01T00:00", 3));
  EXPECT_EQ(slots(cron("0 0 * * fri-sun"), "2026-01-01T00:00", 6),
            slots(cron("0 0 * * 5,6,0"), "2026-01-01T00:00", 6));
}

TEST(Cron, OneOfTwoRestrictedDaysIsEnough) {
  EXPECT_THAT(
      slots(cron("0 0 13 * fri"), "2026-02-01T00:00", 4),
      ElementsAre("2026-02-06T00:00", "2026-02-13T00:00", "2026-02-20T00:00", "2026-02-27T00:00"));
  EXPECT_THAT(slots(cron("0 0 1 * *"), "2026-02-02T00:00", 1), ElementsAre("2026-03-01T00:00"));
  EXPECT_THAT(slots(cron("0 0 */10 * mon"), "2026-01-01T00:00", 2),
              ElementsAre("2026-05-11T00:00", "2026-06-01T00:00"))
      << "a step of a star still restricts together with the other field";
}

TEST(Cron, LeapDaysAreFoundAndDaysThatNeverComeAreNot) {
  EXPECT_THAT(slots(cron("0 0 29 2 *"), "2026-01-01T00:00", 2),
              ElementsAre("2028-02-29T00:00", "2032-02-29T00:00"));
  EXPECT_THAT(slots(cron("0 0 29 2 *"), "2096-03-01T00:00", 1), ElementsAre("2104-02-29T00:00"));
  EXPECT_THAT(slots(cron("0 0 30 2 *"), "2026-01-01T00:00", 1), ElementsAre("never"));
  EXPECT_THAT(slots(cron("0 0 31 4,6,9,11 *"), "2026-01-01T00:00", 1), ElementsAre("never"));
  EXPECT_EQ(cron("* * * * *").next_after(Timestamp::max()), std::nullopt);
  EXPECT_TRUE(cron("* * * * *").next_after(Timestamp::min()));
}

TEST(Cron, IstanbulHasHadOneOffsetSince2016) {
  const Cron nightly = cron("0 3 * * *", "Europe/Istanbul");
  EXPECT_THAT(slots(nightly, "2026-03-28T12:00", 2),
              ElementsAre("2026-03-29T00:00", "2026-03-30T00:00"));
  EXPECT_THAT(slots(nightly, "2026-10-24T12:00", 2),
              ElementsAre("2026-10-25T00:00", "2026-10-26T00:00"));
  EXPECT_THAT(slots(nightly, "2015-03-28T12:00", 3),
              ElementsAre("2015-03-29T01:00", "2015-03-30T00:00", "2015-03-31T00:00"))
      << "on that day three o'clock was skipped, and four was its end";
  EXPECT_THAT(slots(nightly, "2015-11-07T00:30", 2),
              ElementsAre("2015-11-08T00:00", "2015-11-09T01:00"))
      << "three o'clock came twice; it runs at the first";
}

TEST(Cron, BerlinSkipsAnHourInSpringAndDoublesOneInAutumn) {
  const Cron at_half_past_two = cron("30 2 * * *", "Europe/Berlin");
  EXPECT_THAT(slots(at_half_past_two, "2026-03-27T12:00", 3),
              ElementsAre("2026-03-28T01:30", "2026-03-29T01:00", "2026-03-30T00:30"));
  EXPECT_THAT(slots(at_half_past_two, "2026-10-24T12:00", 2),
              ElementsAre("2026-10-25T00:30", "2026-10-26T01:30"));
  const Cron often = cron("*/20 2,3 * * *", "Europe/Berlin");
  EXPECT_THAT(slots(often, "2026-03-29T00:00", 3),
              ElementsAre("2026-03-29T01:00", "2026-03-29T01:20", "2026-03-29T01:40"))
      << "what was skipped and what begins there are one slot";
  EXPECT_THAT(
      slots(often, "2026-10-25T00:10", 4),
      ElementsAre("2026-10-25T00:20", "2026-10-25T00:40", "2026-10-25T02:00", "2026-10-25T02:20"));
  EXPECT_THAT(slots(at_half_past_two, "2026-10-25T01:15", 1), ElementsAre("2026-10-26T01:30"))
      << "asked within the second of the two hours";
}

TEST(Cron, NewYorkMovesItsClocksOnOtherDays) {
  const Cron nightly = cron("30 2 * * *", "America/New_York");
  EXPECT_THAT(slots(nightly, "2026-03-07T12:00", 2),
              ElementsAre("2026-03-08T07:00", "2026-03-09T06:30"));
  const Cron early = cron("30 1 * * *", "America/New_York");
  EXPECT_THAT(slots(early, "2026-10-31T12:00", 2),
              ElementsAre("2026-11-01T05:30", "2026-11-02T06:30"));
}

TEST(Cron, FindsTheLastSlotOfALongTime) {
  EXPECT_EQ(cron("* * * * *").last_in(at("2016-01-01T00:00"), at("2026-01-01T00:00") + 30'000ms),
            at("2026-01-01T00:00"));
  EXPECT_EQ(cron("0 0 29 2 *").last_in(at("2016-01-01T00:00"), at("2026-01-01T00:00")),
            at("2024-02-29T00:00"));
  EXPECT_EQ(cron("0 3 * * *").last_in(at("2026-01-01T03:00"), at("2026-01-02T02:59")),
            std::nullopt);
  EXPECT_EQ(cron("0 0 30 2 *").last_in(at("2016-01-01T00:00"), at("2026-01-01T00:00")),
            std::nullopt);
}

TEST(Cron, SaysWhatIsWrongAndWhatToWrite) {
  EXPECT_THAT(problem("0 25 * * *"), HasSubstr("field `hour`: 25 is not in 0 to 23"));
  EXPECT_THAT(problem("60 * * * *"), HasSubstr("field `minute`: 60 is not in 0 to 59"));
  EXPECT_THAT(problem("0 0 0 * *"), HasSubstr("field `day of month`: 0 is not in 1 to 31"));
  EXPECT_THAT(problem("* * * *"), HasSubstr("4 fields instead of 5"));
  EXPECT_THAT(problem("0 * * * * *"), HasSubstr("there are no seconds"));
  EXPECT_THAT(problem(""), HasSubstr("0 fields"));
  EXPECT_THAT(problem("0 0 * jna *"), HasSubstr("Did you mean `jan`?"));
  EXPECT_THAT(problem("0 0 * * xyz"), HasSubstr("no number from 0 to 7 and no name"));
  EXPECT_THAT(problem("0 22-3 * * *"), HasSubstr("write `22-23,0-3`"));
  EXPECT_THAT(problem("5/15 * * * *"), HasSubstr("write `5-59/15`"));
  EXPECT_THAT(problem("*/0 * * * *"), HasSubstr("`/0` is no step"));
  EXPECT_THAT(problem("*/90 * * * *"), HasSubstr("from 1 to 59"));
  EXPECT_THAT(problem("*/ * * * *"), HasSubstr("no step"));
  EXPECT_THAT(problem("1, * * * *"), HasSubstr("comma"));
  EXPECT_THAT(problem("1- * * * *"), HasSubstr("no end"));
  EXPECT_THAT(problem("-1 * * * *"), HasSubstr("no number"));
  EXPECT_THAT(problem("/5 * * * *"), HasSubstr("write `*/5`"));
  EXPECT_THAT(problem("0 0 ? * *"), HasSubstr("other schedulers"));
  EXPECT_THAT(problem("0 0 L * *"), HasSubstr("other schedulers"));
  EXPECT_THAT(problem("@dayly"), HasSubstr("Did you mean `@daily`?"));
  EXPECT_THAT(problem("@reboot"), HasSubstr("is not known"));
  EXPECT_THAT(problem(std::string(1'000, '*')), HasSubstr("at most 256 bytes"));
  EXPECT_THAT(problem("99999999999999999999 * * * *"), HasSubstr("field `minute`"));
  EXPECT_THAT(problem("* * * * *", "Europe/Istambul"), HasSubstr("Did you mean `Europe/Istanbul`"));
  EXPECT_THAT(problem("* * * * *", ""), HasSubstr("no time zone"));
  EXPECT_THAT(problem("* * * * *", "../../etc/passwd"), HasSubstr("no time zone"));
}

// --- Against a walk over every minute -----------------------------------------------------------

/// The zone of the C library, for as long as this lives.
class ProcessZone {
 public:
  explicit ProcessZone(const std::string& zone) {
    ::setenv("TZ", zone.c_str(), 1);
    ::tzset();
  }
  ~ProcessZone() {
    ::unsetenv("TZ");
    ::tzset();
  }
  ProcessZone(const ProcessZone&) = delete;
  ProcessZone& operator=(const ProcessZone&) = delete;
};

struct Field {
  std::set<int> values;
  std::string text;
  bool is_starred = false;
};

Field random_field(SeededRng& rng, int least, int most) {
  Field field;
  const int kind = rng.below(5);
  if (kind <= 1) {
    const int step = kind == 0 ? 1 : 1 + rng.below((most + 1) / 2);
    for (int value = least; value <= most; value += step) field.values.insert(value);
    field.text = step == 1 ? "*" : fmt::format("*/{}", step);
    field.is_starred = true;
    return field;
  }
  for (int i = 0; i < kind - 1; ++i) {
    const int first = least + rng.below(most - least + 1);
    const int last = first + rng.below(most - first + 1);
    const int step = 1 + rng.below(3);
    for (int value = first; value <= last; value += step) field.values.insert(value);
    field.text += fmt::format("{}{}-{}/{}", i == 0 ? "" : ",", first, last, step);
  }
  return field;
}

struct RandomCron {
  Field minute, hour, day, month, weekday;

  explicit RandomCron(SeededRng& rng)
      : minute(random_field(rng, 0, 59)),
        hour(random_field(rng, 0, 23)),
        day(random_field(rng, 1, 31)),
        month(random_field(rng, 1, 12)),
        weekday(random_field(rng, 0, 6)) {}

  std::string text() const {
    return fmt::format("{} {} {} {} {}", minute.text, hour.text, day.text, month.text,
                       weekday.text);
  }
  bool fits(const std::tm& wall) const {
    const bool fits_day = day.values.contains(wall.tm_mday);
    const bool fits_weekday = weekday.values.contains(wall.tm_wday);
    const bool is_starred = day.is_starred || weekday.is_starred;
    return minute.values.contains(wall.tm_min) && hour.values.contains(wall.tm_hour) &&
           month.values.contains(wall.tm_mon + 1) &&
           (is_starred ? fits_day && fits_weekday : fits_day || fits_weekday);
  }
};

/// The slots in (begin, end] by looking at the wall every minute: one happens when the wall first
/// shows it, or has passed over it.
std::vector<Timestamp> walk(const RandomCron& cron, Timestamp begin, Timestamp end) {
  std::vector<Timestamp> found;
  std::time_t highest = 0;
  for (Timestamp time = begin - 24h; time <= end; time += 1min) {
    const std::time_t moment = std::chrono::system_clock::to_time_t(time);
    std::tm wall{};
    ::localtime_r(&moment, &wall);
    const std::time_t shown = ::timegm(&wall);
    bool is_slot = false;
    for (std::time_t minute = highest + 60; highest != 0 && minute <= shown; minute += 60) {
      std::tm passed{};
      ::gmtime_r(&minute, &passed);
      is_slot = is_slot || cron.fits(passed);
    }
    highest = std::max(highest, shown);
    if (is_slot && time > begin) found.push_back(time);
  }
  return found;
}

TEST(Cron, AgreesWithAWalkOverEveryMinute) {
  SeededRng rng(20'260'329);
  const std::vector<std::pair<std::string, std::string>> places = {
      {"Europe/Berlin", "2026-03-28T00:00"},       {"Europe/Berlin", "2026-10-24T00:00"},
      {"Europe/Istanbul", "2015-11-07T00:00"},     {"Europe/Istanbul", "2016-09-06T00:00"},
      {"America/New_York", "2024-03-09T00:00"},    {"America/New_York", "2026-10-31T00:00"},
      {"Australia/Lord_Howe", "2026-04-03T00:00"}, {"Pacific/Apia", "2011-12-28T12:00"},
      {"America/St_Johns", "2006-04-01T00:00"},    {"UTC", "2024-02-28T00:00"}};
  for (const auto& [zone, begin] : places) {
    const ProcessZone process_zone(zone);
    for (int i = 0; i < 12; ++i) {
      const RandomCron random(rng);
      const Timestamp end = at(begin) + 72h;
      const auto wanted = walk(random, at(begin), end);
      const Cron cron = Cron::parse(random.text(), zone).value();
      std::vector<Timestamp> given;
      for (auto slot = cron.next_after(at(begin)); slot && *slot <= end;
           slot = cron.next_after(*slot)) {
        given.push_back(*slot);
      }
      ASSERT_EQ(given, wanted) << random.text() << " in " << zone << " from " << begin;
      ASSERT_EQ(cron.last_in(at(begin), end),
                wanted.empty() ? std::nullopt : std::optional(wanted.back()));
    }
  }
}

}  // namespace
}  // namespace katip::jobs
