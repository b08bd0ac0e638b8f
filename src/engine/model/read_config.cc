#include "engine/model/read_config.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "engine/model/json_text.h"
#include "engine/model/non_speech_tokens.h"

// Tested by read_config_test.cc.
namespace katip::engine {
namespace json = boost::json;
namespace {

constexpr int kHeadSize = 64;
constexpr int kLayerCountMax = 64;
constexpr int kHeadCountMax = 32;
constexpr int kAudioContext = 1500;
constexpr int kTextContextMax = 448;
constexpr int kTokenCountMax = 200'000;

constexpr std::string_view kConfigName = "config.json";
constexpr std::string_view kGenerationName = "generation_config.json";

std::unexpected<Error> corrupt(std::string message) {
  return fail(ErrorCode::kCorruptData, std::move(message));
}

/// A pair of whole numbers per head, or nothing when the key is missing.
Result<std::vector<AttentionHead>> read_heads(const json::object& object) {
  std::vector<AttentionHead> heads;
  const json::value* const value = object.if_contains("alignment_heads");
  if (value == nullptr || value->is_null()) return heads;
  const json::array* const items = value->if_array();
  if (items == nullptr || items->size() > kLayerCountMax * kHeadCountMax) {
    return corrupt("alignment_heads must be a list of [layer, head]");
  }
  for (const json::value& item : *items) {
    const json::array* const pair = item.if_array();
    json::error_code layer_error;
    json::error_code head_error;
    if (pair == nullptr || pair->size() != 2) {
      return corrupt("alignment_heads must be a list of [layer, head]");
    }
    const auto layer = (*pair)[0].to_number<int>(layer_error);
    const auto head = (*pair)[1].to_number<int>(head_error);
    if (layer_error || head_error) {
      return corrupt("alignment_heads must hold whole numbers");
    }
    heads.push_back({layer, head});
  }
  return heads;
}

/// Overwrites a list when the object has one.
Status take_list(const json::object& object, std::string_view key, std::vector<int>& list) {
  std::vector<int> found = KATIP_TRY(json_int_list(object, key, 0, kTokenCountMax));
  if (!found.empty()) list = std::move(found);
  return {};
}

struct ListNames {
  std::string_view suppress;
  std::string_view suppress_begin;
};

Status take_lists(const json::object& object, const ListNames& names, ModelConfig& config) {
  if (auto status = take_list(object, names.suppress, config.suppress_tokens); !status) {
    return status;
  }
  if (auto status = take_list(object, names.suppress_begin, config.suppress_tokens_begin);
      !status) {
    return status;
  }
  std::vector<AttentionHead> heads = KATIP_TRY(read_heads(object));
  if (!heads.empty()) config.alignment_heads = std::move(heads);
  return {};
}

bool is_whisper(const json::object& object) {
  const json::value* const type = object.if_contains("model_type");
  const json::string* const name = type == nullptr ? nullptr : type->if_string();
  return name != nullptr && *name == "whisper";
}

Status take_huggingface_shape(const json::object& object, ModelConfig& config) {
  const auto number = [&](std::string_view key, int maximum) {
    return json_int(object, key, 1, maximum);
  };
  config.mel_count = KATIP_TRY(number("num_mel_bins", 1024));
  config.state_size = KATIP_TRY(number("d_model", 65'536));
  config.audio_context = KATIP_TRY(number("max_source_positions", 65'536));
  config.text_context = KATIP_TRY(number("max_target_positions", 65'536));
  config.audio_layer_count = KATIP_TRY(number("encoder_layers", kLayerCountMax));
  config.text_layer_count = KATIP_TRY(number("decoder_layers", kLayerCountMax));
  config.audio_head_count = KATIP_TRY(number("encoder_attention_heads", kHeadCountMax));
  config.text_head_count = KATIP_TRY(number("decoder_attention_heads", kHeadCountMax));
  config.vocabulary_size = KATIP_TRY(number("vocab_size", kTokenCountMax));
  for (const std::string_view key : {"encoder_ffn_dim", "decoder_ffn_dim"}) {
    const int size = KATIP_TRY(number(key, 1 << 20));
    if (size != 4 * config.state_size) {
      return corrupt(std::string(key) + " must be 4 times d_model in a Whisper model");
    }
  }
  return {};
}

/// What would change the arithmetic, and no Whisper model has.
Status check_huggingface_variant(const json::object& object) {
  const json::value* const activation = object.if_contains("activation_function");
  if (activation != nullptr && (!activation->is_string() || activation->get_string() != "gelu")) {
    return fail(ErrorCode::kInvalidArgument, "activation_function must be gelu");
  }
  const json::value* const scale = object.if_contains("scale_embedding");
  if (scale != nullptr && (!scale->is_bool() || scale->get_bool())) {
    return fail(ErrorCode::kInvalidArgument, "scale_embedding must be false");
  }
  return {};
}

Result<const TensorView*> require_tensor(const TensorTable& tensors, std::string_view name,
                                         std::size_t rank) {
  const auto found = tensors.find(name);
  if (found == tensors.end()) {
    return corrupt("tensor '" + std::string(name) + "' is missing: not a whole Whisper model");
  }
  if (found->second.shape.size() == rank) return &found->second;
  return corrupt("tensor '" + std::string(name) + "' has the shape " +
                 shape_text(found->second.shape));
}

Result<int> to_dimension(std::size_t size, std::string_view name) {
  constexpr std::size_t kDimensionMax = 1'000'000;
  if (size >= 1 && size <= kDimensionMax) return static_cast<int>(size);
  return corrupt("tensor '" + std::string(name) + "' has a dimension of " + std::to_string(size));
}

/// Layers are numbered without holes; make_weights() complains about holes, by name.
int count_layers(const TensorTable& tensors, const std::string& half) {
  int count = 0;
  while (count < kLayerCountMax + 1 &&
         tensors.contains(half + "/layer_" + std::to_string(count) + "/ffn/layer_norm/gamma")) {
    ++count;
  }
  return count;
}

/// A scalar of 16 bits that newer conversions carry; older ones leave the heads to their size.
Result<int> read_head_count(const TensorTable& tensors, const std::string& half, int state_size) {
  const auto found = tensors.find(half + "/num_heads");
  if (found == tensors.end()) return state_size / kHeadSize;
  std::int16_t count = 0;
  if (found->second.type != ElementType::kInt16 || found->second.bytes.size() != sizeof(count)) {
    return corrupt("variable '" + half + "/num_heads' is not one 16-bit number");
  }
  std::memcpy(&count, found->second.bytes.data(), sizeof(count));
  return count;
}

Status take_ctranslate2_shape(const TensorTable& tensors, ModelConfig& config) {
  constexpr std::string_view kConv = "encoder/conv1/weight";
  constexpr std::string_view kAudio = "encoder/position_encodings/encodings";
  constexpr std::string_view kText = "decoder/position_encodings/encodings";
  constexpr std::string_view kTokens = "decoder/embeddings/weight";
  const TensorView* const conv = KATIP_TRY(require_tensor(tensors, kConv, 3));
  const TensorView* const audio = KATIP_TRY(require_tensor(tensors, kAudio, 2));
  const TensorView* const text = KATIP_TRY(require_tensor(tensors, kText, 2));
  const TensorView* const tokens = KATIP_TRY(require_tensor(tensors, kTokens, 2));
  config.state_size = KATIP_TRY(to_dimension(conv->shape[0], kConv));
  config.mel_count = KATIP_TRY(to_dimension(conv->shape[1], kConv));
  config.audio_context = KATIP_TRY(to_dimension(audio->shape[0], kAudio));
  config.text_context = KATIP_TRY(to_dimension(text->shape[0], kText));
  config.vocabulary_size = KATIP_TRY(to_dimension(tokens->shape[0], kTokens));
  config.audio_layer_count = count_layers(tensors, "encoder");
  config.text_layer_count = count_layers(tensors, "decoder");
  config.audio_head_count = KATIP_TRY(read_head_count(tensors, "encoder", config.state_size));
  config.text_head_count = KATIP_TRY(read_head_count(tensors, "decoder", config.state_size));
  return {};
}

Status check_range(std::string_view what, int value, int minimum, int maximum) {
  if (value >= minimum && value <= maximum) return {};
  return corrupt("a model with " + std::to_string(value) + " " + std::string(what) +
                 " is not a Whisper model: from " + std::to_string(minimum) + " to " +
                 std::to_string(maximum) + " are known");
}

/// Models with fewer layers than the one they were distilled from often keep its list.
void complete_alignment_heads(ModelConfig& config) {
  std::erase_if(config.alignment_heads, [&](const AttentionHead& entry) {
    return entry.layer < 0 || entry.layer >= config.text_layer_count || entry.head < 0 ||
           entry.head >= config.text_head_count;
  });
  if (!config.alignment_heads.empty()) return;
  for (int layer = config.text_layer_count / 2; layer < config.text_layer_count; ++layer) {
    for (int head = 0; head < config.text_head_count; ++head) {
      config.alignment_heads.push_back({layer, head});
    }
  }
}

}  // namespace

Result<ModelConfig> read_huggingface_config(std::string_view config_text,
                                            std::string_view generation_text) {
  constexpr ListNames kNames = {"suppress_tokens", "begin_suppress_tokens"};
  const json::object object = KATIP_TRY(parse_json_object(config_text, kConfigName));
  if (!is_whisper(object)) {
    return fail(ErrorCode::kInvalidArgument,
                "config.json does not say \"model_type\": \"whisper\": only Whisper models can be "
                "used here");
  }
  ModelConfig config;
  if (auto status = take_huggingface_shape(object, config); !status) {
    return fail(kConfigName, status.error());
  }
  if (auto status = check_huggingface_variant(object); !status) {
    return fail(kConfigName, status.error());
  }
  if (auto status = take_lists(object, kNames, config); !status) {
    return fail(kConfigName, status.error());
  }
  if (!generation_text.empty()) {
    const json::object generation = KATIP_TRY(parse_json_object(generation_text, kGenerationName));
    if (auto status = take_lists(generation, kNames, config); !status) {
      return fail(kGenerationName, status.error());
    }
  }
  return config;
}

Result<ModelConfig> read_ctranslate2_config(std::string_view config_text,
                                            const TensorTable& tensors) {
  constexpr ListNames kNames = {"suppress_ids", "suppress_ids_begin"};
  const json::object object = KATIP_TRY(parse_json_object(config_text, kConfigName));
  ModelConfig config;
  if (auto status = take_ctranslate2_shape(tensors, config); !status) {
    return fail("model.bin", status.error());
  }
  if (auto status = take_lists(object, kNames, config); !status) {
    return fail(kConfigName, status.error());
  }
  return config;
}

Status validate_config(const ModelConfig& config) {
  struct Limit {
    std::string_view what;
    int value;
    int minimum;
    int maximum;
  };
  const Limit limits[] = {
      {"encoder positions", config.audio_context, kAudioContext, kAudioContext},
      {"decoder positions", config.text_context, 8, kTextContextMax},
      {"encoder layers", config.audio_layer_count, 1, kLayerCountMax},
      {"decoder layers", config.text_layer_count, 1, kLayerCountMax},
      {"encoder heads", config.audio_head_count, 1, kHeadCountMax},
      {"decoder heads", config.text_head_count, 1, kHeadCountMax},
      {"tokens", config.vocabulary_size, 1, kTokenCountMax},
  };
  for (const Limit& limit : limits) {
    auto status = check_range(limit.what, limit.value, limit.minimum, limit.maximum);
    if (!status) return status;
  }
  if (config.mel_count != 80 && config.mel_count != 128) {
    return corrupt("a model with " + std::to_string(config.mel_count) +
                   " mel bins is not a Whisper model: 80 and 128 are known");
  }
  if (config.state_size != kHeadSize * config.audio_head_count ||
      config.state_size != kHeadSize * config.text_head_count) {
    return corrupt("a width of " + std::to_string(config.state_size) +
                   " is not 64 for each attention head");
  }
  return {};
}

Status complete_config(ModelConfig& config, const Tokenizer& tokenizer) {
  const SpecialTokens& special = tokenizer.special();
  config.multilingual = special.language_count > 0;
  complete_alignment_heads(config);
  if (config.suppress_tokens.empty()) config.suppress_tokens = non_speech_tokens(tokenizer);
  for (const int token : {special.start_of_transcript, special.translate, special.transcribe,
                          special.start_of_lm, special.start_of_previous, special.no_speech}) {
    config.suppress_tokens.push_back(token);
  }
  std::ranges::sort(config.suppress_tokens);
  const auto repeats = std::ranges::unique(config.suppress_tokens);
  config.suppress_tokens.erase(repeats.begin(), repeats.end());
  if (config.suppress_tokens_begin.empty()) {
    config.suppress_tokens_begin = tokenizer.encode(" ");
    config.suppress_tokens_begin.push_back(special.end_of_text);
  }
  for (const std::vector<int>* list : {&config.suppress_tokens, &config.suppress_tokens_begin}) {
    for (const int token : *list) {
      if (token < 0 || token >= config.vocabulary_size) {
        return corrupt("token " + std::to_string(token) +
                       " is to be suppressed, but the model has only " +
                       std::to_string(config.vocabulary_size));
      }
    }
  }
  return {};
}

}  // namespace katip::engine
