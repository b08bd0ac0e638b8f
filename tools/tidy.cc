#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include <fmt/format.h>

#include "tidy/call_checks.h"
#include "tidy/include_checks.h"
#include "tidy/size_checks.h"
#include "tidy/tree_checks.h"

/// tidy ROOT COMPILE_COMMANDS: checks the source tree against the rules of CONTRIBUTING.md that a
/// machine can hold, and prints one line for each finding: file:line: what, and how to mend it.
namespace {

namespace fs = std::filesystem;
using katip::tidy::Findings;

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// Not ours: what builds, tools and editors leave behind. Some are files or links at times: .git in
/// a second work tree, .deps of somebody who keeps it elsewhere.
bool is_ignored(const fs::path& path) {
  static const std::set<std::string> kIgnored = {".git",         "build",       ".deps",
                                                 ".venv",        "__pycache__", ".cache",
                                                 "node_modules", ".vscode",     ".idea"};
  return kIgnored.contains(path.filename().string());
}

katip::tidy::Tree read_tree(const fs::path& root, const fs::path& compile_commands) {
  katip::tidy::Tree tree;
  for (auto entry = fs::recursive_directory_iterator(root);
       entry != fs::recursive_directory_iterator(); ++entry) {
    if (is_ignored(entry->path())) {
      entry.disable_recursion_pending();
      continue;
    }
    const std::string path = entry->path().lexically_relative(root).generic_string();
    (entry->is_directory() ? tree.folders : tree.paths).insert(path);
  }
  tree.compile_commands = read_file(compile_commands);
  tree.roadmap = read_file(root / "docs/roadmap.md");
  return tree;
}

void append(Findings& all, Findings some) {
  all.insert(all.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
}

Findings check_file(const fs::path& root, const std::string& path, const katip::tidy::Tree& tree) {
  Findings findings = katip::tidy::check_name(path);
  append(findings, katip::tidy::check_is_built(path, tree));
  const std::string text = read_file(root / path);
  if (text.contains('\0')) return findings;  // a recording or a weight file
  const katip::tidy::SourceFile file = katip::tidy::read_source(path, text);
  append(findings, katip::tidy::check_words(file, tree));
  append(findings, katip::tidy::check_links(file, tree));
  append(findings, katip::tidy::check_sizes(file));
  append(findings, katip::tidy::check_includes(file));
  append(findings, katip::tidy::check_calls(file));
  return findings;
}

}  // namespace

int main(int argument_count, char** arguments) {
  if (argument_count != 3) {
    fmt::print(stderr, "usage: tidy ROOT COMPILE_COMMANDS\n");
    return 2;
  }
  const fs::path root = arguments[1];
  const katip::tidy::Tree tree = read_tree(root, arguments[2]);
  if (tree.paths.empty() || tree.compile_commands.empty()) {
    fmt::print(stderr, "tidy: nothing to read in {} or {}\n", arguments[1], arguments[2]);
    return 2;
  }
  Findings findings = katip::tidy::check_module_readmes(tree);
  for (const std::string& path : tree.paths) append(findings, check_file(root, path, tree));
  for (const auto& finding : findings) {
    fmt::print("{}:{}: {}\n", finding.path, finding.line, finding.message);
  }
  fmt::print("{} files, {} findings\n", tree.paths.size(), findings.size());
  return findings.empty() ? 0 : 1;
}
