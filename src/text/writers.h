#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "text/subtitles.h"
#include "text/transcript.h"

/// A transcript as a file of a format that other programs read.
///
///   const Format format = KATIP_TRY(parse_format("srt"));
///   const std::string bytes = KATIP_TRY(write(transcript, format, {.title = "Interview"}));
namespace katip::text {

enum class Format {
  kText,  ///< A line for each segment.
  kSrt,   ///< SubRip subtitles.
  kVtt,   ///< WebVTT subtitles.
  kJson,  ///< Everything, in the shape of OpenAI's verbose_json; docs/formats/transcript-json.md.
  kTsv,   ///< start, end (whole milliseconds), text, and speaker where any is known.
  kLrc,   ///< Lyrics: a time before each line.
  kMarkdown,  ///< Paragraphs with times and speakers.
  kDocx,      ///< The same for Word and LibreOffice.
};

std::span<const Format> formats();

/// By file extension or name: "txt" or "text", "srt", "vtt", "json", "tsv", "lrc", "md" or
/// "markdown", "docx"; letters of either case.
///
/// Errors: kInvalidArgument, with what is nearest, or else all there is.
Result<Format> parse_format(std::string_view name);

/// Without a dot: "srt". parse_format() takes it back.
std::string_view file_extension(Format format);

/// For HTTP: "text/vtt; charset=utf-8".
std::string_view content_type(Format format);

enum class Shown { kNo, kYes };

enum class TextLayout {
  kLines,    ///< A line for each segment, and names before the turns of known speakers.
  kRunning,  ///< All on one line, as OpenAI's API answers.
};

struct WriteOptions {
  std::string title = {};          ///< Of lrc, md and docx; empty: "Transcript", and none in lrc.
  SubtitleOptions subtitles = {};  ///< Of srt and vtt; of lrc too, whose cues have one line.
  Shown speakers = Shown::kYes;    ///< All but json, which names them wherever they are known.
  Shown times = Shown::kYes;       ///< Of md and docx.
  Shown segments = Shown::kYes;    ///< Of json.
  Shown words = Shown::kYes;       ///< Of json; there must be some.
  TextLayout text_layout = TextLayout::kLines;
};

/// The bytes of the file: UTF-8 with line feeds, or a zip archive for docx. The same transcript
/// gives the same bytes. Text that is not UTF-8 has U+FFFD in its place; a transcript's warning
/// stands in vtt, json, md and docx.
///
/// Errors:  kInvalidArgument from the options; kTooLarge for a docx over 4 GB; kInternal when a
///          library lacks its data.
/// Threads: pure; safe from any thread.
Result<std::string> write(const Transcript& transcript, Format format, const WriteOptions& options);

}  // namespace katip::text
