#include "engine/model/weight_names.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/assert.h"

// A canonical name is <half>/[layer_<i>/]<block>/<kind>, for example
// decoder/layer_3/cross_attention/query/weight. Both directions work on the block in the middle.
// Tested by weight_names_test.cc, and by every model that loads.
namespace katip::engine {
namespace {

void append_linear(std::vector<WeightShape>& list, const std::string& block, std::size_t out,
                   std::size_t in) {
  list.push_back({block + "/weight", {out, in}});
  list.push_back({block + "/bias", {out}});
}

void append_norm(std::vector<WeightShape>& list, const std::string& block, std::size_t size) {
  list.push_back({block + "/layer_norm/gamma", {size}});
  list.push_back({block + "/layer_norm/beta", {size}});
}

void append_layer(std::vector<WeightShape>& list, const std::string& layer, std::size_t size,
                  bool has_cross_attention) {
  append_norm(list, layer + "/self_attention", size);
  append_linear(list, layer + "/self_attention/qkv", 3 * size, size);
  append_linear(list, layer + "/self_attention/output", size, size);
  if (has_cross_attention) {
    append_norm(list, layer + "/cross_attention", size);
    append_linear(list, layer + "/cross_attention/query", size, size);
    append_linear(list, layer + "/cross_attention/key_value", 2 * size, size);
    append_linear(list, layer + "/cross_attention/output", size, size);
  }
  append_norm(list, layer + "/ffn", size);
  append_linear(list, layer + "/ffn/up", 4 * size, size);
  append_linear(list, layer + "/ffn/down", size, 4 * size);
}

struct NameParts {
  std::string half;   ///< "encoder" or "decoder".
  std::string layer;  ///< "12"; empty outside the layers.
  std::string block;  ///< "self_attention/qkv".
  std::string kind;   ///< "weight", "bias", "gamma", "beta"; empty for positions and embeddings.
};

NameParts split_name(std::string_view name) {
  constexpr std::string_view kLayer = "layer_";
  NameParts parts;
  const std::size_t half_end = name.find('/');
  KATIP_ASSERT(half_end != std::string_view::npos);
  parts.half = name.substr(0, half_end);
  name.remove_prefix(half_end + 1);
  if (name.starts_with(kLayer) && !name.starts_with("layer_norm")) {
    const std::size_t layer_end = name.find('/');
    KATIP_ASSERT(layer_end != std::string_view::npos);
    parts.layer = name.substr(kLayer.size(), layer_end - kLayer.size());
    name.remove_prefix(layer_end + 1);
  }
  const std::size_t kind_begin = name.rfind('/');
  parts.block = name.substr(0, kind_begin);
  if (kind_begin != std::string_view::npos) parts.kind = name.substr(kind_begin + 1);
  return parts;
}

struct BlockName {
  std::string_view canonical;
  std::string_view huggingface;  ///< {} stands for q, k and v in turn, as far as `projections` go.
  std::string_view projections;
  std::string_view ctranslate2;
};

constexpr BlockName kLayerBlocks[] = {
    {"self_attention/layer_norm", "self_attn_layer_norm", "", "self_attention/layer_norm"},
    {"self_attention/qkv", "self_attn.{}_proj", "qkv", "self_attention/linear_0"},
    {"self_attention/output", "self_attn.out_proj", "", "self_attention/linear_1"},
    {"cross_attention/layer_norm", "encoder_attn_layer_norm", "", "attention/layer_norm"},
    {"cross_attention/query", "encoder_attn.{}_proj", "q", "attention/linear_0"},
    {"cross_attention/key_value", "encoder_attn.{}_proj", "kv", "attention/linear_1"},
    {"cross_attention/output", "encoder_attn.out_proj", "", "attention/linear_2"},
    {"ffn/layer_norm", "final_layer_norm", "", "ffn/layer_norm"},
    {"ffn/up", "fc1", "", "ffn/linear_0"},
    {"ffn/down", "fc2", "", "ffn/linear_1"},
};

constexpr BlockName kOuterBlocks[] = {
    {"conv1", "conv1", "", "conv1"},
    {"conv2", "conv2", "", "conv2"},
    {"layer_norm", "layer_norm", "", "layer_norm"},
    {"positions", "embed_positions", "", "position_encodings/encodings"},
    {"embeddings", "embed_tokens", "", "embeddings/weight"},
};

const BlockName& find_block(const NameParts& parts) {
  const std::span<const BlockName> blocks =
      parts.layer.empty() ? std::span<const BlockName>(kOuterBlocks) : kLayerBlocks;
  const auto found =
      std::ranges::find(blocks, std::string_view(parts.block), &BlockName::canonical);
  KATIP_ASSERT(found != blocks.end());
  return *found;
}

}  // namespace

std::vector<WeightShape> weight_shapes(const ModelConfig& config) {
  const auto size = static_cast<std::size_t>(config.state_size);
  std::vector<WeightShape> list;
  list.push_back({"encoder/conv1/weight", {size, static_cast<std::size_t>(config.mel_count), 3}});
  list.push_back({"encoder/conv1/bias", {size}});
  list.push_back({"encoder/conv2/weight", {size, size, 3}});
  list.push_back({"encoder/conv2/bias", {size}});
  list.push_back({"encoder/positions", {static_cast<std::size_t>(config.audio_context), size}});
  for (int i = 0; i < config.audio_layer_count; ++i) {
    append_layer(list, "encoder/layer_" + std::to_string(i), size, false);
  }
  append_norm(list, "encoder", size);
  list.push_back({"decoder/embeddings", {static_cast<std::size_t>(config.vocabulary_size), size}});
  list.push_back({"decoder/positions", {static_cast<std::size_t>(config.text_context), size}});
  for (int i = 0; i < config.text_layer_count; ++i) {
    append_layer(list, "decoder/layer_" + std::to_string(i), size, true);
  }
  append_norm(list, "decoder", size);
  return list;
}

std::int64_t parameter_count(const ModelConfig& config) {
  std::int64_t count = 0;
  for (const WeightShape& weight : weight_shapes(config)) {
    std::int64_t product = 1;
    for (const std::size_t dimension : weight.shape)
      product *= static_cast<std::int64_t>(dimension);
    count += product;
  }
  const std::int64_t key_bias_count = config.audio_layer_count + 2 * config.text_layer_count;
  return count - key_bias_count * config.state_size;
}

std::vector<WeightSource> huggingface_sources(std::string_view name) {
  constexpr std::string_view kSlot = "{}";
  const NameParts parts = split_name(name);
  const BlockName& block = find_block(parts);
  const bool is_bias = parts.kind == "bias" || parts.kind == "beta";
  const std::string start =
      parts.half + "." + (parts.layer.empty() ? "" : "layers." + parts.layer + ".");
  const std::string end = is_bias ? ".bias" : ".weight";
  if (block.projections.empty()) {
    return {{start + std::string(block.huggingface) + end, false}};
  }
  std::vector<WeightSource> sources;
  for (const char projection : block.projections) {
    std::string middle(block.huggingface);
    middle.replace(middle.find(kSlot), kSlot.size(), 1, projection);
    // Keys have no bias: it would add the same to every score of a row, which softmax takes away.
    sources.push_back({start + middle + end, is_bias && projection == 'k'});
  }
  return sources;
}

std::vector<WeightSource> ctranslate2_sources(std::string_view name) {
  const NameParts parts = split_name(name);
  const BlockName& block = find_block(parts);
  std::string source = parts.half + "/" +
                       (parts.layer.empty() ? "" : "layer_" + parts.layer + "/") +
                       std::string(block.ctranslate2);
  if (!parts.kind.empty()) source += "/" + parts.kind;
  return {{std::move(source), parts.kind == "bias"}};
}

}  // namespace katip::engine
