#include "engine/model/describe_model.h"

#include <string_view>

#include "engine/model/weight_names.h"

// Tested by engine/model_info_test.cc.
namespace katip::engine {
namespace {

struct Size {
  std::string_view name;
  int mel_count;
  int state_size;
  int audio_layer_count;
  int text_layer_count;
};

/// Published shapes. large and large-v2 have one shape; the English-only models have that of their
/// multilingual brothers.
constexpr Size kSizes[] = {
    {"tiny", 80, 384, 4, 4},
    {"base", 80, 512, 6, 6},
    {"small", 80, 768, 12, 12},
    {"medium", 80, 1024, 24, 24},
    {"large-v2", 80, 1280, 32, 32},
    {"large-v3", 128, 1280, 32, 32},
    {"large-v3-turbo", 128, 1280, 32, 4},
    {"distil-small", 80, 768, 12, 4},
    {"distil-medium", 80, 1024, 24, 2},
    {"distil-large-v2", 80, 1280, 32, 2},
    {"distil-large-v3", 128, 1280, 32, 2},
};

std::string_view find_size(const ModelConfig& config) {
  for (const Size& size : kSizes) {
    if (size.mel_count == config.mel_count && size.state_size == config.state_size &&
        size.audio_layer_count == config.audio_layer_count &&
        size.text_layer_count == config.text_layer_count) {
      return size.name;
    }
  }
  return "custom";
}

}  // namespace

ModelInfo describe_model(const ModelFiles& model) {
  ModelInfo info;
  info.format = model.format == ModelFormat::kHuggingFace ? "huggingface" : "ctranslate2";
  info.size = find_size(model.config);
  info.multilingual = model.config.multilingual;
  info.mel_count = model.config.mel_count;
  info.parameter_count = parameter_count(model.config);
  return info;
}

}  // namespace katip::engine
