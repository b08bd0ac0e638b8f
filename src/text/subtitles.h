#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "text/transcript.h"

/// Subtitles as people like to read them; docs/subtitles.md tells the rules and where they come
/// from.
namespace katip::text {

enum class SpeakerLabels {
  kNone,    ///< Only in Cue::speaker.
  kPrefix,  ///< "Ayşe: " also stands before the first words of each turn, and counts as text.
};

/// Units: a column is one character, or half of a Chinese, Japanese or Korean one or an emoji.
struct SubtitleOptions {
  int line_width_max = 42;            ///< Columns; 10 to 200. Only a single longer word passes it.
  int line_count_max = 2;             ///< 1 to 5.
  double reading_speed_max = 20;      ///< Columns a second; 5 to 100. Reached wherever time allows.
  std::int64_t cue_ms_min = 833;      ///< Up to cue_ms_max. Kept unless the next cue comes sooner.
  std::int64_t cue_ms_max = 7000;     ///< 1,000 to 60,000; never passed.
  std::int64_t gap_ms_min = 83;       ///< Between cues, two frames at 24 a second; 0 to 1,000.
  std::int64_t gap_ms_bridged = 500;  ///< A shorter gap is closed to gap_ms_min; 0 to 5,000.
  std::int64_t pause_ms_max = 3000;   ///< A pause as long ends the cue; 500 to 60,000.
  SpeakerLabels speaker_labels = SpeakerLabels::kNone;

  /// kInvalidArgument, naming the field and its limits.
  [[nodiscard]] Status validate() const;
};

struct Cue {
  std::int64_t start_ms = 0;
  std::int64_t end_ms = 0;
  std::vector<std::string> lines = {};
  std::string speaker = {};  ///< Empty when unknown.
};

/// Cuts the transcript into cues: all its text, in order, none overlapping, each longer than
/// nothing. A cue ends where the speaker changes, at a long pause, and else where the sentence
/// bears it best. Words carry their own times; where there are none, or where they are not those of
/// the segment's text, the segment's time is shared out by characters.
///
/// Errors:  kInvalidArgument from the options; kInternal when ICU lacks its data.
/// Threads: pure; safe from any thread.
Result<std::vector<Cue>> make_cues(const Transcript& transcript, const SubtitleOptions& options);

}  // namespace katip::text
