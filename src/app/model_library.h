#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"

/// The models on this machine: one folder each, in one of a few places.
namespace katip::app {

/// Where to look, strongest first. New models go into the first place.
struct ModelPlaces {
  std::vector<std::filesystem::path> folders;
};

/// How far the files of a model can be trusted.
enum class Trust {
  kUnchecked,  ///< Nobody has looked yet.
  kVerified,   ///< Every file has the sum that its manifest, or katip itself, states.
  kUnknown,    ///< There is nothing to compare with: somebody put the folder there.
  kDamaged,    ///< A file is missing or has another sum.
};

struct InstalledModel {
  std::string name;
  std::filesystem::path folder;
  std::int64_t size = 0;  ///< Bytes of all files.
  /// What it is; an error when it cannot be opened. Nothing for the speech detector.
  std::optional<Result<engine::ModelInfo>> info;
};

struct Verification {
  Trust trust = Trust::kUnchecked;
  std::vector<std::string> faults;  ///< "model.bin: has SHA-256 … instead of …".
  int file_count = 0;
};

using ByteProgress = std::function<void(std::string_view file, std::int64_t done,
                                        std::optional<std::int64_t> total)>;

/// The folder of a model, by its name ("base", "owner/name") or by its path ("./my-model").
///
/// Errors: kNotFound with what to run, and a suggestion when a similar one is installed.
Result<std::filesystem::path> find_model(const ModelPlaces& places, std::string_view name_or_path);

/// Every model in every place; of two with one name the stronger place's.
std::vector<InstalledModel> list_models(const ModelPlaces& places);

/// Compares every file with its sum.
///
/// Errors: kNotFound, kCancelled. A damaged model is not an error but a result.
Result<Verification> verify_model(const ModelPlaces& places, std::string_view name,
                                  const ByteProgress& on_progress, std::stop_token stop);

/// Deletes a model of the first place, the folder that katip installs into. What belongs to
/// somebody else stays: a folder outside, or one that is a symbolic link.
///
/// Errors: kNotFound, kPermissionDenied; kConflict for a model that is not in the first place.
Result<std::filesystem::path> remove_model(const ModelPlaces& places, std::string_view name);

}  // namespace katip::app
