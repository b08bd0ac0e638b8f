#include "text/subtitles/line_breaker.h"

#include <algorithm>
#include <limits>

// Dynamic programming over (lines used, units placed): a cue has at most a few dozen units, so
// every way to break it is weighed. Tested by line_breaker_test.cc.
namespace katip::text {
namespace {

constexpr double kImpossible = std::numeric_limits<double>::infinity();
// Against break_cost(): 10 columns off the even length weigh 5, one column more than a clause end
// is better than a break between any two words.
constexpr double kUnevennessCost = 0.05;
constexpr double kTopHeavyCost = 0.15;
constexpr double kOrphanCost = 25;
constexpr int kOrphanWidth = 8;

std::string joined(std::span<const Unit> units) {
  std::string line;
  for (const Unit& unit : units) {
    line += unit.space_before && !line.empty() ? " " : "";
    line += unit.text;
  }
  return line;
}

/// Costs of one line that holds [begin, end), not counting the break after it.
double line_cost(std::span<const Unit> units, std::size_t begin, std::size_t end, int width,
                 double even_width) {
  const double off = width - even_width;
  const bool is_orphan = end - begin == 1 && width < kOrphanWidth && !units[begin].is_label;
  // An upper line that is too long costs a little more than a lower one that is: bottom-heavy.
  const double top_heavy = end < units.size() && off > 0 ? kTopHeavyCost * off : 0;
  return kUnevennessCost * off * off + top_heavy + (is_orphan ? kOrphanCost : 0);
}

}  // namespace

void LineFill::add(const Unit& unit) {
  const int space = line_count_ > 0 && unit.space_before ? 1 : 0;
  width_ += space + unit.width;
  if (line_count_ > 0 && line_width_ + space + unit.width <= width_max_) {
    line_width_ += space + unit.width;
  } else {
    ++line_count_;
    line_width_ = unit.width;
  }
}

BrokenLines break_lines(std::span<const Unit> units, std::span<const BreakQuality> qualities,
                        int width_max) {
  LineFill fill(width_max);
  std::ranges::for_each(units, [&](const Unit& unit) { fill.add(unit); });
  if (fill.line_count() <= 1) {
    return {.begins = {0}, .cost = 0};
  }
  const auto line_count = static_cast<std::size_t>(fill.line_count());
  const double even_width = static_cast<double>(fill.width()) / fill.line_count();
  const std::size_t row = units.size() + 1;
  // [lines used, units placed]: the least cost, and where the last of the lines begins.
  std::vector<double> costs((line_count + 1) * row, kImpossible);
  std::vector<std::size_t> begins(costs.size(), 0);
  costs[0] = 0;
  for (std::size_t line = 1; line <= line_count; ++line) {
    const std::size_t first_end = line == line_count ? units.size() : line;
    for (std::size_t end = first_end; end <= units.size(); ++end) {
      int width = 0;
      for (std::size_t begin = end; begin-- > line - 1;) {
        width += units[begin].width + (begin + 1 < end && units[begin + 1].space_before ? 1 : 0);
        if (end - begin > 1 && width > width_max) {
          break;
        }
        const double cost = costs[(line - 1) * row + begin] +
                            (begin > 0 ? break_cost(qualities[begin - 1]) : 0) +
                            line_cost(units, begin, end, width, even_width);
        if (cost < costs[line * row + end]) {
          costs[line * row + end] = cost;
          begins[line * row + end] = begin;
        }
      }
    }
  }
  BrokenLines lines{.begins = std::vector<std::size_t>(line_count), .cost = costs.back()};
  std::size_t end = units.size();
  for (std::size_t line = line_count; line > 0; --line) {
    end = begins[line * row + end];
    lines.begins[line - 1] = end;
  }
  return lines;
}

std::vector<std::string> write_lines(std::span<const Unit> units, const BrokenLines& lines) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < lines.begins.size(); ++i) {
    const std::size_t end = i + 1 < lines.begins.size() ? lines.begins[i + 1] : units.size();
    texts.push_back(joined(units.subspan(lines.begins[i], end - lines.begins[i])));
  }
  return texts;
}

}  // namespace katip::text
