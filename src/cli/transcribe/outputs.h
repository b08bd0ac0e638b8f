#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/transcribe/inputs.h"
#include "text/transcript.h"
#include "text/writers.h"

namespace katip::cli {

enum class Existing {
  kKeep,     ///< A file that is there stays as it is.
  kReplace,  ///< --overwrite
};

struct OutputOptions {
  std::vector<text::Format> formats = {text::Format::kText};
  std::optional<std::filesystem::path> folder;  ///< -o; nothing: see OutputPlan.
  Existing existing = Existing::kKeep;
  text::WriteOptions write = {};
};

/// Where the transcript of one recording goes.
struct OutputFile {
  text::Format format = text::Format::kText;
  std::filesystem::path path;     ///< "out/monday.srt".
  std::filesystem::path partial;  ///< "out/monday.partial.srt": when it was broken off.
};
struct OutputPlan {
  bool to_standard_output = true;
  std::vector<OutputFile> files;  ///< Those that are still to be written.
  bool is_done = false;           ///< Everything that was asked for is there already.
};

/// Into the output folder where there is one; beside the recordings when they were found in a
/// folder; else to standard output.
///
/// Errors: kInvalidArgument for two recordings with the same output, and for several formats on
///         standard output.
Result<std::vector<OutputPlan>> plan_outputs(const std::vector<Input>& inputs,
                                             const OutputOptions& options);

/// Makes the folders of the outputs and looks whether files can be made there: now, and not after
/// an hour of work.
///
/// Errors: kPermissionDenied naming the folder and what to do.
Status prepare_folders(const std::vector<OutputPlan>& plans);

/// The files of one recording in few words: "out/monday.srt", "out/monday.{txt,srt}".
std::string readable_paths(const std::vector<std::filesystem::path>& paths);

/// Writes what is planned, each file whole or not at all. A transcript that was broken off goes to
/// the partial files; a whole one removes what an earlier, broken one left there.
///
/// Units:  the result is the files that were written.
/// Errors: those of the writers and of writing files.
Result<std::vector<std::filesystem::path>> write_outputs(const OutputPlan& plan,
                                                         const text::Transcript& transcript,
                                                         bool is_partial,
                                                         const text::WriteOptions& options);

}  // namespace katip::cli
