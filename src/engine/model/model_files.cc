#include "engine/model/model_files.h"

#include <map>
#include <string>
#include <utility>

#include "engine/model/ctranslate2.h"
#include "engine/model/mapped_file.h"
#include "engine/model/mapped_weights.h"
#include "engine/model/read_config.h"
#include "engine/model/safetensors.h"
#include "engine/model/whisper_tokenizer.h"

// Weights first, because CTranslate2 keeps the shape of the model there; then the tokenizer, which
// must fit it; last what only both together can tell.
// Tested by model_files_test.cc.
namespace katip::engine {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kWeightName = "model.safetensors";
constexpr std::string_view kIndexName = "model.safetensors.index.json";
constexpr std::string_view kPull = "; fetch the model again with `katip models pull`";

/// large-v3 in float32 has two.
constexpr std::size_t kShardCountMax = 64;

struct Loaded {
  ModelConfig config;
  WeightFiles files;
  WeightNaming naming;
};

Result<MappedFile> open_required(const fs::path& path) {
  auto file = MappedFile::open(path);
  if (!file && file.error().code == ErrorCode::kNotFound) {
    return fail(ErrorCode::kNotFound, path.string() + " is missing" + std::string(kPull));
  }
  return file;
}

/// Nothing when the file is not there.
Result<std::optional<MappedFile>> open_optional(const fs::path& path) {
  auto file = MappedFile::open(path);
  if (file) return std::optional<MappedFile>(std::move(*file));
  if (file.error().code == ErrorCode::kNotFound) return std::optional<MappedFile>();
  return std::unexpected(file.error());
}

Status add_safetensors(const fs::path& path, WeightFiles& into) {
  MappedFile file = KATIP_TRY(open_required(path));
  auto tensors = parse_safetensors(file.bytes());
  if (!tensors) return fail(path.string(), tensors.error());
  into.files.push_back(std::move(file));
  into.tensors.merge(*tensors);
  return {};
}

/// Keeps what the index says each file is for, so that a tensor in the wrong file is not found.
Status add_shards(const fs::path& model_dir, WeightFiles& into) {
  const fs::path index_path = model_dir / kIndexName;
  const MappedFile index_file = KATIP_TRY(open_required(index_path));
  const auto index = parse_safetensors_index(index_file.text());
  if (!index) return fail(index_path.string(), index.error());
  std::map<std::string, WeightFiles> shards;
  for (const auto& [tensor, file_name] : *index) shards.try_emplace(file_name);
  if (shards.size() > kShardCountMax) {
    return fail(ErrorCode::kCorruptData,
                index_path.string() + " names " + std::to_string(shards.size()) + " files");
  }
  for (auto& [file_name, shard] : shards) {
    if (auto status = add_safetensors(model_dir / file_name, shard); !status) return status;
  }
  for (const auto& [tensor, file_name] : *index) {
    auto node = shards.at(file_name).tensors.extract(tensor);
    if (!node.empty()) into.tensors.insert(std::move(node));
  }
  for (auto& [file_name, shard] : shards) {
    for (MappedFile& file : shard.files) into.files.push_back(std::move(file));
  }
  return {};
}

Result<Loaded> load_huggingface(const fs::path& model_dir) {
  const MappedFile config_file = KATIP_TRY(open_required(model_dir / "config.json"));
  const auto generation = KATIP_TRY(open_optional(model_dir / "generation_config.json"));
  auto config = read_huggingface_config(config_file.text(),
                                        generation ? generation->text() : std::string_view());
  if (!config) return fail(model_dir.string(), config.error());
  std::error_code ignored;
  Loaded loaded{std::move(*config), {}, huggingface_sources};
  const bool is_single = fs::exists(model_dir / kWeightName, ignored);
  auto status = is_single ? add_safetensors(model_dir / kWeightName, loaded.files)
                          : add_shards(model_dir, loaded.files);
  if (!status) return std::unexpected(status.error());
  return loaded;
}

Result<Loaded> load_ctranslate2(const fs::path& model_dir) {
  const fs::path path = model_dir / "model.bin";
  const MappedFile config_file = KATIP_TRY(open_required(model_dir / "config.json"));
  MappedFile file = KATIP_TRY(open_required(path));
  auto tensors = parse_ctranslate2(file.bytes());
  if (!tensors) return fail(path.string(), tensors.error());
  auto config = read_ctranslate2_config(config_file.text(), *tensors);
  if (!config) return fail(model_dir.string(), config.error());
  Loaded loaded{std::move(*config), {}, ctranslate2_sources};
  loaded.files.files.push_back(std::move(file));
  loaded.files.tensors = std::move(*tensors);
  return loaded;
}

}  // namespace

Result<ModelFormat> detect_model_format(const fs::path& model_dir) {
  std::error_code ignored;
  const auto has = [&](std::string_view name) { return fs::exists(model_dir / name, ignored); };
  if (!fs::is_directory(model_dir, ignored)) {
    return fail(ErrorCode::kNotFound, "there is no model folder " + model_dir.string() +
                                          "; fetch one with `katip models pull base`");
  }
  if (has(kWeightName) || has(kIndexName)) return ModelFormat::kHuggingFace;
  if (has("model.bin")) return ModelFormat::kCTranslate2;
  if (has("pytorch_model.bin") || has("pytorch_model.bin.index.json")) {
    return fail(ErrorCode::kNotFound,
                model_dir.string() +
                    " has its weights as a PyTorch pickle only, which is not safe to read: save it "
                    "as safetensors (transformers: model.save_pretrained(folder))");
  }
  if (has("adapter_model.safetensors")) {
    return fail(ErrorCode::kNotFound,
                model_dir.string() +
                    " is an adapter without its model: merge the two (peft: merge_and_unload()) "
                    "and save the result as safetensors");
  }
  return fail(ErrorCode::kNotFound, model_dir.string() +
                                        " has no weights: neither model.safetensors nor model.bin" +
                                        std::string(kPull));
}

Result<ModelFiles> ModelFiles::open(const fs::path& model_dir) {
  const ModelFormat format = KATIP_TRY(detect_model_format(model_dir));
  Loaded loaded = KATIP_TRY(format == ModelFormat::kHuggingFace ? load_huggingface(model_dir)
                                                                : load_ctranslate2(model_dir));
  if (auto status = validate_config(loaded.config); !status) {
    return fail(model_dir.string(), status.error());
  }
  ModelFiles model;
  model.format = format;
  model.tokenizer = KATIP_TRY(open_tokenizer(model_dir, loaded.config.vocabulary_size));
  if (auto status = complete_config(loaded.config, *model.tokenizer); !status) {
    return fail(model_dir.string(), status.error());
  }
  auto weights = make_weights(loaded.config, std::move(loaded.files), loaded.naming);
  if (!weights) return fail(model_dir.string(), weights.error());
  model.weights = std::move(*weights);
  model.config = std::move(loaded.config);
  return model;
}

}  // namespace katip::engine
