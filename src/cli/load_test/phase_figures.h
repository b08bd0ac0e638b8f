#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace katip::cli {

/// What came of one phase of a load test: many requests of one kind.
struct PhaseFigures {
  std::string name = {};
  std::vector<double> seconds = {};        ///< Of those that succeeded, sorted.
  std::map<std::string, int> errors = {};  ///< How often each message came.
  double elapsed_s = 0;                    ///< Of the whole phase.

  [[nodiscard]] int count() const;
  /// Per cent; 100 when nothing was asked.
  [[nodiscard]] double success_rate() const;
  /// Successes a second.
  [[nodiscard]] double rate() const;
  /// `part` 0.5: the median. 0 when nothing succeeded.
  [[nodiscard]] double percentile(double part) const;
};

/// A row for each phase, for a terminal.
std::string phase_table(const std::vector<PhaseFigures>& phases);
/// Everything, for programs. One object.
std::string phase_json(const std::vector<PhaseFigures>& phases);
/// How many of a phase's requests were done after so many seconds, a line for each phase; an SVG
/// with a logarithmic scale of time.
std::string phase_plot(const std::vector<PhaseFigures>& phases);

}  // namespace katip::cli
