#include "text/writers/formats.h"
#include "text/writers/paragraphs.h"

// Tested by writers_test.cc.
namespace katip::text {

Result<std::string> write_text(const Transcript& transcript, const WriteOptions& options) {
  if (options.text_layout == TextLayout::kRunning) {
    return transcript.segments.empty() ? "" : full_text(transcript) + "\n";
  }
  std::string text;
  std::string speaker;
  for (const Passage& passage : split_by_speaker(transcript, options.speakers)) {
    if (passage.speaker != speaker && !passage.speaker.empty()) {
      text += passage.speaker + ": ";
    }
    speaker = passage.speaker;
    text += passage.text + "\n";
  }
  return text;
}

}  // namespace katip::text
