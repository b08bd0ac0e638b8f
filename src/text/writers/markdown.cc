#include "base/readable.h"
#include "text/writers/formats.h"
#include "text/writers/markup.h"
#include "text/writers/paragraphs.h"

// Tested by writers_test.cc.
namespace katip::text {

Result<std::string> write_markdown(const Transcript& transcript, const WriteOptions& options) {
  const std::string title = options.title.empty() ? "Transcript" : options.title;
  std::string markdown = "# " + escaped_markdown(title) + "\n";
  const std::vector<std::string> facts = facts_of(transcript, options.speakers);
  for (std::size_t i = 0; i < facts.size(); ++i) {
    markdown += (i == 0 ? "\n- " : "- ") + escaped_markdown(facts[i]) + "\n";
  }
  if (transcript.warning) {
    markdown += "\n> **Warning:** " + escaped_markdown(*transcript.warning) + "\n";
  }
  std::string speaker;
  for (const Passage& paragraph : make_paragraphs(transcript, options.speakers)) {
    std::string head;
    if (options.times == Shown::kYes) {
      head = "`" + readable_duration(paragraph.start_ms) + "` ";
    }
    if (!paragraph.speaker.empty() && paragraph.speaker != speaker) {
      head += "**" + escaped_markdown(paragraph.speaker) + ":** ";
    }
    speaker = paragraph.speaker;
    markdown += "\n" + head + escaped_markdown(paragraph.text) + "\n";
  }
  return markdown;
}

}  // namespace katip::text
