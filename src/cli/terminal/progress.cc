#include "cli/terminal/progress.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/readable.h"
#include "base/utf8.h"

// Tested by progress_test.cc.
namespace katip::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kDrawInterval = 100ms;
constexpr std::size_t kBarWidthMax = 30;
constexpr std::size_t kBarWidthMin = 8;
constexpr std::size_t kLabelWidthMax = 32;

// Columns of a UTF-8 text, one a character: enough for names, which are cut to fit anyway.
std::size_t columns(std::string_view text) { return character_count(text); }

// The end of a name says more than its middle: "a very long na….mp4".
std::string shortened(const std::string& name, std::size_t width) {
  if (columns(name) <= width || width < 8) {
    return name;
  }
  const auto prefix_of = [](std::string_view text, std::size_t count) {
    std::size_t at = 0;
    while (at < text.size() && count-- > 0) {
      at += std::max<std::size_t>(1, character_size(text.substr(at)));
    }
    return at;
  };
  constexpr std::size_t kTail = 5;
  const std::size_t tail_start = prefix_of(name, columns(name) - kTail);
  return name.substr(0, prefix_of(name, width - kTail - 1)) + "…" + name.substr(tail_start);
}

std::string bar(double share, std::size_t width) {
  const auto filled =
      static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(width));
  std::string text;
  for (std::size_t i = 0; i < width; ++i) {
    text += i < filled ? "━" : "─";
  }
  return text;
}

}  // namespace

std::string render_progress(const ProgressState& state, int terminal_width) {
  const double done_s = static_cast<double>(state.done_ms) / 1000.0;
  const double speed = state.elapsed_s > 0.05 ? done_s / state.elapsed_s : 0.0;
  std::string figures = readable_duration(state.done_ms);
  double share = 0;
  if (state.total_ms && *state.total_ms > 0) {
    share =
        std::min(1.0, static_cast<double>(state.done_ms) / static_cast<double>(*state.total_ms));
    figures = fmt::format("{:3.0f} %  {} / {}{}", share * 100, figures,
                          state.total_is_estimate ? "~" : "", readable_duration(*state.total_ms));
  }
  if (speed > 0) {
    figures += fmt::format("  {:.{}f}x", speed, speed < 10 ? 1 : 0);
  }
  if (speed > 0 && state.total_ms) {
    const double left_s = static_cast<double>(*state.total_ms - state.done_ms) / 1000.0 / speed;
    figures += fmt::format(
        "  {} left",
        readable_duration(static_cast<std::int64_t>(std::max(0.0, left_s) * 1000.0 + 999.0)));
  }
  // One column stays free: a full line would wrap on some terminals.
  const auto width = static_cast<std::size_t>(std::max(20, terminal_width)) - 1;
  const std::size_t label_room = width > columns(figures) + 2 ? width - columns(figures) - 2 : 0;
  const std::string label = shortened(state.label, std::min(kLabelWidthMax, label_room));
  if (columns(label) > label_room || label_room < 8) {
    return figures.substr(0, width);
  }
  const std::size_t bar_room = label_room - columns(label);
  if (!state.total_ms || bar_room < kBarWidthMin + 2) {
    return label + "  " + figures;
  }
  return label + "  " + bar(share, std::min(kBarWidthMax, bar_room - 2)) + "  " + figures;
}

ProgressView::ProgressView(Terminal& terminal, const Clock& clock, int file_count)
    : terminal_(terminal), clock_(clock), file_count_(file_count) {}

void ProgressView::begin(int file, std::string name) {
  const std::scoped_lock lock(mutex_);
  files_[file].name = printable(name);
  if (!start_) {
    start_ = clock_.now();
  }
  draw();
}

void ProgressView::update(int file, std::int64_t done_ms, std::optional<std::int64_t> total_ms) {
  const std::scoped_lock lock(mutex_);
  files_[file].done_ms = done_ms;
  files_[file].total_ms = total_ms;
  if (!drawn_ || clock_.now() - *drawn_ >= kDrawInterval) {
    draw();
  }
}

void ProgressView::end(int file) {
  const std::scoped_lock lock(mutex_);
  File& entry = files_[file];
  entry.is_done = true;
  if (entry.total_ms) {
    entry.done_ms = std::max(entry.done_ms, *entry.total_ms);
  }
  draw();
}

void ProgressView::close() {
  const std::scoped_lock lock(mutex_);
  is_closed_ = true;
  terminal_.set_status("");
}

// Files that have not begun, or do not say how long they are, count as long as the others are.
ProgressState ProgressView::state() const {
  ProgressState state;
  int done_count = 0;
  int known_count = 0;
  std::int64_t known_ms = 0;
  for (const auto& [index, file] : files_) {
    state.done_ms += file.done_ms;
    done_count += file.is_done ? 1 : 0;
    if (file.total_ms || file.is_done) {
      ++known_count;
      known_ms += file.total_ms.value_or(file.done_ms);
    }
  }
  state.label = file_count_ == 1 && !files_.empty()
                    ? files_.begin()->second.name
                    : fmt::format("{} of {} files", done_count, file_count_);
  if (known_count > 0) {
    state.total_ms = known_ms * file_count_ / known_count;
    state.total_is_estimate = known_count < file_count_;
  }
  state.elapsed_s = start_ ? std::chrono::duration<double>(clock_.now() - *start_).count() : 0.0;
  return state;
}

void ProgressView::draw() {
  if (!is_closed_ && terminal_.has_status()) {
    drawn_ = clock_.now();
    terminal_.set_status(render_progress(state(), terminal_.width()));
  }
}

}  // namespace katip::cli
