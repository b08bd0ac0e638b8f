#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/model/tokenizer.h"

namespace katip::engine {

/// For tests: a tokenizer that knows the bytes of a few tokens and nothing else.
class TestingTokenizer : public Tokenizer {
 public:
  explicit TestingTokenizer(std::map<int, std::string> bytes) : bytes_(std::move(bytes)) {
    special_.end_of_text = 50257;
    special_.timestamp_begin = 50364;
  }

  [[nodiscard]] std::string decode(std::span<const int> tokens) const override {
    std::string text;
    for (const int token : tokens) {
      if (const auto found = bytes_.find(token); found != bytes_.end()) text += found->second;
    }
    return text;
  }
  /// The longest token that fits, again and again; nothing when a byte has no token.
  [[nodiscard]] std::vector<int> encode(std::string_view text) const override {
    std::vector<int> tokens;
    while (!text.empty()) {
      const std::pair<const int, std::string>* best = nullptr;
      for (const auto& entry : bytes_) {
        if (!entry.second.empty() && text.starts_with(entry.second) &&
            (best == nullptr || entry.second.size() > best->second.size())) {
          best = &entry;
        }
      }
      if (best == nullptr) return {};
      tokens.push_back(best->first);
      text.remove_prefix(best->second.size());
    }
    return tokens;
  }
  [[nodiscard]] const SpecialTokens& special() const override { return special_; }
  [[nodiscard]] std::optional<int> language_token(std::string_view) const override { return {}; }
  [[nodiscard]] std::string_view language_code(int) const override { return {}; }

 private:
  std::map<int, std::string> bytes_;
  SpecialTokens special_;
};

}  // namespace katip::engine
