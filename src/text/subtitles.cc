#include "text/subtitles.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <utility>

#include "text/subtitles/break_rules.h"
#include "text/subtitles/cue_splitter.h"
#include "text/subtitles/line_breaker.h"
#include "text/subtitles/units.h"
#include "text/unicode/characters.h"

// Transcript -> units with times -> ranges of units -> lines -> final times. Each step is in a file
// of subtitles/; here are their order and the times.
// Tested by subtitles_test.cc.
namespace katip::text {
namespace {

// What a cue gets when there is no time at all for it, as when many segments share one time: enough
// to be seen. The next cue then comes later than its words.
constexpr std::int64_t kFlashMs = 200;

struct Range {
  const char* name;
  double value;
  double min;
  double max;
};

/// How long a person needs for the text.
std::int64_t reading_ms(std::span<const Unit> units, double columns_per_second) {
  return static_cast<std::int64_t>(std::ceil(width_of(units) * 1000.0 / columns_per_second));
}

/// The end of a cue that starts at `start_ms` and whose words end at `spoken_ms`: late enough to be
/// read where `next_ms`, the start of the next cue, leaves room.
std::int64_t end_of_cue(std::int64_t start_ms, std::int64_t spoken_ms, std::int64_t needed_ms,
                        std::optional<std::int64_t> next_ms, const SubtitleOptions& options) {
  const std::int64_t latest_ms = start_ms + options.cue_ms_max;
  std::int64_t end_ms = std::max(spoken_ms, start_ms + std::max(needed_ms, options.cue_ms_min));
  if (next_ms) {
    if (*next_ms - end_ms < options.gap_ms_bridged) {
      end_ms = *next_ms - options.gap_ms_min;
    }
    end_ms = std::min(end_ms, *next_ms - options.gap_ms_min);
  }
  end_ms = std::max(end_ms, start_ms + std::min(kFlashMs, options.cue_ms_min));
  return std::min(end_ms, latest_ms);
}

/// Gives the ranges their lines and times.
std::vector<Cue> write_cues(std::span<const Unit> units, std::span<const BreakQuality> qualities,
                            std::span<const UnitRange> ranges, const SubtitleOptions& options) {
  std::vector<Cue> cues;
  cues.reserve(ranges.size());
  std::int64_t earliest_ms = 0;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const std::size_t count = ranges[i].end - ranges[i].begin;
    const std::span<const Unit> words = units.subspan(ranges[i].begin, count);
    std::optional<std::int64_t> next_ms;
    if (i + 1 < ranges.size()) {
      next_ms = units[ranges[i + 1].begin].start_ms;
    }
    Cue cue{
        .start_ms = std::max(earliest_ms, words.front().start_ms),
        .lines = write_lines(words, break_lines(words, qualities.subspan(ranges[i].begin, count),
                                                options.line_width_max)),
        .speaker = words.front().speaker};
    cue.end_ms = end_of_cue(cue.start_ms, words.back().end_ms,
                            reading_ms(words, options.reading_speed_max), next_ms, options);
    earliest_ms = cue.end_ms + options.gap_ms_min;
    cues.push_back(std::move(cue));
  }
  return cues;
}

}  // namespace

Status SubtitleOptions::validate() const {
  const auto number = [](auto value) { return static_cast<double>(value); };
  const Range ranges[] = {
      {"line_width_max", number(line_width_max), 10, 200},
      {"line_count_max", number(line_count_max), 1, 5},
      {"reading_speed_max", reading_speed_max, 5, 100},
      {"cue_ms_max", number(cue_ms_max), 1000, 60000},
      {"cue_ms_min", number(cue_ms_min), 0, number(cue_ms_max)},
      {"gap_ms_min", number(gap_ms_min), 0, 1000},
      {"gap_ms_bridged", number(gap_ms_bridged), 0, 5000},
      {"pause_ms_max", number(pause_ms_max), 500, 60000},
  };
  for (const Range& range : ranges) {
    if (!(range.value >= range.min && range.value <= range.max)) {  // NaN must fail.
      return fail(ErrorCode::kInvalidArgument,
                  std::string("subtitle option ") + range.name + " must be between " +
                      std::to_string(std::llround(range.min)) + " and " +
                      std::to_string(std::llround(range.max)));
    }
  }
  return {};
}

Result<std::vector<Cue>> make_cues(const Transcript& transcript, const SubtitleOptions& options) {
  KATIP_TRY(options.validate());
  Transcript clean = cleaned(transcript);
  if (clean.task == Task::kTranslate) {
    clean.language = "en";
  }
  std::vector<Unit> units = KATIP_TRY(split_units(clean, options.line_width_max));
  if (options.speaker_labels == SpeakerLabels::kPrefix) {
    units = with_speaker_labels(std::move(units));
  }
  const std::vector<BreakQuality> qualities = rate_breaks(units, clean.language);
  return write_cues(units, qualities, split_cues(units, qualities, options), options);
}

}  // namespace katip::text
