#include "engine/model/whisper_tokenizer.h"

#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "engine/engine.h"
#include "engine/model/byte_level.h"
#include "engine/model/byte_pair_encoder.h"
#include "engine/model/mapped_file.h"
#include "engine/model/special_tokens.h"

// Tested by whisper_tokenizer_test.cc against golden values of the reference library.
namespace katip::engine {
namespace {

class WhisperTokenizer final : public Tokenizer {
 public:
  WhisperTokenizer(Vocabulary vocabulary, const SpecialTokens& special)
      : vocabulary_(std::move(vocabulary)), special_(special) {}

  [[nodiscard]] std::string decode(std::span<const int> tokens) const override {
    std::string text;
    for (const int token : tokens) {
      if (is_text(token)) text += vocabulary_.token(static_cast<std::size_t>(token));
    }
    return text;
  }

  [[nodiscard]] std::vector<int> encode(std::string_view text) const override {
    std::call_once(encoder_made_, [this] {
      encoder_.emplace(vocabulary_, static_cast<std::size_t>(special_.end_of_text));
    });
    std::vector<int> tokens;
    while (!text.empty()) {
      const std::string_view piece = next_piece(text);
      encoder_->encode_piece(piece, tokens);
      text.remove_prefix(piece.size());
    }
    return tokens;
  }

  [[nodiscard]] const SpecialTokens& special() const override { return special_; }

  [[nodiscard]] std::optional<int> language_token(std::string_view code) const override {
    for (int i = 0; i < special_.language_count; ++i) {
      const int token = special_.language_begin + i;
      if (language_code(token) == code) return token;
    }
    return std::nullopt;
  }

  [[nodiscard]] std::string_view language_code(int token) const override {
    const int index = token - special_.language_begin;
    if (index < 0 || index >= special_.language_count) return {};
    const auto id = static_cast<std::size_t>(token);
    if (id < vocabulary_.size() && !vocabulary_.token(id).empty()) {
      return without_marks(vocabulary_.token(id));
    }
    // A vocabulary that does not name its languages has them in Whisper's order.
    const auto known = languages();
    const auto place = static_cast<std::size_t>(index);
    return place < known.size() ? known[place].code : std::string_view();
  }

 private:
  static std::string_view without_marks(std::string_view name) {
    const bool marked = name.size() > 4 && name.starts_with("<|") && name.ends_with("|>");
    return marked ? name.substr(2, name.size() - 4) : std::string_view();
  }

  /// Text comes before the special tokens; a fine-tuned model may have words of its own after them.
  [[nodiscard]] bool is_text(int token) const {
    if (token < 0 || static_cast<std::size_t>(token) >= vocabulary_.size()) return false;
    if (token < special_.end_of_text) return true;
    if (token < special_.timestamp_begin + kTimestampCount) return false;
    return without_marks(vocabulary_.token(static_cast<std::size_t>(token))).empty();
  }

  Vocabulary vocabulary_;
  SpecialTokens special_;
  mutable std::once_flag encoder_made_;
  mutable std::optional<BytePairEncoder> encoder_;  ///< Written once, under encoder_made_.
};

Result<Vocabulary> parse_pair(const std::filesystem::path& model_dir) {
  const MappedFile vocabulary = KATIP_TRY(MappedFile::open(model_dir / "vocab.json"));
  const MappedFile merges = KATIP_TRY(MappedFile::open(model_dir / "merges.txt"));
  auto added = MappedFile::open(model_dir / "added_tokens.json");
  if (!added && added.error().code != ErrorCode::kNotFound) return std::unexpected(added.error());
  return parse_vocabulary_and_merges(
      {vocabulary.text(), merges.text(), added ? added->text() : std::string_view()});
}

struct Source {
  std::string_view file_name;
  Result<Vocabulary> (*parse)(std::string_view text);
};

/// Without a parser: the two files of parse_pair().
constexpr Source kSources[] = {
    {"tokenizer.json", parse_tokenizer_json},
    {"vocab.json", nullptr},
    {"vocabulary.json", parse_vocabulary_list},
    {"vocabulary.txt", parse_vocabulary_lines},
};

Result<Vocabulary> read_vocabulary(const std::filesystem::path& path, const Source& source) {
  if (source.parse == nullptr) return parse_pair(path.parent_path());
  const MappedFile file = KATIP_TRY(MappedFile::open(path));
  return source.parse(file.text());
}

}  // namespace

Result<std::unique_ptr<const Tokenizer>> make_tokenizer(Vocabulary vocabulary,
                                                        int vocabulary_size) {
  if (vocabulary.size() > static_cast<std::size_t>(vocabulary_size)) {
    return fail(ErrorCode::kCorruptData,
                "it has " + std::to_string(vocabulary.size()) + " tokens, the model " +
                    std::to_string(vocabulary_size) + ": it belongs to another model");
  }
  const SpecialTokens special = KATIP_TRY(find_special_tokens(vocabulary, vocabulary_size));
  return std::make_unique<const WhisperTokenizer>(std::move(vocabulary), special);
}

Result<std::unique_ptr<const Tokenizer>> open_tokenizer(const std::filesystem::path& model_dir,
                                                        int vocabulary_size) {
  for (const Source& source : kSources) {
    const std::filesystem::path path = model_dir / source.file_name;
    std::error_code ignored;  // cannot be looked at: then it cannot be read either
    if (!std::filesystem::exists(path, ignored)) continue;
    auto vocabulary = read_vocabulary(path, source);
    if (!vocabulary) return fail(path.string(), vocabulary.error());
    auto tokenizer = make_tokenizer(std::move(*vocabulary), vocabulary_size);
    if (!tokenizer) return fail(path.string(), tokenizer.error());
    return tokenizer;
  }
  return fail(ErrorCode::kNotFound,
              model_dir.string() +
                  " has no tokenizer: neither tokenizer.json, nor vocab.json with merges.txt, nor "
                  "vocabulary.json, nor vocabulary.txt; fetch the model again with `katip models "
                  "pull`");
}

}  // namespace katip::engine
