#include <iterator>
#include <string>
#include <string_view>

#include "engine/engine.h"
#include "engine/model/model_files.h"
#include "engine/model/model_format.h"
#include "engine/model/weight_names.h"

// Tested by model_info_test.cc.
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

/// In the order of their tokens.
constexpr Language kLanguages[] = {
    {"en", "english"},        {"zh", "chinese"},     {"de", "german"},        {"es", "spanish"},
    {"ru", "russian"},        {"ko", "korean"},      {"fr", "french"},        {"ja", "japanese"},
    {"pt", "portuguese"},     {"tr", "turkish"},     {"pl", "polish"},        {"ca", "catalan"},
    {"nl", "dutch"},          {"ar", "arabic"},      {"sv", "swedish"},       {"it", "italian"},
    {"id", "indonesian"},     {"hi", "hindi"},       {"fi", "finnish"},       {"vi", "vietnamese"},
    {"he", "hebrew"},         {"uk", "ukrainian"},   {"el", "greek"},         {"ms", "malay"},
    {"cs", "czech"},          {"ro", "romanian"},    {"da", "danish"},        {"hu", "hungarian"},
    {"ta", "tamil"},          {"no", "norwegian"},   {"th", "thai"},          {"ur", "urdu"},
    {"hr", "croatian"},       {"bg", "bulgarian"},   {"lt", "lithuanian"},    {"la", "latin"},
    {"mi", "maori"},          {"ml", "malayalam"},   {"cy", "welsh"},         {"sk", "slovak"},
    {"te", "telugu"},         {"fa", "persian"},     {"lv", "latvian"},       {"bn", "bengali"},
    {"sr", "serbian"},        {"az", "azerbaijani"}, {"sl", "slovenian"},     {"kn", "kannada"},
    {"et", "estonian"},       {"mk", "macedonian"},  {"br", "breton"},        {"eu", "basque"},
    {"is", "icelandic"},      {"hy", "armenian"},    {"ne", "nepali"},        {"mn", "mongolian"},
    {"bs", "bosnian"},        {"kk", "kazakh"},      {"sq", "albanian"},      {"sw", "swahili"},
    {"gl", "galician"},       {"mr", "marathi"},     {"pa", "punjabi"},       {"si", "sinhala"},
    {"km", "khmer"},          {"sn", "shona"},       {"yo", "yoruba"},        {"so", "somali"},
    {"af", "afrikaans"},      {"oc", "occitan"},     {"ka", "georgian"},      {"be", "belarusian"},
    {"tg", "tajik"},          {"sd", "sindhi"},      {"gu", "gujarati"},      {"am", "amharic"},
    {"yi", "yiddish"},        {"lo", "lao"},         {"uz", "uzbek"},         {"fo", "faroese"},
    {"ht", "haitian creole"}, {"ps", "pashto"},      {"tk", "turkmen"},       {"nn", "nynorsk"},
    {"mt", "maltese"},        {"sa", "sanskrit"},    {"lb", "luxembourgish"}, {"my", "myanmar"},
    {"bo", "tibetan"},        {"tl", "tagalog"},     {"mg", "malagasy"},      {"as", "assamese"},
    {"tt", "tatar"},          {"haw", "hawaiian"},   {"ln", "lingala"},       {"ha", "hausa"},
    {"ba", "bashkir"},        {"jw", "javanese"},    {"su", "sundanese"},     {"yue", "cantonese"},
};
static_assert(std::size(kLanguages) == 100);

}  // namespace

std::span<const Language> languages() { return kLanguages; }

Result<ModelInfo> inspect_model(const std::filesystem::path& model_dir) {
  const ModelFormat format = KATIP_TRY(detect_model_format(model_dir));
  const ModelFiles model = KATIP_TRY(ModelFiles::open(model_dir));
  ModelInfo info;
  info.format = format == ModelFormat::kHuggingFace ? "huggingface" : "ctranslate2";
  info.size = find_size(model.config);
  info.multilingual = model.config.multilingual;
  info.mel_count = model.config.mel_count;
  info.parameter_count = parameter_count(model.config);
  return info;
}

}  // namespace katip::engine
