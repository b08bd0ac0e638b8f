#include "app/models/huggingface.h"

#include <algorithm>
#include <array>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/sha256.h"

// A repository's tree says for each big file its size and SHA-256 (`lfs.oid`). A mirror may lack
// that interface; then each file is asked for by name, and X-Linked-Etag is the sum.
// Tested by huggingface_test.cc and by tests/e2e against a local server.
namespace katip::app {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

constexpr std::array<std::string_view, 11> kSmallFiles = {
    "config.json",     "generation_config.json", "preprocessor_config.json",
    "tokenizer.json",  "tokenizer_config.json",  "vocab.json",
    "merges.txt",      "added_tokens.json",      "normalizer.json",
    "vocabulary.json", "vocabulary.txt"};
constexpr std::array<std::string_view, 2> kWeights = {"model.bin", "model.safetensors"};
constexpr std::string_view kShardIndex = "model.safetensors.index.json";

// "model-00001-of-00002.safetensors"
bool is_shard(std::string_view name) {
  constexpr std::string_view kPattern = "model-#####-of-#####.safetensors";
  return name.size() == kPattern.size() &&
         std::ranges::equal(name, kPattern, [](char c, char pattern) {
           return pattern == '#' ? c >= '0' && c <= '9' : c == pattern;
         });
}

bool has(const std::vector<RemoteFile>& files, std::string_view name) {
  return std::ranges::find(files, name, &RemoteFile::name) != files.end();
}

remote::HttpRequest request_to(const HuggingFaceAccess& access, std::string url) {
  return {.url = std::move(url), .bearer_token = access.token};
}

std::string resolve_url(const HuggingFaceAccess& access, const RepositoryName& repository,
                        std::string_view file) {
  return fmt::format("{}/{}/resolve/{}/{}", access.endpoint, repository.repository,
                     repository.revision, file);
}

RemoteFile parse_entry(const json::object& entry) {
  RemoteFile file;
  if (const auto* path = entry.if_contains("path"); path != nullptr && path->is_string()) {
    file.name = path->get_string();
  }
  if (const auto* size = entry.if_contains("size");
      size != nullptr && size->is_int64() && size->get_int64() >= 0) {
    file.size = size->get_int64();
  }
  const auto* lfs = entry.if_contains("lfs");
  if (lfs != nullptr && lfs->is_object()) {
    const auto* oid = lfs->get_object().if_contains("oid");
    if (oid != nullptr && oid->is_string() && is_sha256(std::string_view(oid->get_string()))) {
      file.sha256 = std::string(oid->get_string());
    }
  }
  return file;
}

Result<std::vector<RemoteFile>> list_tree(const HuggingFaceAccess& access,
                                          const RepositoryName& repository, std::stop_token stop) {
  const std::string url = fmt::format("{}/api/models/{}/tree/{}", access.endpoint,
                                      repository.repository, repository.revision);
  const remote::HttpResponse response = KATIP_TRY(access.client.get(request_to(access, url), stop));
  json::error_code error;
  const json::value root = json::parse(response.body, error);
  if (error || !root.is_array()) {
    return fail(ErrorCode::kCorruptData, "the list of files is not JSON");
  }
  std::vector<RemoteFile> files;
  for (const json::value& value : root.get_array()) {
    if (value.is_object()) {
      files.push_back(parse_entry(value.get_object()));
    }
  }
  return files;
}

// The value of an ETag that is a SHA-256, without its quotes.
std::optional<std::string> sum_in(const std::optional<std::string>& etag) {
  if (!etag || etag->size() != 66 || etag->front() != '"') {
    return std::nullopt;
  }
  const std::string sum = etag->substr(1, 64);
  return is_sha256(sum) ? std::optional(sum) : std::nullopt;
}

Result<std::vector<RemoteFile>> list_by_name(const HuggingFaceAccess& access,
                                             const RepositoryName& repository,
                                             std::stop_token stop) {
  std::vector<std::string_view> names(kSmallFiles.begin(), kSmallFiles.end());
  names.insert(names.end(), kWeights.begin(), kWeights.end());
  std::vector<RemoteFile> files;
  for (const std::string_view name : names) {
    remote::HttpRequest request = request_to(access, resolve_url(access, repository, name));
    request.method = remote::Method::kHead;
    const Result<remote::HttpResponse> response = access.client.get(request, stop);
    if (response) {
      files.push_back({.name = std::string(name),
                       .size = std::nullopt,
                       .sha256 = sum_in(response->header("X-Linked-Etag"))});
    } else if (response.error().code != ErrorCode::kNotFound) {
      return std::unexpected(response.error());
    }
  }
  return files;
}

Result<ManifestFile> pull_file(const HuggingFaceAccess& access, const RepositoryName& repository,
                               const RemoteFile& file, const fs::path& folder,
                               const ByteProgress& on_progress, std::stop_token stop) {
  const fs::path target = folder / file.name;
  std::error_code ignored;
  const bool is_there = fs::is_regular_file(target, ignored) &&
                        (!file.size || std::cmp_equal(fs::file_size(target, ignored), *file.size));
  if (is_there && file.sha256) {  // From a pull that was interrupted after this file.
    const std::string sum = KATIP_TRY(sha256_of_file(target, stop));
    if (sum == *file.sha256) {
      return ManifestFile{.name = file.name,
                          .size = static_cast<std::int64_t>(fs::file_size(target, ignored)),
                          .sha256 = sum};
    }
  }
  const remote::DownloadRequest request{
      .request = request_to(access, resolve_url(access, repository, file.name)),
      .target = target,
      .sha256 = file.sha256,
      .size = file.size};
  const auto on_bytes = [&](std::int64_t done, std::optional<std::int64_t> total) {
    if (on_progress) {
      on_progress(file.name, done, total);
    }
  };
  Result<remote::Download> download = access.client.download(request, on_bytes, stop);
  if (!download) {
    return fail(file.name, std::move(download).error());
  }
  return ManifestFile{
      .name = file.name, .size = download->size, .sha256 = std::move(download->sha256)};
}

}  // namespace

