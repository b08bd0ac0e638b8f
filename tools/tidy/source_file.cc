#include "tidy/source_file.h"

#include <cctype>
#include <utility>

/// Blanking walks the text once with the state of the C++ lexer: code, comment or literal. Every
/// blanked character becomes a space, so that columns and lines stay what they were.
/// Tested by source_file_test.cc.
namespace katip::tidy {
namespace {

bool is_identifier(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

class Blanker {
 public:
  explicit Blanker(std::string_view text) : text_(text), blanked_(text) {}

  std::string run() {
    while (at_ < text_.size()) step();
    return std::move(blanked_);
  }

 private:
  void step() {
    if (starts_with("//")) {
      blank_until("\n", 0);
    } else if (starts_with("/*")) {
      blank_until("*/", 2);
    } else if (starts_with("R\"") && (at_ == 0 || !is_identifier(text_[at_ - 1]))) {
      blank_raw_string();
    } else if (text_[at_] == '"') {
      blank_quoted('"');
    } else if (text_[at_] == '\'' && !is_digit_separator()) {
      blank_quoted('\'');
    } else {
      ++at_;
    }
  }

  [[nodiscard]] bool starts_with(std::string_view word) const {
    return text_.substr(at_).starts_with(word);
  }

  /// 1'000: a quote between two digits or letters opens no literal; a prefix as in u'x' is rare.
  [[nodiscard]] bool is_digit_separator() const {
    return at_ > 0 && at_ + 1 < text_.size() &&
           std::isxdigit(static_cast<unsigned char>(text_[at_ - 1])) != 0 &&
           is_identifier(text_[at_ + 1]);
  }

  void blank_to(std::size_t end) {
    for (; at_ < end; ++at_) {
      if (text_[at_] != '\n') blanked_[at_] = ' ';
    }
  }

  void blank_until(std::string_view end, std::size_t end_size) {
    const std::size_t found = text_.find(end, at_ + 2);
    blank_to(found == std::string_view::npos ? text_.size() : found + end_size);
  }

  /// Keeps the quotes, so that "x" stays visible as a literal.
  void blank_quoted(char quote) {
    std::size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote && text_[end] != '\n') {
      end += text_[end] == '\\' ? 2 : 1;
    }
    ++at_;
    blank_to(std::min(end, text_.size()));
    if (at_ < text_.size()) ++at_;
  }

  void blank_raw_string() {
    const std::size_t open = text_.find('(', at_);
    if (open == std::string_view::npos) {
      at_ = text_.size();
      return;
    }
    const std::string close = ")" + std::string(text_.substr(at_ + 2, open - at_ - 2)) + "\"";
    const std::size_t found = text_.find(close, open);
    at_ += 2;
    blank_to(found == std::string_view::npos ? text_.size() : found + close.size() - 1);
    if (at_ < text_.size()) ++at_;
  }

  std::string_view text_;
  std::string blanked_;
  std::size_t at_ = 0;
};

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace

bool SourceFile::is_test() const {
  return path.ends_with("_test.cc") || path.starts_with("tests/") || path.contains("/integration/");
}

std::string_view SourceFile::module() const {
  std::string_view rest = path;
  if (!rest.starts_with("src/")) return {};
  rest.remove_prefix(4);
  return rest.substr(0, rest.find('/'));
}

SourceFile read_source(std::string path, std::string_view text) {
  SourceFile file{.path = std::move(path), .lines = split_lines(text), .code = {}};
  if (file.is_cpp()) file.code = split_lines(Blanker(text).run());
  return file;
}

std::size_t find_word(std::string_view line, std::string_view word, std::size_t from) {
  for (std::size_t at = line.find(word, from); at != std::string_view::npos;
       at = line.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool begins = at == 0 || !is_identifier(line[at - 1]);
    const bool ends =
        end == line.size() || !is_identifier(line[end]) || !is_identifier(word.back());
    if (begins && ends) return at;
  }
  return std::string_view::npos;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

}  // namespace katip::tidy
