#include "text/writers.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/suggestion.h"
#include "text/unicode/characters.h"
#include "text/writers/formats.h"

// The table of formats. Each is written by a file of its own in writers/.
// Tested by writers_test.cc, which compares with tests/golden/text/.
namespace katip::text {
namespace {

struct FormatEntry {
  Format format;
  std::string_view extension;
  std::string_view alias;
  std::string_view content_type;
  Result<std::string> (*write)(const Transcript&, const WriteOptions&);
};

constexpr auto kFormats = std::to_array<FormatEntry>({
    {Format::kText, "txt", "text", "text/plain; charset=utf-8", write_text},
    {Format::kSrt, "srt", "subrip", "application/x-subrip; charset=utf-8", write_srt},
    {Format::kVtt, "vtt", "webvtt", "text/vtt; charset=utf-8", write_vtt},
    {Format::kJson, "json", "json", "application/json", write_json},
    {Format::kTsv, "tsv", "tsv", "text/tab-separated-values; charset=utf-8", write_tsv},
    {Format::kLrc, "lrc", "lyrics", "text/plain; charset=utf-8", write_lrc},
    {Format::kMarkdown, "md", "markdown", "text/markdown; charset=utf-8", write_markdown},
    {Format::kDocx, "docx", "word",
     "application/vnd.openxmlformats-officedocument.wordprocessingml.document", write_docx},
});

constexpr auto kAllFormats = [] {
  std::array<Format, kFormats.size()> all{};
  std::ranges::transform(kFormats, all.begin(), &FormatEntry::format);
  return all;
}();

const FormatEntry& entry_of(Format format) { return kFormats[static_cast<std::size_t>(format)]; }
static_assert(std::ranges::is_sorted(kFormats, {}, &FormatEntry::format),
              "the table is in the order of the enumeration");

}  // namespace

std::span<const Format> formats() { return kAllFormats; }

Result<Format> parse_format(std::string_view name) {
  const std::string wanted = lower(name, "en");
  std::vector<std::string_view> names;
  std::string list;
  for (const FormatEntry& entry : kFormats) {
    if (wanted == entry.extension || wanted == entry.alias) {
      return entry.format;
    }
    names.insert(names.end(), {entry.extension, entry.alias});
    list += (list.empty() ? "" : ", ") + std::string(entry.extension);
  }
  const std::string suggestion =
      did_you_mean(nearest(wanted, std::span<const std::string_view>(names)));
  return fail(ErrorCode::kInvalidArgument,
              "there is no format `" + clean_line(name.substr(0, 40)) + "`." +
                  (suggestion.empty() ? " Formats: " + list : suggestion));
}

std::string_view file_extension(Format format) { return entry_of(format).extension; }

std::string_view content_type(Format format) { return entry_of(format).content_type; }

Result<std::string> write(const Transcript& transcript, Format format,
                          const WriteOptions& options) {
  KATIP_TRY(options.subtitles.validate());
  WriteOptions clean = options;
  clean.title = std::string(trimmed(clean_line(options.title)));
  return entry_of(format).write(cleaned(transcript), clean);
}

}  // namespace katip::text
