#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "text/subtitles.h"
#include "text/subtitles/break_rules.h"
#include "text/subtitles/units.h"

namespace katip::text {

/// Counts the lines that units take when each line is filled before the next is begun: no way of
/// breaking takes fewer.
class LineFill {
 public:
  explicit LineFill(int width_max) : width_max_(width_max) {}

  void add(const Unit& unit);
  [[nodiscard]] int line_count() const { return line_count_; }
  [[nodiscard]] int width() const { return width_; }  ///< Of the whole text on one line.

 private:
  int width_max_ = 0;
  int line_count_ = 0;
  int line_width_ = 0;
  int width_ = 0;
};

/// Lines, and what breaking there costs in the currency of break_cost(); one line costs nothing.
struct BrokenLines {
  std::vector<std::size_t> begins = {};  ///< The first unit of each line.
  double cost = 0;
};

/// The units in as few lines as possible, broken where the text bears it, of even length, rather
/// longer below than above, no word alone.
///
/// Shapes: qualities[i] is that of a break after units[i].
BrokenLines break_lines(std::span<const Unit> units, std::span<const BreakQuality> qualities,
                        int width_max);

/// The texts of the lines.
std::vector<std::string> write_lines(std::span<const Unit> units, const BrokenLines& lines);

}  // namespace katip::text