Result<std::vector<RemoteFile>> choose_files(std::vector<RemoteFile> all) {
  const bool has_shards = has(all, kShardIndex) && std::ranges::any_of(all, [](const auto& file) {
                            return is_shard(file.name);
                          });
  std::string_view weights;
  for (const std::string_view name : kWeights) {
    if (weights.empty() && has(all, name)) {
      weights = name;
    }
  }
  if (weights.empty() && !has_shards) {
    return fail(ErrorCode::kNotFound,
                "the repository has neither model.bin nor model.safetensors: not a Whisper model "
                "that katip reads");
  }
  if (!has(all, "config.json")) {
    return fail(ErrorCode::kNotFound, "the repository has no config.json");
  }
  std::erase_if(all, [&](const RemoteFile& file) {
    const bool is_small = std::ranges::find(kSmallFiles, file.name) != kSmallFiles.end();
    const bool is_weight =
        weights.empty() ? file.name == kShardIndex || is_shard(file.name) : file.name == weights;
    return !is_small && !is_weight;
  });
  return all;
}

Result<Manifest> pull_from_huggingface(const HuggingFaceAccess& access,
                                       const RepositoryName& repository, const fs::path& folder,
                                       const ByteProgress& on_progress, std::stop_token stop) {
  Result<std::vector<RemoteFile>> listed = list_tree(access, repository, stop);
  if (!listed && (listed.error().code == ErrorCode::kNotFound ||
                  listed.error().code == ErrorCode::kCorruptData)) {
    listed = list_by_name(access, repository, stop);
  }
  if (!listed) {
    return fail(repository.repository, std::move(listed).error());
  }
  Result<std::vector<RemoteFile>> files = choose_files(*std::move(listed));
  if (!files) {
    return fail(repository.repository, std::move(files).error());
  }
  Manifest manifest;
  manifest.sources.push_back({.kind = "huggingface",
                              .name = repository.repository,
                              .revision = repository.revision,
                              .sha256 = ""});
  for (const RemoteFile& file : *files) {
    manifest.files.push_back(
        KATIP_TRY(pull_file(access, repository, file, folder, on_progress, stop)));
  }
  return manifest;
}

}  // namespace katip::app
