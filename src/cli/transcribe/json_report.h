#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "app/transcribe.h"
#include "base/result.h"
#include "cli/transcribe/inputs.h"

namespace katip::cli {

enum class Outcome {
  kDone,
  kSkipped,  ///< Its outputs were there already.
  kPartial,  ///< Broken off; what was understood before is there.
  kFailed,
};

/// What became of one recording.
struct FileReport {
  Outcome outcome = Outcome::kDone;
  app::Transcribed result;
  bool is_unsaved = false;  ///< There is a transcript, but its files could not be written.
  double seconds = 0;       ///< Wall time.
  std::vector<std::filesystem::path> outputs = {};  ///< Files written.
};

/// One line of `katip transcribe --json`, as docs/formats/transcript-json.md describes it.
///
/// Errors: those of the JSON writer.
Result<std::string> json_line(const Input& input, const FileReport& report);

/// The line for an error that concerns no single file.
std::string json_error_line(const Error& error);

}  // namespace katip::cli
