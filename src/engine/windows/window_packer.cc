// How it works: spans of speech wait in a queue, with their samples, until it is clear where their
// window ends. Laying them out one after the other (long pauses shortened) tells how long the
// window would be; it ends at a long pause, or when the next span does not fit any more, at the
// best pause so far. Positions are whole samples from the start of the file, so times cannot drift.
// Tested by window_packer_test.cc, over random streams.
#include "engine/windows/window_packer.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/assert.h"
#include "engine/voice/vad.h"

namespace katip::engine {
namespace {

constexpr std::int64_t kFrame = kVadFrameSamples;

std::ptrdiff_t offset(std::int64_t from, std::int64_t to) {
  return static_cast<std::ptrdiff_t>(to - from);
}

// How bad it is to cut in the middle of these three frames: the network's opinion first, then how
// loud they are (20 dB weigh as much as a hundredth of probability).
float cutting_cost(std::span<const SpeechFrame> frames) {
  float probability = 0.0f;
  float power = 1e-10f;
  for (const SpeechFrame& frame : frames) {
    probability += frame.probability;
    power += frame.power;
  }
  return probability / static_cast<float>(frames.size()) + 0.005f * std::log10(power);
}

}  // namespace

Status WindowOptions::validate() const {
  const auto check = [](bool good, const char* message) -> Status {
    if (good) return {};
    return fail(ErrorCode::kInvalidArgument, message);
  };
  KATIP_TRY(check(length_ms_max >= 1'000 && length_ms_max <= 30'000,
                  "length_ms_max must be 1000 to 30000 ms"));
  KATIP_TRY(check(length_ms_min >= 0 && length_ms_min <= length_ms_max,
                  "length_ms_min must be 0 to length_ms_max"));
  KATIP_TRY(
      check(cut_ms_from >= length_ms_max / 4 && cut_ms_from <= length_ms_max - 200,
            "cut_ms_from must be a quarter of length_ms_max at least, and 200 ms less than it "
            "at most"));
  KATIP_TRY(check(pad_ms >= 0 && pad_ms <= 200'000 && pause_ms_keep >= 2 * pad_ms,
                  "pad_ms must be 0 or more, and pause_ms_keep at least twice as much"));
  KATIP_TRY(
      check(2 * pad_ms <= length_ms_max / 4, "pad_ms must be an eighth of length_ms_max at most"));
  KATIP_TRY(check(pause_ms_break >= 2 * pad_ms && pause_ms_max >= pause_ms_break,
                  "pause_ms_break must be at least twice pad_ms, and at most pause_ms_max"));
  return check(
      extent_ms_max >= length_ms_max && extent_ms_max <= 600'000 && pause_ms_max <= 600'000,
      "extent_ms_max must be length_ms_max to 600000 ms, and pause_ms_max at most as much");
}

WindowPacker::WindowPacker(const WindowOptions& options)
    : length_max_(options.length_ms_max * kSamplesPerMs),
      length_min_(options.length_ms_min * kSamplesPerMs),
      cut_from_(options.cut_ms_from * kSamplesPerMs),
      pause_keep_(options.pause_ms_keep * kSamplesPerMs),
      pad_(options.pad_ms * kSamplesPerMs),
      pause_break_(options.pause_ms_break * kSamplesPerMs),
      pause_max_(options.pause_ms_max * kSamplesPerMs),
      extent_max_(options.extent_ms_max * kSamplesPerMs) {
  KATIP_ASSERT(options.validate().has_value());
}

std::vector<Window> WindowPacker::push(std::span<const float> pcm,
                                       std::span<const SpeechFrame> frames,
                                       std::span<const SpeechSpan> spans,
                                       std::int64_t decided_end) {
  pcm_.insert(pcm_.end(), pcm.begin(), pcm.end());
  frames_.insert(frames_.end(), frames.begin(), frames.end());
  for (const SpeechSpan& span : spans) {
    if (!spans_.empty() && spans_.back().end == span.start) {
      spans_.back().end = span.end;
    } else {
      spans_.push_back(span);
    }
  }
  decided_end_ = decided_end;
  std::vector<Window> windows = ready_windows(Stream::kRuns);
  forget_used();
  return windows;
}

std::vector<Window> WindowPacker::finish() {
  decided_end_ = pcm_start_ + static_cast<std::int64_t>(pcm_.size());
  std::vector<Window> windows = ready_windows(Stream::kEnded);
  taken_end_ = decided_end_;
  return windows;
}

std::int64_t WindowPacker::settled_end() const {
  const std::int64_t first = spans_.empty() ? decided_end_ : spans_.front().start;
  return std::max(taken_end_, first - pad_);
}

std::vector<Window> WindowPacker::ready_windows(Stream stream) {
  std::vector<Window> windows;
  while (const auto cut = next_cut(stream)) windows.push_back(take_window(*cut));
  return windows;
}

std::int64_t WindowPacker::kept_pause(std::int64_t pause) const {
  return pause <= pause_keep_ ? pause : 2 * pad_;
}

// The window of the first span alone. The pad before it stops where the last window ended.
WindowPacker::Layout WindowPacker::first_layout() const {
  const SpeechSpan& span = spans_.front();
  const std::int64_t start = std::max(taken_end_, span.start - pad_);
  return {1, start, span.end - start};
}

bool WindowPacker::ends_window(const Layout& layout, std::int64_t pause) const {
  return pause >= pause_max_ || (pause >= pause_break_ && layout.length >= length_min_);
}

// Where the next window ends; nothing when that is not known yet.
std::optional<WindowPacker::Cut> WindowPacker::next_cut(Stream stream) const {
  if (spans_.empty()) return std::nullopt;
  Layout layout = first_layout();
  if (layout.length > length_max_) return overflow_cut({0, layout.start, 0});
  for (std::size_t i = 1; i < spans_.size(); ++i) {
    const std::int64_t pause = spans_[i].start - spans_[i - 1].end;
    const bool too_far = spans_[i].start - layout.start > extent_max_;
    if (ends_window(layout, pause) || too_far) return Cut{i, {}};
    const std::int64_t grown =
        layout.length + kept_pause(pause) + (spans_[i].end - spans_[i].start);
    if (grown > length_max_) return overflow_cut(layout);
    layout = {i + 1, layout.start, grown};
  }
  const std::int64_t silence = decided_end_ - spans_.back().end;
  if (stream == Stream::kEnded || ends_window(layout, silence)) return Cut{layout.span_count, {}};
  return std::nullopt;
}

// The cut when the span after the fitting ones does not fit any more: the longest pause whose end
// lies in the last part of the window; else the last pause that leaves a window of some length;
// else inside the span, which then covers the whole last part.
WindowPacker::Cut WindowPacker::overflow_cut(const Layout& fitting) const {
  std::int64_t position = spans_[0].start - fitting.start;  // in the window
  std::int64_t longest = -1;
  Cut best;
  std::size_t last_long_enough = 0;
  for (std::size_t i = 1; i <= fitting.span_count; ++i) {
    const std::int64_t end = position + (spans_[i - 1].end - spans_[i - 1].start);
    const std::int64_t pause = spans_[i].start - spans_[i - 1].end;
    position = end + kept_pause(pause);
    if (end >= length_min_) last_long_enough = i;
    if (position < cut_from_ || pause < longest) continue;
    longest = pause;
    best.span_count = i;
  }
  if (best.span_count == 0) best.span_count = last_long_enough;
  if (best.span_count > 0) return best;
  const SpeechSpan& span = spans_[fitting.span_count];
  const std::int64_t zero = span.start - position;  // the sample at the window's position 0
  return {fitting.span_count, quietest_sample(zero + cut_from_, zero + length_max_)};
}

// The middle of the frame in [from, to) around which a cut does the least harm.
std::int64_t WindowPacker::quietest_sample(std::int64_t from, std::int64_t to) const {
  const std::int64_t first = (from - pcm_start_ + kFrame / 2) / kFrame;
  // The frame behind the last one ends within the range too: it is known however the stream is cut.
  const std::int64_t last = (to - pcm_start_) / kFrame - 2;
  std::int64_t best = std::max<std::int64_t>(first, 1);
  float cost_min = std::numeric_limits<float>::infinity();
  for (std::int64_t i = best; i <= last; ++i) {
    const float cost = cutting_cost(std::span(frames_).subspan(static_cast<std::size_t>(i) - 1, 3));
    if (cost > cost_min) continue;
    cost_min = cost;
    best = i;
  }
  return std::clamp(pcm_start_ + best * kFrame + kFrame / 2, from, to);
}

Window WindowPacker::take_window(const Cut& cut) {
  Window window;
  const std::size_t count = cut.span_count + (cut.inside ? 1 : 0);
  std::int64_t start = first_layout().start;
  for (std::size_t i = 0; i + 1 < count; ++i) {
    window.speech_sample_count += spans_[i].end - spans_[i].start;
    if (spans_[i + 1].start - spans_[i].end <= pause_keep_) continue;
    append_piece(window, start, spans_[i].end + pad_);
    start = spans_[i + 1].start - pad_;
  }
  const SpeechSpan& last = spans_[count - 1];
  const std::int64_t end = cut.inside.value_or(last.end);
  window.speech_sample_count += end - last.start;
  const std::int64_t room = length_max_ - window.times.sample_count() - (end - start);
  append_piece(window, start, end + (cut.inside ? 0 : std::min(room, pad_after(count))));
  const TimePiece& piece = window.times.pieces().back();
  taken_end_ = piece.file_start + piece.sample_count;
  window.start_ms = window.times.pieces().front().file_start / kSamplesPerMs;
  window.end_ms = (taken_end_ + kSamplesPerMs - 1) / kSamplesPerMs;
  window.speech_probabilities = probabilities_of(window);
  spans_.erase(spans_.begin(), spans_.begin() + static_cast<std::ptrdiff_t>(cut.span_count));
  if (cut.inside) spans_.front().start = *cut.inside;
  return window;
}

// The silence that a window of the first `count` spans takes behind itself: half of a short pause
// is left to the next one.
std::int64_t WindowPacker::pad_after(std::size_t count) const {
  const std::int64_t end = spans_[count - 1].end;
  if (count < spans_.size()) return std::min((spans_[count].start - end) / 2, pad_);
  return std::clamp<std::int64_t>(decided_end_ - end, 0, pad_);
}

void WindowPacker::append_piece(Window& window, std::int64_t start, std::int64_t end) const {
  KATIP_ASSERT(start >= pcm_start_ && end > start);
  const auto begin = pcm_.begin();
  window.pcm.insert(window.pcm.end(), begin + offset(pcm_start_, start),
                    begin + offset(pcm_start_, end));
  window.times.append(start, end - start);
}

// What the network made of the middle of each frame. Frames of the network lie on a grid of their
// own, which the cuts of a window move. The last one may not be complete yet when its samples are
// used as a pad: it counts as silent.
std::vector<float> WindowPacker::probabilities_of(const Window& window) const {
  constexpr std::size_t kLength = kWindowFrameSamples;
  std::vector<float> probabilities((window.pcm.size() + kLength - 1) / kLength, 0.0f);
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    const std::size_t middle = std::min(i * kLength + kLength / 2, window.pcm.size() - 1);
    const std::int64_t file_sample =
        window.times.to_file_sample(static_cast<std::int64_t>(middle), Edge::kStart);
    const auto frame = static_cast<std::size_t>((file_sample - pcm_start_) / kFrame);
    if (frame < frames_.size()) probabilities[i] = frames_[frame].probability;
  }
  return probabilities;
}

// Drops the samples and frames that no window can need any more.
void WindowPacker::forget_used() {
  const std::int64_t needed = settled_end() - kFrame;  // a frame more for the cost of a cut
  const std::int64_t frame_count = std::max<std::int64_t>(0, needed - pcm_start_) / kFrame;
  // Moving the rest is worth it only when there is much less of it.
  if (frame_count * kFrame < static_cast<std::int64_t>(pcm_.size()) / 2) return;
  pcm_.erase(pcm_.begin(), pcm_.begin() + offset(0, frame_count * kFrame));
  frames_.erase(frames_.begin(), frames_.begin() + offset(0, frame_count));
  pcm_start_ += frame_count * kFrame;
}

}  // namespace katip::engine
