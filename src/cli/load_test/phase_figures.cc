#include "cli/load_test/phase_figures.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <boost/json.hpp>
#include <fmt/format.h>

/// Tested by phase_figures_test.cc.
namespace katip::cli {
namespace {

namespace json = boost::json;

constexpr double kWidth = 720;
constexpr double kHeight = 360;
constexpr double kMargin = 50;
constexpr double kShortest = 0.001;  // Seconds at the left edge of the plot.
constexpr double kLongest = 1'000;
constexpr std::array<const char*, 5> kColours = {"#2563eb", "#d97706", "#059669", "#db2777",
                                                 "#7c3aed"};

double x_of(double seconds) {
  const double part = std::log10(std::clamp(seconds, kShortest, kLongest) / kShortest) /
                      std::log10(kLongest / kShortest);
  return kMargin + part * (kWidth - 2 * kMargin);
}

double y_of(double part) { return kHeight - kMargin - part * (kHeight - 2 * kMargin); }

std::string axes() {
  std::string svg;
  for (double seconds = kShortest; seconds <= kLongest; seconds *= 10) {
    svg += fmt::format(
        "<line x1=\"{0:.0f}\" y1=\"{1:.0f}\" x2=\"{0:.0f}\" y2=\"{2:.0f}\" stroke=\"#8884\"/>"
        "<text x=\"{0:.0f}\" y=\"{3:.0f}\" text-anchor=\"middle\">{4:g} s</text>",
        x_of(seconds), y_of(0), y_of(1), y_of(0) + 18, seconds);
  }
  for (const double part : {0.0, 0.5, 0.9, 1.0}) {
    svg += fmt::format(
        "<line x1=\"{0:.0f}\" y1=\"{2:.0f}\" x2=\"{1:.0f}\" y2=\"{2:.0f}\" stroke=\"#8884\"/>"
        "<text x=\"{3:.0f}\" y=\"{4:.0f}\" text-anchor=\"end\">{5:.0f} %</text>",
        kMargin, kWidth - kMargin, y_of(part), kMargin - 6, y_of(part) + 4, 100 * part);
  }
  return svg;
}

std::string curve(const PhaseFigures& phase, const char* colour) {
  std::string points;
  const auto count = static_cast<double>(phase.count());
  for (std::size_t i = 0; i < phase.seconds.size(); ++i) {
    points += fmt::format("{:.1f},{:.1f} ", x_of(phase.seconds[i]),
                          y_of(static_cast<double>(i + 1) / count));
  }
  return fmt::format("<polyline fill=\"none\" stroke=\"{}\" stroke-width=\"2\" points=\"{}\"/>",
                     colour, points);
}

}  // namespace

int PhaseFigures::count() const {
  return std::accumulate(errors.begin(), errors.end(), static_cast<int>(seconds.size()),
                         [](int sum, const auto& error) { return sum + error.second; });
}

double PhaseFigures::success_rate() const {
  return count() == 0 ? 100
                      : 100 * static_cast<double>(seconds.size()) / static_cast<double>(count());
}

double PhaseFigures::rate() const {
  return elapsed_s > 0 ? static_cast<double>(seconds.size()) / elapsed_s : 0;
}

double PhaseFigures::percentile(double part) const {
  if (seconds.empty()) return 0;
  const auto index =
      static_cast<std::size_t>(std::ceil(part * static_cast<double>(seconds.size())) - 1);
  return seconds[std::min(index, seconds.size() - 1)];
}

std::string phase_table(const std::vector<PhaseFigures>& phases) {
  std::string table =
      fmt::format("{:<10} {:>7} {:>9} {:>9} {:>8} {:>8} {:>8} {:>8}\n", "phase", "count", "success",
                  "a second", "p50 s", "p95 s", "p99 s", "max s");
  for (const PhaseFigures& phase : phases) {
    table += fmt::format("{:<10} {:>7} {:>7.2f} % {:>9.1f} {:>8.3f} {:>8.3f} {:>8.3f} {:>8.3f}\n",
                         phase.name, phase.count(), phase.success_rate(), phase.rate(),
                         phase.percentile(0.5), phase.percentile(0.95), phase.percentile(0.99),
                         phase.percentile(1));
  }
  for (const PhaseFigures& phase : phases) {
    for (const auto& [message, count] : phase.errors) {
      table += fmt::format("{}: {} x {}\n", phase.name, count, message);
    }
  }
  return table;
}

std::string phase_json(const std::vector<PhaseFigures>& phases) {
  json::object all;
  for (const PhaseFigures& phase : phases) {
    json::object errors;
    for (const auto& [message, count] : phase.errors) errors[message] = count;
    all[phase.name] = {{"count", phase.count()},          {"success_rate", phase.success_rate()},
                       {"per_second", phase.rate()},      {"elapsed_s", phase.elapsed_s},
                       {"p50_s", phase.percentile(0.5)},  {"p95_s", phase.percentile(0.95)},
                       {"p99_s", phase.percentile(0.99)}, {"max_s", phase.percentile(1)},
                       {"errors", std::move(errors)}};
  }
  return json::serialize(all);
}

std::string phase_plot(const std::vector<PhaseFigures>& phases) {
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
      "font-family=\"sans-serif\" font-size=\"12\"><rect width=\"100%\" height=\"100%\" "
      "fill=\"white\"/><text x=\"{2:.0f}\" y=\"20\">Part of the requests that were done after so "
      "many seconds</text>",
      kWidth, kHeight, kMargin);
  svg += axes();
  for (std::size_t i = 0; i < phases.size(); ++i) {
    const char* colour = kColours[i % kColours.size()];
    svg += curve(phases[i], colour);
    svg += fmt::format("<text x=\"{:.0f}\" y=\"40\" fill=\"{}\">{}</text>",
                       kMargin + 110.0 * static_cast<double>(i), colour, phases[i].name);
  }
  return svg + "</svg>\n";
}

}  // namespace katip::cli
