#include "engine/model/vocabulary.h"

#include <utility>

#include <boost/json.hpp>

#include "base/trimmed.h"
#include "engine/model/byte_level.h"
#include "engine/model/json_text.h"

// The JSON files have some 150,000 strings: they are parsed into one block of memory that is freed
// at once, and only the bytes of the tokens and merges are copied out of it.
// Tested by vocabulary_test.cc and fuzz/fuzz_tokenizer.cc.
namespace katip::engine {
namespace json = boost::json;
namespace {

/// Far above any Whisper vocabulary (51,866), far below what ids could make a hostile file ask for.
constexpr std::size_t kTokenCountMax = 200'000;
/// Offsets are 32-bit numbers.
constexpr std::size_t kTextSizeMax = 64u << 20;

std::unexpected<Error> corrupt(std::string message) {
  return fail(ErrorCode::kCorruptData, std::move(message));
}

Status check_size(std::string_view text) {
  if (text.size() <= kTextSizeMax) return {};
  return corrupt("it is larger than 64 MiB: not the vocabulary of a Whisper model");
}

/// Tokens by id while a file is read.
class TokenList {
 public:
  Status set(std::uint64_t id, std::string_view token) {
    if (id >= kTokenCountMax) return corrupt("token id " + std::to_string(id) + " is too large");
    if (id >= tokens_.size()) tokens_.resize(id + 1);
    tokens_[id] = token;
    return {};
  }
  [[nodiscard]] std::span<const std::string_view> tokens() const { return tokens_; }

 private:
  std::vector<std::string_view> tokens_;
};

const json::object* find_object(const json::object& object, std::string_view key) {
  const json::value* const value = object.if_contains(key);
  return value == nullptr ? nullptr : value->if_object();
}

const json::array* find_array(const json::object& object, std::string_view key) {
  const json::value* const value = object.if_contains(key);
  return value == nullptr ? nullptr : value->if_array();
}

/// {"token": id, ...}
Status take_token_map(const json::object& map, TokenList& tokens) {
  for (const auto& [token, value] : map) {
    json::error_code error;
    const auto id = value.to_number<std::uint64_t>(error);
    if (error) return corrupt("a token has an id that is not a number");
    if (auto status = tokens.set(id, token); !status) return status;
  }
  return {};
}

/// [{"id": 50257, "content": "<|endoftext|>", ...}, ...]
Status take_added_tokens(const json::array& items, TokenList& tokens) {
  for (const json::value& item : items) {
    const json::object* const object = item.if_object();
    const json::value* const content = object == nullptr ? nullptr : object->if_contains("content");
    const json::value* const id_value = object == nullptr ? nullptr : object->if_contains("id");
    if (content == nullptr || !content->is_string() || id_value == nullptr) {
      return corrupt("an added token has no id or no content");
    }
    json::error_code error;
    const auto id = id_value->to_number<std::uint64_t>(error);
    if (error) return corrupt("an added token has an id that is not a number");
    if (auto status = tokens.set(id, content->get_string()); !status) return status;
  }
  return {};
}

/// "left right", the spelling of merges.txt and of older tokenizer.json files.
Status add_merge_line(std::string_view line, Vocabulary& vocabulary) {
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || space == 0 || space + 1 == line.size()) {
    return corrupt("a merge is not two tokens");
  }
  vocabulary.add_merge(line.substr(0, space), line.substr(space + 1));
  return {};
}

Status take_merges(const json::array& items, Vocabulary& vocabulary) {
  if (items.size() > kTokenCountMax) return corrupt("there are too many merges");
  for (const json::value& item : items) {
    if (const json::string* const line = item.if_string()) {
      if (auto status = add_merge_line(*line, vocabulary); !status) return status;
      continue;
    }
    const json::array* const pair = item.if_array();
    if (pair == nullptr || pair->size() != 2 || !(*pair)[0].is_string() ||
        !(*pair)[1].is_string()) {
      return corrupt("a merge is not two tokens");
    }
    vocabulary.add_merge((*pair)[0].get_string(), (*pair)[1].get_string());
  }
  return {};
}

/// Calls `take(line)` for each line; the last one may lack its end.
template <typename Take>
Status for_each_line(std::string_view text, const Take& take) {
  while (!text.empty()) {
    std::string_view line = take_until(text, '\n');
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (auto status = take(line); !status) return status;
  }
  return {};
}

}  // namespace

MergeRule Vocabulary::merge(std::size_t rank) const {
  const std::string_view all = slice(merges_[rank].all);
  return {all.substr(0, merges_[rank].left_size), all.substr(merges_[rank].left_size)};
}

