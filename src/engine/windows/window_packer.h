#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "engine/windows/speech_detector.h"
#include "engine/windows/time_map.h"

namespace katip::engine {

inline constexpr std::size_t kWindowFrameSamples = 320;  ///< 20 ms, the unit of window times.

/// Audio for one run of the encoder, and where it came from.
struct Window {
  std::vector<float> pcm;
  TimeMap times;  ///< As long as pcm.
  std::int64_t start_ms = 0;
  std::int64_t end_ms = 0;
  std::int64_t speech_sample_count = 0;  ///< How many of the samples are speech.
  /// Of speech, one for each kWindowFrameSamples samples and what is left; for word times.
  std::vector<float> speech_probabilities;
};

struct WindowOptions {
  int length_ms_max = 30'000;  ///< Of a window. Limits 1,000 to 30,000.
  int length_ms_min = 10'000;  ///< A shorter window does not end at a pause of pause_ms_break.
  int cut_ms_from =
      20'000;  ///< When speech runs past the maximum, the cut is looked for from here.
  int pause_ms_keep = 1'000;   ///< A pause up to this stays as it is; at least twice pad_ms.
  int pad_ms = 400;            ///< What is left of a longer one on each side, and around a window.
  int pause_ms_break = 2'000;  ///< A pause from which on a window ends, when it is long enough.
  int pause_ms_max = 6'000;    ///< A pause from which on a window ends, however short it is.
  int extent_ms_max = 60'000;  ///< Of the file that a window may draw from.

  /// kInvalidArgument, naming the field and its limits.
  [[nodiscard]] Status validate() const;
};

/// Cuts a stream of samples into windows that hold its speech, cut at pauses.
///
/// Each sample of speech is in exactly one window, and no sample is in two. When speech runs past
/// the maximum, the cut is in the longest pause of the window's last part; when there is no pause,
/// where speech is least likely and most quiet.
///
/// Memory:  bounded by extent_ms_max and the sizes of pushes, however long the stream is.
/// Threads: one thread.
class WindowPacker {
 public:
  /// `options` must be valid.
  explicit WindowPacker(const WindowOptions& options);

  /// Takes the next samples, the frames that became complete, and what SpeechDetector made of them:
  /// its new spans and its decided_end().
  std::vector<Window> push(std::span<const float> pcm, std::span<const SpeechFrame> frames,
                           std::span<const SpeechSpan> spans, std::int64_t decided_end);
  /// The rest, after the last push.
  std::vector<Window> finish();

  /// No window to come holds a sample before this one.
  [[nodiscard]] std::int64_t settled_end() const;
  /// Samples held now.
  [[nodiscard]] std::size_t buffered_sample_count() const { return pcm_.size(); }

 private:
  /// The beginning of spans_ as it would lie in a window.
  struct Layout {
    std::size_t span_count = 0;
    std::int64_t start = 0;   ///< Of the window in the file.
    std::int64_t length = 0;  ///< Up to the end of the last span, without the pad after it.
  };
  /// A place to end a window: after span_count spans, or inside the span that follows them.
  struct Cut {
    std::size_t span_count = 0;
    std::optional<std::int64_t> inside;
  };

  enum class Stream { kRuns, kEnded };

  std::vector<Window> ready_windows(Stream stream);
  [[nodiscard]] std::optional<Cut> next_cut(Stream stream) const;
  [[nodiscard]] Layout first_layout() const;
  [[nodiscard]] std::int64_t kept_pause(std::int64_t pause) const;
  [[nodiscard]] bool ends_window(const Layout& layout, std::int64_t pause) const;
  [[nodiscard]] Cut overflow_cut(const Layout& fitting) const;
  [[nodiscard]] std::int64_t quietest_sample(std::int64_t from, std::int64_t to) const;
  Window take_window(const Cut& cut);
  [[nodiscard]] std::int64_t pad_after(std::size_t count) const;
  void append_piece(Window& window, std::int64_t start, std::int64_t end) const;
  [[nodiscard]] std::vector<float> probabilities_of(const Window& window) const;
  void forget_used();

  // Options in samples.
  std::int64_t length_max_;
  std::int64_t length_min_;
  std::int64_t cut_from_;
  std::int64_t pause_keep_;
  std::int64_t pad_;
  std::int64_t pause_break_;
  std::int64_t pause_max_;
  std::int64_t extent_max_;

  std::vector<float> pcm_;
  std::int64_t pcm_start_ = 0;       ///< The file's sample that pcm_ begins with; whole frames.
  std::vector<SpeechFrame> frames_;  ///< From the frame at pcm_start_ on.
  std::deque<SpeechSpan> spans_;     ///< Not yet in a window.
  std::int64_t decided_end_ = 0;
  std::int64_t taken_end_ = 0;  ///< Where the last window ended in the file.
};

}  // namespace katip::engine
