#include "engine/model/special_tokens.h"

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

// The usual order, which every published model keeps: text, end, start, languages, translate,
// transcribe, lm, previous, no speech, no timestamps, 1501 timestamps.
// Tested by special_tokens_test.cc.
namespace katip::engine {
namespace {

/// All but text and languages.
constexpr int kSpecialCount = 8 + kTimestampCount;
constexpr int kLanguageCountMax = 200;

/// English-only models have GPT-2's own vocabulary, where the text ends here; they name languages
/// too, but were never taught them.
constexpr int kEndOfTextEnglish = 50256;
constexpr int kEndOfTextMultilingual = 50257;
/// large-v3 added a language. A tokenizer of one generation with weights of another would shift
/// everything behind it by one.
constexpr int kVocabularySizeV3 = 51866;
constexpr int kLanguageCountV3 = 100;

using NameMap = std::unordered_map<std::string_view, int>;

NameMap collect_names(const Vocabulary& vocabulary) {
  NameMap names;
  for (std::size_t id = 0; id < vocabulary.size(); ++id) {
    const std::string_view token = vocabulary.token(id);
    if (token.starts_with("<|") && token.ends_with("|>")) {
      names.emplace(token, static_cast<int>(id));
    }
  }
  return names;
}

std::optional<int> find_name(const NameMap& names, std::string_view name) {
  const auto found = names.find(name);
  return found == names.end() ? std::nullopt : std::optional<int>(found->second);
}

std::unexpected<Error> corrupt(std::string message) {
  return fail(ErrorCode::kCorruptData, std::move(message));
}

Result<int> find_end_of_text(const NameMap& names, int vocabulary_size) {
  if (const auto named = find_name(names, "<|endoftext|>")) return *named;
  if (vocabulary_size == 51864) return kEndOfTextEnglish;
  if (vocabulary_size == 51865 || vocabulary_size == kVocabularySizeV3) {
    return kEndOfTextMultilingual;
  }
  return corrupt("it has no <|endoftext|>: not the vocabulary of a Whisper model");
}

Status check_order(const SpecialTokens& special, int vocabulary_size) {
  for (const int token :
       {special.start_of_transcript, special.translate, special.transcribe, special.start_of_lm,
        special.start_of_previous, special.no_speech, special.no_timestamps}) {
    if (token <= special.end_of_text || token >= special.timestamp_begin) {
      return corrupt("its special tokens are not between the text and the timestamps");
    }
  }
  if (special.timestamp_begin > vocabulary_size - kTimestampCount) {
    return corrupt("its timestamps end at " +
                   std::to_string(special.timestamp_begin + kTimestampCount) +
                   ", but the model has " + std::to_string(vocabulary_size) +
                   " tokens: the tokenizer belongs to another model");
  }
  return {};
}

}  // namespace

Result<SpecialTokens> find_special_tokens(const Vocabulary& vocabulary, int vocabulary_size) {
  const NameMap names = collect_names(vocabulary);
  SpecialTokens special;
  special.end_of_text = KATIP_TRY(find_end_of_text(names, vocabulary_size));
  const auto named_or = [&](std::string_view name, int usual) {
    return find_name(names, name).value_or(usual);
  };
  special.start_of_transcript = named_or("<|startoftranscript|>", special.end_of_text + 1);
  const int language_count_usual = vocabulary_size - special.end_of_text - kSpecialCount;
  int next = special.start_of_transcript + 1 + language_count_usual;
  special.translate = named_or("<|translate|>", next);
  const int language_count = special.translate - special.start_of_transcript - 1;
  next = special.translate;
  special.transcribe = named_or("<|transcribe|>", ++next);
  special.start_of_lm = named_or("<|startoflm|>", ++next);
  special.start_of_previous = named_or("<|startofprev|>", ++next);
  // Models before large-v3 call it <|nocaptions|>.
  special.no_speech = named_or("<|nospeech|>", named_or("<|nocaptions|>", ++next));
  special.no_timestamps = named_or("<|notimestamps|>", special.no_speech + 1);
  special.timestamp_begin = named_or("<|0.00|>", special.no_timestamps + 1);
  if (auto status = check_order(special, vocabulary_size); !status) {
    return std::unexpected(status.error());
  }
  if (language_count < 0 || language_count > kLanguageCountMax) {
    return corrupt("it would have " + std::to_string(language_count) + " languages");
  }
  if (special.end_of_text == kEndOfTextEnglish || language_count == 0) return special;
  if (vocabulary_size == kVocabularySizeV3 && language_count != kLanguageCountV3) {
    return corrupt("the model has 100 languages, the tokenizer " + std::to_string(language_count) +
                   ": it belongs to another model");
  }
  special.language_begin = special.start_of_transcript + 1;
  special.language_count = language_count;
  return special;
}

}  // namespace katip::engine
