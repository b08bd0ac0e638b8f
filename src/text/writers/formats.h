#pragma once

#include <string>

#include "base/result.h"
#include "text/transcript.h"
#include "text/writers.h"

namespace katip::text {

// One function for each format, in the file of its name. They take a transcript and a title that
// are cleaned: valid UTF-8 on one line, times in order.

Result<std::string> write_text(const Transcript& transcript, const WriteOptions& options);
Result<std::string> write_srt(const Transcript& transcript, const WriteOptions& options);
Result<std::string> write_vtt(const Transcript& transcript, const WriteOptions& options);
Result<std::string> write_json(const Transcript& transcript, const WriteOptions& options);
Result<std::string> write_tsv(const Transcript& transcript, const WriteOptions& options);
Result<std::string> write_lrc(const Transcript& transcript, const WriteOptions& options);
Result<std::string> write_markdown(const Transcript& transcript, const WriteOptions& options);
Result<std::string> write_docx(const Transcript& transcript, const WriteOptions& options);

}  // namespace katip::text
