#pragma once

#include <set>
#include <string>

#include "tidy/source_file.h"

namespace katip::tidy {

/// What the checks of single files cannot see.
struct Tree {
  std::set<std::string> paths;    ///< Every file, from the root of the repository.
  std::set<std::string> folders;  ///< Every folder, without a slash at the end.
  std::string compile_commands;   ///< The text of compile_commands.json.
  std::string roadmap;            ///< The text of docs/roadmap.md.
};

/// Names of files and folders: snake_case, and none that says nothing.
Findings check_name(std::string_view path);

/// A source file that no target builds.
Findings check_is_built(std::string_view path, const Tree& tree);

/// Words that belong to one machine (its paths, package hosts), and a TODO that is not in the
/// roadmap.
Findings check_words(const SourceFile& file, const Tree& tree);

/// Relative links of a Markdown file that lead nowhere.
Findings check_links(const SourceFile& file, const Tree& tree);

/// Modules without a README.md.
Findings check_module_readmes(const Tree& tree);

}  // namespace katip::tidy
