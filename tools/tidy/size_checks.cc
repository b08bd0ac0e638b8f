#include "tidy/size_checks.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>

/// Functions are found by a stack of open braces. What stands between the last `;`, `{` or `}` and
/// a
/// `{`, the head, tells what the brace opens: a namespace, a type, a function or something else.
/// Tested by size_checks_test.cc.
namespace katip::tidy {
namespace {

enum class Scope { kNamespace, kType, kFunction, kOther };

std::string_view without_template(std::string_view head) {
  head = trim(head);
  if (!head.starts_with("template")) return head;
  int depth = 0;
  for (std::size_t i = 0; i < head.size(); ++i) {
    if (head[i] == '<') ++depth;
    if (head[i] == '>' && --depth == 0) return without_template(head.substr(i + 1));
  }
  return head;
}

Scope classify(std::string_view head) {
  head = without_template(head);
  if (find_word(head, "namespace") != head.npos || head.starts_with("extern \"")) {
    if (head.find('(') == head.npos) return Scope::kNamespace;
  }
  constexpr std::array<std::string_view, 4> kTypes = {"class", "struct", "union", "enum"};
  const auto begins_type = [&](std::string_view word) { return find_word(head, word) == 0; };
  if (std::ranges::any_of(kTypes, begins_type)) return Scope::kType;
  if (head.ends_with('=') || head.find('(') == head.npos) return Scope::kOther;
  return Scope::kFunction;
}

class FunctionFinder {
 public:
  explicit FunctionFinder(const SourceFile& file) : code_(file.code) {}

  std::vector<FunctionSpan> run() {
    bool continues = false;  // a directive that goes on after a backslash
    for (line_ = 0; line_ < code_.size(); ++line_) {
      const std::string& text = code_[line_];
      const bool directive = continues || trim(text).starts_with('#');
      continues = directive && text.ends_with('\\');
      if (directive) continue;
      for (column_ = 0; column_ < text.size(); ++column_) take(text[column_]);
      if (!head_.empty()) head_ += ' ';
    }
    return std::move(found_);
  }

 private:
  struct Open {
    Scope scope = Scope::kOther;
    std::string head;
    int first_line = 0;
  };

  void take(char c) {
    if (c == '{') {
      open();
    } else if (c == '}') {
      close();
    } else if (c == ';' || (c == ':' && is_access(head_))) {
      head_.clear();
    } else if (!head_.empty() || std::isspace(static_cast<unsigned char>(c)) == 0) {
      if (head_.empty()) head_line_ = static_cast<int>(line_) + 1;
      head_ += c;
    }
  }

  static bool is_access(std::string_view head) {
    head = trim(head);
    return head == "public" || head == "private" || head == "protected";
  }

  void open() {
    const bool inside = std::ranges::any_of(
        stack_, [](const Open& open) { return open.scope == Scope::kFunction; });
    const Scope scope = inside ? Scope::kOther : classify(head_);
    stack_.push_back({scope, std::move(head_), head_line_});
    head_.clear();
  }

  void close() {
    head_.clear();
    if (stack_.empty()) return;
    Open opened = std::move(stack_.back());
    stack_.pop_back();
    if (opened.scope != Scope::kFunction) return;
    const char next = next_character();
    if (next == ',' || next == '{') {  // `: a_{1}, b_{2} {`: a member's braces, the body follows
      head_ = std::move(opened.head);
      head_line_ = opened.first_line;
      return;
    }
    found_.push_back({opened.first_line, static_cast<int>(line_) + 1});
  }

  [[nodiscard]] char next_character() const {
    for (std::size_t line = line_; line < code_.size(); ++line) {
      const std::size_t from = line == line_ ? column_ + 1 : 0;
      const std::size_t at = code_[line].find_first_not_of(" \t", from);
      if (at != std::string::npos) return code_[line][at];
    }
    return '\0';
  }

  const std::vector<std::string>& code_;
  std::vector<Open> stack_;
  std::vector<FunctionSpan> found_;
  std::string head_;
  int head_line_ = 0;
  std::size_t line_ = 0;
  std::size_t column_ = 0;
};

/// Characters, not bytes: the bytes that go on a UTF-8 character do not count.
int columns(std::string_view line) {
  return static_cast<int>(std::ranges::count_if(
      line, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool has_column_limit(std::string_view path) {
  return path.ends_with(".cc") || path.ends_with(".h") || path.ends_with(".cmake") ||
         path.ends_with("CMakeLists.txt") || path == "Makefile" || path.starts_with("tools/");
}

int file_lines_max(const SourceFile& file) {
  if (file.is_cpp() || file.path.ends_with(".py")) {
    return file.is_test() ? kTestFileLinesMax : kFileLinesMax;
  }
  if (file.path == "ARCHITECTURE.md") return kArchitectureLinesMax;
  if (!file.module().empty() && file.path.ends_with("/README.md")) return kModuleReadmeLinesMax;
  return 0;
}

}  // namespace

std::vector<FunctionSpan> find_functions(const SourceFile& file) {
  return FunctionFinder(file).run();
}

Findings check_sizes(const SourceFile& file) {
  Findings findings;
  const int count = static_cast<int>(file.lines.size());
  if (const int max = file_lines_max(file); max > 0 && count > max) {
    findings.push_back(
        {file.path, max,
         fmt::format("{} lines, at most {}: split the file by what it is about", count, max)});
  }
  for (int i = 0; i < count && has_column_limit(file.path); ++i) {
    const std::string& line = file.lines[static_cast<std::size_t>(i)];
    // A web address is not broken.
    if (columns(line) > kColumnsMax && line.find("://") == line.npos) {
      findings.push_back(
          {file.path, i + 1, fmt::format("{} columns, at most {}", columns(line), kColumnsMax)});
    }
  }
  for (const FunctionSpan& function : find_functions(file)) {
    const int length = function.last_line - function.first_line + 1;
    if (length > kFunctionLinesMax) {
      findings.push_back({file.path, function.first_line,
                          fmt::format("a function of {} lines, at most {}: keep the branches here "
                                      "and move the leaves into functions of their own",
                                      length, kFunctionLinesMax)});
    }
  }
  return findings;
}

}  // namespace katip::tidy
