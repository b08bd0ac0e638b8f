#pragma once

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/model/byte_level.h"
#include "engine/model/special_tokens.h"
#include "engine/model/testing/random_model.h"

/// For tests: random models as the two kinds of model folders.
namespace katip::engine::test_model {

inline void write_file(const std::filesystem::path& path, std::string_view bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

inline std::string_view safetensors_type(ElementType type) {
  switch (type) {
    case ElementType::kFloat16:
      return "F16";
    case ElementType::kBfloat16:
      return "BF16";
    case ElementType::kInt8:
      return "I8";
    default:
      return "F32";
  }
}

inline std::string safetensors_bytes(const std::vector<StoredTensor>& tensors) {
  std::string header = "{\"__metadata__\":{\"format\":\"pt\"}";
  std::string data;
  for (const StoredTensor& tensor : tensors) {
    std::string shape;
    for (const std::size_t size : tensor.shape) {
      shape += (shape.empty() ? "" : ",") + std::to_string(size);
    }
    header += ",\"" + tensor.name + "\":{\"dtype\":\"" +
              std::string(safetensors_type(tensor.type)) + "\",\"shape\":[" + shape +
              "],\"data_offsets\":[" + std::to_string(data.size()) + "," +
              std::to_string(data.size() + tensor.bytes.size()) + "]}";
    data += tensor.bytes;
  }
  header += "}";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  std::string file;
  append_raw(file, static_cast<std::uint64_t>(header.size()));
  return file + header + data;
}

inline std::uint8_t ctranslate2_type(ElementType type) {
  constexpr ElementType kTypes[] = {ElementType::kFloat32, ElementType::kInt8,
                                    ElementType::kInt16,   ElementType::kInt32,
                                    ElementType::kFloat16, ElementType::kBfloat16};
  std::uint8_t number = 0;
  while (kTypes[number] != type) ++number;
  return number;
}

struct Alias {
  std::string name;
  std::string target;
};

inline std::string ctranslate2_bytes(
    const std::vector<StoredTensor>& tensors,
    const std::vector<Alias>& aliases = {{"decoder/projection/weight",
                                          "decoder/embeddings/weight"}},
    std::uint32_t version = 6, std::string_view kind = "WhisperSpec") {
  std::string file;
  const auto append_string = [&](std::string_view text) {
    append_raw(file, static_cast<std::uint16_t>(text.size() + 1));
    file += text;
    file += '\0';
  };
  append_raw(file, version);
  append_string(kind);
  append_raw(file, std::uint32_t{3});
  append_raw(file, static_cast<std::uint32_t>(tensors.size()));
  for (const StoredTensor& tensor : tensors) {
    append_string(tensor.name);
    append_raw(file, static_cast<std::uint8_t>(tensor.shape.size()));
    for (const std::size_t size : tensor.shape) append_raw(file, static_cast<std::uint32_t>(size));
    append_raw(file, ctranslate2_type(tensor.type));
    append_raw(file, static_cast<std::uint32_t>(tensor.bytes.size()));
    file += tensor.bytes;
  }
  append_raw(file, static_cast<std::uint32_t>(aliases.size()));
  for (const Alias& alias : aliases) {
    append_string(alias.name);
    append_string(alias.target);
  }
  return file;
}

/// The merges of every random model, as vocabulary files spell them.
inline const std::vector<std::pair<std::string, std::string>>& random_merges() {
  static const std::vector<std::pair<std::string, std::string>> merges = {
      {"Ġ", "t"}, {"h", "e"}, {"Ġ", "a"},   {"i", "n"},
      {"r", "e"}, {"o", "n"}, {"Ġt", "he"}, {"in", "g"}};
  return merges;
}

/// Tokens in the order of their ids, spelled as vocabulary files spell them. Languages are named
/// <|en|> and <|xb|>, <|xc|>, ...: only their places matter.
inline std::vector<std::string> random_vocabulary(const RandomModel& model) {
  std::vector<std::string> tokens;
  for (int byte = 0; byte < 256; ++byte) {
    tokens.push_back(spell_bytes(std::string(1, static_cast<char>(byte))));
  }
  for (const auto& [left, right] : random_merges()) tokens.push_back(left + right);
  tokens.emplace_back("<|endoftext|>");
  tokens.emplace_back("<|startoftranscript|>");
  for (int i = 0; i < model.language_count; ++i) {
    const std::string code = {static_cast<char>('a' + i / 26), static_cast<char>('a' + i % 26)};
    tokens.push_back(i == 0 ? "<|en|>" : "<|x" + code + "|>");
  }
  for (const char* name :
       {"translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps"}) {
    tokens.push_back("<|" + std::string(name) + "|>");
  }
  for (int i = 0; i < kTimestampCount; ++i) {
    const std::string hundredths = std::to_string(i * 2 % 100);
    tokens.push_back("<|" + std::to_string(i * 2 / 100) + "." + (hundredths.size() < 2 ? "0" : "") +
                     hundredths + "|>");
  }
  return tokens;
}

inline std::string json_quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char character : text) {
    if (character == '"' || character == '\\') quoted += '\\';
    quoted += character;
  }
  return quoted + "\"";
}

