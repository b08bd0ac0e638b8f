#include "app/model_library.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "app/model_catalog.h"
#include "app/models/manifest.h"
#include "base/sha256.h"
#include "base/suggestion.h"

// Tested by model_library_test.cc.
namespace katip::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSpeechDetector = "silero-vad";

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

std::int64_t size_of(const fs::path& folder) {
  std::int64_t size = 0;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.is_regular_file(ignored)) {
      size += static_cast<std::int64_t>(entry.file_size(ignored));
    }
  }
  return size;
}

// Names of all folders that may be models, with the first place that has each. Those that begin
// with a dot are downloads under way.
std::map<std::string, fs::path> folders_by_name(const ModelPlaces& places) {
  std::map<std::string, fs::path> found;
  for (const fs::path& place : places.folders) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(place, ignored)) {
      const std::string name = entry.path().filename().string();
      if (entry.is_directory(ignored) && !name.starts_with('.')) {
        found.emplace(name, entry.path());
      }
    }
  }
  return found;
}

std::string not_found_message(const ModelPlaces& places, std::string_view name) {
  std::vector<std::string> names;
  for (const auto& [installed, folder] : folders_by_name(places)) {
    if (installed != kSpeechDetector) {
      names.push_back(installed);
    }
  }
  if (find_in_catalog(name) != nullptr || parse_repository(name)) {
    return fmt::format("the model `{}` is not installed: run `katip models pull {}`", name, name);
  }
  for (const CatalogEntry& entry : model_catalog()) {
    names.emplace_back(entry.name);
  }
  return fmt::format("there is no model `{}`; `katip models list` shows what there is.{}", name,
                     did_you_mean(nearest(name, names)));
}

// The sums to compare with: the manifest's, else those that katip knows of its own packages.
struct Expectation {
  std::vector<ManifestFile> files;
  bool is_from_manifest = false;
};

Result<Expectation> expectation_of(const fs::path& folder, std::string_view name) {
  const std::optional<Manifest> manifest = KATIP_TRY(read_manifest(folder));
  if (manifest) {
    return Expectation{.files = manifest->files, .is_from_manifest = true};
  }
  Expectation known;
  if (const CatalogEntry* entry = find_in_catalog(name)) {
    for (const PinnedFile& file : entry->files) {
      known.files.push_back({.name = std::string(file.name), .sha256 = std::string(file.sha256)});
    }
  }
  return known;
}

Result<std::optional<std::string>> fault_of(const fs::path& folder, const ManifestFile& file,
                                            std::stop_token stop) {
  const Result<std::string> sum = sha256_of_file(folder / file.name, stop);
  if (!sum && sum.error().code == ErrorCode::kCancelled) {
    return std::unexpected(sum.error());
  }
  if (!sum) {
    return std::optional(file.name + ": " + sum.error().message);
  }
  if (*sum != file.sha256) {
    return std::optional(
        fmt::format("{}: has SHA-256 {} instead of {}", file.name, *sum, file.sha256));
  }
  return std::optional<std::string>();
}

}  // namespace

Result<fs::path> find_model(const ModelPlaces& places, std::string_view name_or_path) {
  const Result<std::string> folder = folder_of_model(name_or_path);
  if (folder) {
    for (const fs::path& place : places.folders) {
      if (is_folder(place / *folder)) {
        return place / *folder;
      }
    }
  }
  // A path is what has a slash and is there; `owner/name` was tried as a model first.
  const fs::path path(name_or_path);
  if (is_folder(path) && (path.has_parent_path() || path.is_absolute() || path == "." ||
                          fs::exists(path / "config.json"))) {
    return path;
  }
  return fail(ErrorCode::kNotFound, not_found_message(places, name_or_path));
}

std::vector<InstalledModel> list_models(const ModelPlaces& places) {
  std::vector<InstalledModel> models;
  for (const auto& [name, folder] : folders_by_name(places)) {
    InstalledModel model{.name = name, .folder = folder, .size = size_of(folder), .info = {}};
    if (name != kSpeechDetector) {
      if (!fs::exists(folder / "config.json")) {
        continue;  // Some other folder.
      }
      model.info = engine::inspect_model(folder);
    }
    models.push_back(std::move(model));
  }
  return models;
}

Result<Verification> verify_model(const ModelPlaces& places, std::string_view name,
                                  const ByteProgress& on_progress, std::stop_token stop) {
  const fs::path folder = KATIP_TRY(find_model(places, name));
  const Result<Expectation> expected = expectation_of(folder, name);
  Verification result;
  if (!expected) {
    result.trust = Trust::kDamaged;
    result.faults = {expected.error().message};
    return result;
  }
  for (const ManifestFile& file : expected->files) {
    if (on_progress) {
      on_progress(file.name, result.file_count, static_cast<std::int64_t>(expected->files.size()));
    }
    const std::optional<std::string> fault = KATIP_TRY(fault_of(folder, file, stop));
    if (fault) {
      result.faults.push_back(*fault);
    }
    ++result.file_count;
  }
  if (expected->files.empty() || (!expected->is_from_manifest && !result.faults.empty())) {
    // Without a manifest another origin is as likely as damage.
    result.trust = Trust::kUnknown;
    result.faults.clear();
  } else {
    result.trust = result.faults.empty() ? Trust::kVerified : Trust::kDamaged;
  }
  return result;
}

Result<fs::path> remove_model(const ModelPlaces& places, std::string_view name) {
  const std::string folder_name = KATIP_TRY(folder_of_model(name));
  if (places.folders.empty()) {
    return fail(ErrorCode::kNotFound, "no models folder is configured");
  }
  const fs::path folder = places.folders.front() / folder_name;
  if (!is_folder(folder)) {
    const Result<fs::path> elsewhere = find_model(places, name);
    if (elsewhere) {
      return fail(ErrorCode::kConflict,
                  fmt::format("{} is not in {}, where katip keeps its own "
                              "models: remove it there yourself",
                              elsewhere->string(), places.folders.front().string()));
    }
    return std::unexpected(elsewhere.error());
  }
  std::error_code error;
  if (fs::is_symlink(folder, error)) {
    return fail(ErrorCode::kConflict, folder.string() + " is a symbolic link: remove it yourself");
  }
  if (!fs::exists(folder / "config.json") && !fs::exists(folder / kManifestName)) {
    return fail(ErrorCode::kConflict, folder.string() +
                                          " does not look like a model: nothing was "
                                          "removed");
  }
  fs::remove_all(folder, error);
  if (error) {
    return fail(ErrorCode::kPermissionDenied,
                fmt::format("cannot remove {}: {}", folder.string(), error.message()));
  }
  return folder;
}

}  // namespace katip::app
