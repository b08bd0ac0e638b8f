#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "app/model_catalog.h"
#include "app/model_library.h"
#include "app/models/manifest.h"
#include "base/result.h"
#include "base/secret.h"
#include "remote/http_client.h"

namespace katip::app {

struct HuggingFaceAccess {
  const remote::HttpClient& client;
  std::string endpoint;
  Secret token;
};

/// A file of a repository that belongs to a model, and what is known about it beforehand.
struct RemoteFile {
  std::string name;
  std::optional<std::int64_t> size;
  std::optional<std::string> sha256;  ///< Of big files; small ones have none.
};

/// Which of a repository's files make up its model: the weights in one form, its configuration and
/// its vocabulary. Everything else stays where it is.
///
/// Errors: kNotFound when there are no weights that katip reads, or no config.json.
Result<std::vector<RemoteFile>> choose_files(std::vector<RemoteFile> all);

/// Downloads a model into `folder`, which exists; files that are there and right are kept.
///
/// Errors: those of HttpClient, choose_files().
Result<Manifest> pull_from_huggingface(const HuggingFaceAccess& access,
                                       const RepositoryName& repository,
                                       const std::filesystem::path& folder,
                                       const ByteProgress& on_progress, std::stop_token stop);

}  // namespace katip::app