inline std::string vocabulary_list_text(const RandomModel& model) {
  std::string text;
  for (const std::string& token : random_vocabulary(model)) {
    text += (text.empty() ? "[" : ",") + json_quoted(token);
  }
  return text + "]";
}

/// The special tokens as added tokens behind the vocabulary of the text, as published files have
/// it.
inline std::string tokenizer_json_text(const RandomModel& model) {
  const std::vector<std::string> tokens = random_vocabulary(model);
  std::string vocabulary;
  std::string added;
  for (std::size_t id = 0; id < tokens.size(); ++id) {
    const bool is_text = id < static_cast<std::size_t>(kRandomTextCount);
    std::string& into = is_text ? vocabulary : added;
    if (!into.empty()) into += ",";
    into += is_text ? json_quoted(tokens[id]) + ":" + std::to_string(id)
                    : "{\"id\":" + std::to_string(id) + ",\"content\":" + json_quoted(tokens[id]) +
                          ",\"special\":true}";
  }
  std::string merges;
  for (const auto& [left, right] : random_merges()) {
    merges += (merges.empty() ? "" : ",") + json_quoted(left + " " + right);
  }
  return "{\"added_tokens\":[" + added + "],\"model\":{\"type\":\"BPE\",\"vocab\":{" + vocabulary +
         "},\"merges\":[" + merges + "]}}";
}

inline std::string huggingface_config_text(const RandomModel& model) {
  const ModelConfig config = model.config();
  std::string text = "{\"model_type\":\"whisper\",\"activation_function\":\"gelu\"";
  const auto add = [&](std::string_view key, int value) {
    text += ",\"" + std::string(key) + "\":" + std::to_string(value);
  };
  add("num_mel_bins", config.mel_count);
  add("d_model", config.state_size);
  add("encoder_layers", config.audio_layer_count);
  add("decoder_layers", config.text_layer_count);
  add("encoder_attention_heads", config.audio_head_count);
  add("decoder_attention_heads", config.text_head_count);
  add("encoder_ffn_dim", 4 * config.state_size);
  add("decoder_ffn_dim", 4 * config.state_size);
  add("max_source_positions", config.audio_context);
  add("max_target_positions", config.text_context);
  add("vocab_size", config.vocabulary_size);
  return text + "}";
}

/// A folder as `transformers` saves it. `type` is a float type.
inline void write_huggingface(const std::filesystem::path& folder, const RandomModel& model,
                              ElementType type) {
  write_file(folder / "config.json", huggingface_config_text(model));
  write_file(folder / "tokenizer.json", tokenizer_json_text(model));
  write_file(folder / "model.safetensors", safetensors_bytes(huggingface_tensors(model, type)));
}

/// A folder as CTranslate2's converter writes it.
inline void write_ctranslate2(const std::filesystem::path& folder, const RandomModel& model,
                              ElementType type) {
  write_file(folder / "config.json", "{}");
  write_file(folder / "vocabulary.json", vocabulary_list_text(model));
  write_file(folder / "model.bin", ctranslate2_bytes(ctranslate2_tensors(model, type)));
}

}  // namespace katip::engine::test_model
