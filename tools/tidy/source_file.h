#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Checks of the source text: rules of CONTRIBUTING.md that a machine can hold. They read lines and
/// braces, not C++: simple enough to be trusted, with clang-format making the text regular.
namespace katip::tidy {

/// Something to mend. Lines count from 1; 0 means the file as a whole.
struct Finding {
  std::string path;
  int line = 0;
  std::string message;  ///< What is wrong and how to mend it.
};
using Findings = std::vector<Finding>;

/// One text file, by its path from the root of the repository ("src/base/result.h").
struct SourceFile {
  std::string path;
  std::vector<std::string> lines;  ///< As they stand, without line ends.
  std::vector<std::string> code;   ///< The same with comments and the insides of literals blanked.

  [[nodiscard]] bool is_cpp() const { return is_header() || path.ends_with(".cc"); }
  [[nodiscard]] bool is_header() const { return path.ends_with(".h"); }
  [[nodiscard]] bool is_test() const;
  /// "engine" for src/engine/model/config.h; empty outside src/.
  [[nodiscard]] std::string_view module() const;
};

SourceFile read_source(std::string path, std::string_view text);

/// Position of `word` at or after `from` where it is not part of a longer identifier.
std::size_t find_word(std::string_view line, std::string_view word, std::size_t from = 0);

std::string_view trim(std::string_view text);

}  // namespace katip::tidy
