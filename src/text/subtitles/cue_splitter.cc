#include "text/subtitles/cue_splitter.h"

#include <algorithm>
#include <limits>

#include "text/subtitles/line_breaker.h"

// Speakers and long pauses cut the text into stretches. In a stretch, the cheapest of all ways to
// cut is found by dynamic programming: each cue costs something, so that they get filled; a bad
// break, a lonely word, a pause inside, or too little time to read costs more.
// Tested by cue_splitter_test.cc and, as a whole, by subtitles_test.cc.
namespace katip::text {
namespace {

// In the currency of break_cost().
constexpr double kCueCost = 12;
constexpr double kTornSentenceCost = 14;  ///< A sentence ends inside, and the next is cut short.
constexpr double kSmallCost = 0.6;        ///< For each column below kSmallWidth, and …
constexpr double kOrphanCost = 20;        ///< … for a word alone, unless that is all that was said.
constexpr int kSmallWidth = 20;
constexpr double kLineBreakShare = 0.6;  ///< A break between lines is milder than one of cues.
constexpr double kPauseCostPerSecond = 10;
constexpr double kTooShortCost = 40;
constexpr double kTooFastCost = 50;
constexpr double kTooFastTimesMax = 4;

class Splitter {
 public:
  Splitter(std::span<const Unit> units, std::span<const BreakQuality> qualities,
           const SubtitleOptions& options)
      : units_(units), qualities_(qualities), options_(options) {}

  std::vector<UnitRange> run() {
    for (std::size_t begin = 0; begin < units_.size();) {
      std::size_t end = begin + 1;
      while (end < units_.size() && !must_break_before(end)) {
        ++end;
      }
      split_stretch(begin, end);
      begin = end;
    }
    return std::move(cues_);
  }

 private:
  [[nodiscard]] bool must_break_before(std::size_t i) const {
    return units_[i].speaker != units_[i - 1].speaker || pause_before(i) >= options_.pause_ms_max;
  }

  [[nodiscard]] std::int64_t pause_before(std::size_t i) const {
    return std::max<std::int64_t>(0, units_[i].start_ms - units_[i - 1].end_ms);
  }

  void split_stretch(std::size_t begin, std::size_t end) {
    // [units of the stretch placed]: the least cost, and where the last cue begins.
    std::vector<double> costs(end - begin + 1, std::numeric_limits<double>::infinity());
    std::vector<std::size_t> begins(costs.size(), begin);
    costs[0] = 0;
    for (std::size_t first = begin; first < end; ++first) {
      LineFill fill(options_.line_width_max);
      double inner_cost = 0;
      bool has_sentence_end = false;
      for (std::size_t last = first; last < end; ++last) {
        fill.add(units_[last]);
        if (last > first && !fits(fill, first, last)) {
          break;
        }
        if (last > first) {
          inner_cost += kPauseCostPerSecond * static_cast<double>(pause_before(last)) / 1000;
          has_sentence_end |= qualities_[last - 1] == BreakQuality::kSentence;
        }
        const bool is_torn = has_sentence_end && qualities_[last] > BreakQuality::kClause;
        const double cost = costs[first - begin] + inner_cost + (is_torn ? kTornSentenceCost : 0) +
                            cue_cost(first, last, begin, end, fill.width());
        if (cost < costs[last - begin + 1]) {
          costs[last - begin + 1] = cost;
          begins[last - begin + 1] = first;
        }
      }
    }
    const auto first_cue = static_cast<std::ptrdiff_t>(cues_.size());
    for (std::size_t cue_end = end; cue_end > begin; cue_end = begins[cue_end - begin]) {
      cues_.push_back({begins[cue_end - begin], cue_end});
    }
    std::reverse(cues_.begin() + first_cue, cues_.end());
  }

  [[nodiscard]] bool fits(const LineFill& fill, std::size_t first, std::size_t last) const {
    return fill.line_count() <= options_.line_count_max &&
           units_[last].end_ms - units_[first].start_ms <= options_.cue_ms_max;
  }

  /// Of the break after the cue, its size, its lines and its time.
  [[nodiscard]] double cue_cost(std::size_t first, std::size_t last, std::size_t begin,
                                std::size_t end, int width) const {
    const bool ends_stretch = last + 1 == end;
    const bool is_whole = (first == begin || qualities_[first - 1] == BreakQuality::kSentence) &&
                          (ends_stretch || qualities_[last] == BreakQuality::kSentence);
    double cost = kCueCost + (ends_stretch ? 0 : break_cost(qualities_[last]));
    if (!is_whole) {
      cost += kSmallCost * std::max(0, kSmallWidth - width) + (first == last ? kOrphanCost : 0);
    }
    const std::size_t count = last + 1 - first;
    const double line_cost = break_lines(units_.subspan(first, count),
                                         qualities_.subspan(first, count), options_.line_width_max)
                                 .cost;
    return cost + kLineBreakShare * line_cost + time_cost(first, last, width);
  }

  [[nodiscard]] double time_cost(std::size_t first, std::size_t last, int width) const {
    std::int64_t time_ms = options_.cue_ms_max;
    if (last + 1 < units_.size()) {
      time_ms = std::clamp<std::int64_t>(
          units_[last + 1].start_ms - options_.gap_ms_min - units_[first].start_ms, 1, time_ms);
    }
    const auto time = static_cast<double>(time_ms);
    const double too_short = std::max(0.0, 1 - time / static_cast<double>(options_.cue_ms_min));
    const double too_fast =
        std::clamp(width * 1000.0 / time / options_.reading_speed_max - 1, 0.0, kTooFastTimesMax);
    return kTooShortCost * too_short + kTooFastCost * too_fast;
  }

  std::span<const Unit> units_;
  std::span<const BreakQuality> qualities_;
  const SubtitleOptions& options_;
  std::vector<UnitRange> cues_;
};

}  // namespace

std::vector<UnitRange> split_cues(std::span<const Unit> units,
                                  std::span<const BreakQuality> qualities,
                                  const SubtitleOptions& options) {
  return Splitter(units, qualities, options).run();
}

}  // namespace katip::text
