#include <algorithm>

#include "base/readable.h"
#include "text/writers/formats.h"
#include "text/writers/time_stamp.h"

// One line of text for each cue of one line. Players show a line until the next one: a time without
// text clears it where a pause follows.
// Tested by writers_test.cc.
namespace katip::text {
namespace {

std::string tag(std::string_view name, std::string value) {
  std::ranges::replace(value, ']', ')');
  return "[" + std::string(name) + ":" + value + "]\n";
}

}  // namespace

Result<std::string> write_lrc(const Transcript& transcript, const WriteOptions& options) {
  SubtitleOptions subtitles = options.subtitles;
  subtitles.line_count_max = 1;
  subtitles.speaker_labels =
      options.speakers == Shown::kYes ? SpeakerLabels::kPrefix : SpeakerLabels::kNone;
  const std::vector<Cue> cues = KATIP_TRY(make_cues(transcript, subtitles));
  std::string lrc = options.title.empty() ? "" : tag("ti", options.title);
  if (transcript.duration_ms > 0) {
    lrc += tag("length", readable_duration(transcript.duration_ms));
  }
  for (std::size_t i = 0; i < cues.size(); ++i) {
    const std::string& line = cues[i].lines.front();
    // A bracket right after the time would be taken for another tag.
    lrc += "[" + lyrics_stamp(cues[i].start_ms) + "]" + (line.starts_with('[') ? " " : "") + line +
           "\n";
    const bool is_last = i + 1 == cues.size();
    if (is_last || cues[i + 1].start_ms - cues[i].end_ms >= subtitles.pause_ms_max) {
      lrc += "[" + lyrics_stamp(cues[i].end_ms) + "]\n";
    }
  }
  return lrc;
}

}  // namespace katip::text
