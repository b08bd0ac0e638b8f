#include <algorithm>
#include <array>

#include "base/readable.h"
#include "text/unicode/characters.h"
#include "text/writers/docx_parts.h"
#include "text/writers/formats.h"
#include "text/writers/markup.h"
#include "text/writers/paragraphs.h"
#include "text/writers/zip.h"

// A docx is a zip of XML parts. All but two are constants (docx_parts.h); the document and its core
// properties are written here. Each paragraph hangs behind its time: no tables, so that the text
// flows into any other document.
// Source: ECMA-376, Office Open XML, part 1 (WordprocessingML) and part 2 (packages).
// Tested by docx_test.cc.
namespace katip::text {
namespace {

/// What the language decides of a document.
struct Script {
  std::string language = {};  ///< For the spelling checker; empty: unknown.
  bool right_to_left = false;
};

Script script_of(const Transcript& transcript) {
  constexpr auto kRightToLeft =
      std::to_array<std::string_view>({"ar", "fa", "he", "ps", "sd", "ur", "yi"});
  const std::string language = transcript.task == Task::kTranslate ? "en" : transcript.language;
  const bool is_code = (language.size() == 2 || language.size() == 3) &&
                       std::ranges::all_of(language, [](char c) { return c >= 'a' && c <= 'z'; });
  return {.language = is_code ? language : "",
          .right_to_left = std::ranges::find(kRightToLeft, language) != kRightToLeft.end()};
}

std::string language_property(const Script& script) {
  if (script.language.empty()) {
    return "";
  }
  // Word knows Chinese only with a region.
  const std::string tag = script.language == "zh" ? "zh-CN" : script.language;
  return "<w:lang w:val=\"" + tag + "\" w:eastAsia=\"" + tag + "\" w:bidi=\"" + tag + "\"/>";
}

std::string run(std::string_view style, std::string_view text, const Script& script) {
  std::string properties;
  if (!style.empty()) {
    properties += "<w:rStyle w:val=\"" + std::string(style) + "\"/>";
  }
  properties += script.right_to_left ? "<w:rtl/>" : "";
  properties += language_property(script);
  return "<w:r>" + (properties.empty() ? "" : "<w:rPr>" + properties + "</w:rPr>") +
         "<w:t xml:space=\"preserve\">" + escaped_markup(text) + "</w:t></w:r>";
}

std::string paragraph(std::string_view style, const std::string& runs, const Script& script) {
  return "<w:p><w:pPr><w:pStyle w:val=\"" + std::string(style) + "\"/>" +
         (script.right_to_left ? "<w:bidi/>" : "") + "</w:pPr>" + runs + "</w:p>\n";
}

/// A paragraph of our own words, which are English whatever the document is.
std::string note(std::string_view style, std::string_view text, const Script& script) {
  return "<w:p><w:pPr><w:pStyle w:val=\"" + std::string(style) + "\"/>" +
         (script.right_to_left ? "<w:jc w:val=\"right\"/>" : "") + "</w:pPr>" + run("", text, {}) +
         "</w:p>\n";
}

/// "1:02:03 <tab> Ayşe: text".
std::string passage_paragraph(const Passage& passage, bool names_speaker, Shown times,
                              const Script& script) {
  std::string runs;
  if (times == Shown::kYes) {
    // The digits of a time read from left to right everywhere.
    runs += run("TimeStamp", readable_duration(passage.start_ms), {}) + "<w:r><w:tab/></w:r>";
  }
  if (names_speaker) {
    runs += run("Speaker", passage.speaker + ":", script) + run("", " ", script);
  }
  runs += run("", passage.text, script);
  return paragraph(times == Shown::kYes ? "TimedText" : "PlainText", runs, script);
}

std::string document_part(const Transcript& transcript, const WriteOptions& options,
                          const std::string& title) {
  const Script script = script_of(transcript);
  std::string document(kDocumentBegin);
  document += paragraph("Title", run("", title, script), script);
  std::string facts;
  for (const std::string& fact : facts_of(transcript, options.speakers)) {
    facts += (facts.empty() ? "" : "  ·  ") + fact;
  }
  if (!facts.empty()) {
    document += note("Subtitle", facts, script);
  }
  if (transcript.warning) {
    document += note("Warning", "Warning: " + *transcript.warning, script);
  }
  std::string speaker;
  for (const Passage& passage : make_paragraphs(transcript, options.speakers)) {
    const bool names_speaker = !passage.speaker.empty() && passage.speaker != speaker;
    speaker = passage.speaker;
    document += passage_paragraph(passage, names_speaker, options.times, script);
  }
  document += kDocumentEnd;
  return document;
}

std::string core_properties_part(const Transcript& transcript, const std::string& title) {
  const std::string language = script_of(transcript).language;
  return std::string(kCorePropertiesBegin) + "<dc:title>" + escaped_markup(title) +
         "</dc:title><dc:creator>katip</dc:creator>" +
         (language.empty() ? "" : "<dc:language>" + language + "</dc:language>") +
         std::string(kCorePropertiesEnd);
}

}  // namespace

Result<std::string> write_docx(const Transcript& transcript, const WriteOptions& options) {
  const std::string title = options.title.empty() ? "Transcript" : options.title;
  ZipWriter zip;
  KATIP_TRY(zip.add("[Content_Types].xml", kContentTypes));
  KATIP_TRY(zip.add("_rels/.rels", kPackageRelations));
  KATIP_TRY(zip.add("docProps/core.xml", core_properties_part(transcript, title)));
  KATIP_TRY(zip.add("word/document.xml", document_part(transcript, options, title)));
  KATIP_TRY(zip.add("word/_rels/document.xml.rels", kDocumentRelations));
  KATIP_TRY(zip.add("word/styles.xml", kStyles));
  KATIP_TRY(zip.add("word/settings.xml", kSettings));
  return zip.finish();
}

}  // namespace katip::text
