#include <algorithm>

#include "text/writers/formats.h"
#include "text/writers/paragraphs.h"

// A cleaned text has neither tab nor line break, so nothing needs quoting.
// Tested by writers_test.cc.
namespace katip::text {

Result<std::string> write_tsv(const Transcript& transcript, const WriteOptions& options) {
  const std::vector<Passage> passages = split_by_speaker(transcript, options.speakers);
  const bool has_speakers = std::ranges::any_of(
      passages, [](const Passage& passage) { return !passage.speaker.empty(); });
  std::string tsv = has_speakers ? "start\tend\ttext\tspeaker\n" : "start\tend\ttext\n";
  for (const Passage& passage : passages) {
    tsv += std::to_string(passage.start_ms) + "\t" + std::to_string(passage.end_ms) + "\t" +
           passage.text + (has_speakers ? "\t" + passage.speaker : "") + "\n";
  }
  return tsv;
}

}  // namespace katip::text
