#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace katip::cli {

enum class InputKind { kFile, kStandardInput, kUrl };

/// One recording to transcribe.
struct Input {
  InputKind kind = InputKind::kFile;
  std::string name;            ///< As it was given or found: what messages and JSON call it.
  std::filesystem::path path;  ///< Of a file.
  /// Where its outputs go below the output folder, without extension: "talks/monday".
  std::filesystem::path stem;
  bool is_from_folder = false;  ///< Found in a folder, and not named.
};

/// Finds the recordings behind the arguments: files, folders (with all below them, by their
/// extensions, in order of their names), http(s) addresses, and `-` for standard input.
///
/// Errors: kNotFound for what is not there, with a suggestion, and for a folder without recordings;
///         kInvalidArgument for `-` given twice, an empty name, and other kinds of
///         addresses.
Result<std::vector<Input>> find_inputs(const std::vector<std::string>& arguments);

/// Whether folder mode takes a file of this name for a recording.
bool has_media_extension(const std::filesystem::path& path);

}  // namespace katip::cli