Vocabulary::Slice Vocabulary::append(std::string_view bytes) {
  const Slice part{static_cast<std::uint32_t>(text_.size()),
                   static_cast<std::uint32_t>(bytes.size())};
  text_.insert(text_.end(), bytes.begin(), bytes.end());
  return part;
}

void Vocabulary::set_tokens(std::span<const std::string_view> spelled) {
  tokens_.clear();
  tokens_.reserve(spelled.size());
  std::string bytes;
  bool is_added = false;
  for (const std::string_view token : spelled) {
    is_added = is_added || token == "<|endoftext|>";
    bytes.clear();
    if (!is_added) append_token_bytes(token, bytes);
    tokens_.push_back(append(is_added ? token : bytes));
  }
}

void Vocabulary::add_merge(std::string_view spelled_left, std::string_view spelled_right) {
  std::string bytes;
  append_token_bytes(spelled_left, bytes);
  const auto left_size = static_cast<std::uint32_t>(bytes.size());
  append_token_bytes(spelled_right, bytes);
  merges_.push_back({append(bytes), left_size});
}

Result<Vocabulary> parse_tokenizer_json(std::string_view text) {
  if (auto status = check_size(text); !status) return std::unexpected(status.error());
  json::monotonic_resource memory(4 * text.size() + 1);
  const json::value value = KATIP_TRY(parse_json(text, "the file", &memory));
  const json::object* const object = value.if_object();
  const json::object* const model = object == nullptr ? nullptr : find_object(*object, "model");
  const json::object* const map = model == nullptr ? nullptr : find_object(*model, "vocab");
  const json::array* const merges = model == nullptr ? nullptr : find_array(*model, "merges");
  if (map == nullptr || merges == nullptr) {
    return corrupt("it has no BPE model with vocab and merges, as Whisper's tokenizers have");
  }
  TokenList tokens;
  if (auto status = take_token_map(*map, tokens); !status) return std::unexpected(status.error());
  if (const json::array* const added = find_array(*object, "added_tokens")) {
    if (auto status = take_added_tokens(*added, tokens); !status) {
      return std::unexpected(status.error());
    }
  }
  Vocabulary vocabulary;
  vocabulary.set_tokens(tokens.tokens());
  if (auto status = take_merges(*merges, vocabulary); !status) {
    return std::unexpected(status.error());
  }
  return vocabulary;
}

Result<Vocabulary> parse_vocabulary_and_merges(const VocabularyTexts& texts) {
  for (const std::string_view text : {texts.vocabulary, texts.merges, texts.added_tokens}) {
    if (auto status = check_size(text); !status) return std::unexpected(status.error());
  }
  const std::string_view added_text = texts.added_tokens.empty() ? "{}" : texts.added_tokens;
  const json::object map = KATIP_TRY(parse_json_object(texts.vocabulary, "vocab.json"));
  const json::object added = KATIP_TRY(parse_json_object(added_text, "added_tokens.json"));
  TokenList tokens;
  for (const json::object* const part : {&map, &added}) {
    if (auto status = take_token_map(*part, tokens); !status) {
      return std::unexpected(status.error());
    }
  }
  Vocabulary vocabulary;
  vocabulary.set_tokens(tokens.tokens());
  auto status = for_each_line(texts.merges, [&](std::string_view line) -> Status {
    if (line.empty() || line.starts_with("#version")) return {};
    return add_merge_line(line, vocabulary);
  });
  if (!status) return fail("merges.txt", status.error());
  return vocabulary;
}

Result<Vocabulary> parse_vocabulary_list(std::string_view text) {
  if (auto status = check_size(text); !status) return std::unexpected(status.error());
  json::monotonic_resource memory(4 * text.size() + 1);
  const json::value value = KATIP_TRY(parse_json(text, "the file", &memory));
  const json::array* const items = value.if_array();
  if (items == nullptr) return corrupt("it is not a list of tokens");
  TokenList tokens;
  for (const json::value& item : *items) {
    const json::string* const token = item.if_string();
    if (token == nullptr) return corrupt("it is not a list of tokens");
    if (auto status = tokens.set(tokens.tokens().size(), *token); !status) {
      return std::unexpected(status.error());
    }
  }
  Vocabulary vocabulary;
  vocabulary.set_tokens(tokens.tokens());
  return vocabulary;
}

Result<Vocabulary> parse_vocabulary_lines(std::string_view text) {
  if (auto status = check_size(text); !status) return std::unexpected(status.error());
  TokenList tokens;
  auto status = for_each_line(
      text, [&](std::string_view line) { return tokens.set(tokens.tokens().size(), line); });
  if (!status) return std::unexpected(status.error());
  Vocabulary vocabulary;
  vocabulary.set_tokens(tokens.tokens());
  return vocabulary;
}

}  // namespace katip::engine
