#include "text/writers/formats.h"
#include "text/writers/markup.h"
#include "text/writers/time_stamp.h"

// Source: WebVTT, W3C. Escaping also takes the last sign off "-->", which may stand in no text.
// Tested by writers_test.cc.
namespace katip::text {

Result<std::string> write_vtt(const Transcript& transcript, const WriteOptions& options) {
  std::string vtt = "WEBVTT\n";
  if (transcript.warning) {
    vtt += "\nNOTE Warning: " + escaped_markup(*transcript.warning) + "\n";
  }
  SubtitleOptions subtitles = options.subtitles;
  subtitles.speaker_labels = SpeakerLabels::kNone;  // A voice tag has the name.
  for (const Cue& cue : KATIP_TRY(make_cues(transcript, subtitles))) {
    vtt += "\n" + time_stamp(cue.start_ms, '.') + " --> " + time_stamp(cue.end_ms, '.') + "\n";
    if (options.speakers == Shown::kYes && !cue.speaker.empty()) {
      vtt += "<v " + escaped_markup(cue.speaker) + ">";
    }
    for (const std::string& line : cue.lines) {
      vtt += escaped_markup(line) + "\n";
    }
  }
  return vtt;
}

}  // namespace katip::text
