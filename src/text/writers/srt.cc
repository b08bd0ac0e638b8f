#include <cstddef>

#include "text/writers/formats.h"
#include "text/writers/time_stamp.h"

// Tested by writers_test.cc.
namespace katip::text {
namespace {

/// "-->" inside a text would be taken for the arrow between two times.
std::string without_arrows(std::string text) {
  for (std::size_t at = text.find("-->"); at != text.npos; at = text.find("-->", at)) {
    text.replace(at, 3, "->");
  }
  return text;
}

}  // namespace

Result<std::string> write_srt(const Transcript& transcript, const WriteOptions& options) {
  SubtitleOptions subtitles = options.subtitles;
  subtitles.speaker_labels =
      options.speakers == Shown::kYes ? SpeakerLabels::kPrefix : SpeakerLabels::kNone;
  std::string srt;
  std::size_t number = 0;
  for (const Cue& cue : KATIP_TRY(make_cues(transcript, subtitles))) {
    srt += (number > 0 ? "\n" : "") + std::to_string(number + 1) + "\n";
    srt += time_stamp(cue.start_ms, ',') + " --> " + time_stamp(cue.end_ms, ',') + "\n";
    for (const std::string& line : cue.lines) {
      srt += without_arrows(line) + "\n";
    }
    ++number;
  }
  return srt;
}

}  // namespace katip::text
