#include "tidy/tree_checks.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>

#include <fmt/format.h>

/// Tested by tree_checks_test.cc.
namespace katip::tidy {
namespace {

constexpr std::array<std::string_view, 7> kEmptyNames = {"utils",  "util",    "common", "misc",
                                                         "helper", "helpers", "stuff"};

/// Written in two halves, so that this file does not find itself.
constexpr std::array<std::string_view, 2> kMachinePaths = {
    "/wor"
    "k/",
    "/roo"
    "t/"};
constexpr std::string_view kHomes =
    "/hom"
    "e/";
constexpr std::array<std::string_view, 8> kPackageHosts = {
    "pypi"
    ".org",
    "pythonhosted"
    ".org",
    "deb.debian"
    ".org",
    "snapshot.debian"
    ".org",
    "npmjs"
    ".org",
    "crates"
    ".io",
    "maven"
    ".org",
    "proxy.golang"
    ".org"};

bool is_path_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         std::string_view("_-./~$}").contains(c);
}

/// Whether `path` occurs as the beginning of an absolute path.
bool has_absolute(std::string_view line, std::string_view path) {
  for (std::size_t at = line.find(path); at != line.npos; at = line.find(path, at + 1)) {
    if (at == 0 || !is_path_character(line[at - 1])) return true;
  }
  return false;
}

bool is_fence(std::string_view line) { return trim(line).starts_with("```"); }

/// The targets of [text](target) in one line, without titles and without code spans.
std::vector<std::string> link_targets(std::string_view line) {
  std::vector<std::string> targets;
  bool code = false;
  for (std::size_t i = 0; i + 1 < line.size(); ++i) {
    if (line[i] == '`') code = !code;
    if (code || line[i] != ']' || line[i + 1] != '(') continue;
    const std::size_t end = line.find(')', i);
    if (end == line.npos) break;
    std::string_view target = line.substr(i + 2, end - i - 2);
    targets.emplace_back(target.substr(0, target.find(' ')));
  }
  return targets;
}

bool resolves(const Tree& tree, const std::string& from, std::string_view target) {
  target = target.substr(0, target.find('#'));
  if (target.empty()) return true;
  const auto path = std::filesystem::path(from).parent_path() / target;
  std::string normal = path.lexically_normal().string();
  if (normal.ends_with('/')) normal.pop_back();
  return normal == "." || tree.paths.contains(normal) || tree.folders.contains(normal);
}

bool is_source(std::string_view path) {
  constexpr std::array<std::string_view, 5> kFolders = {"src/", "tests/", "bench/", "fuzz/",
                                                        "tools/"};
  return path.ends_with(".cc") && std::ranges::any_of(kFolders, [&](std::string_view folder) {
           return path.starts_with(folder);
         });
}

}  // namespace

Findings check_name(std::string_view path) {
  Findings findings;
  const std::filesystem::path whole(path);
  for (const auto& part : whole) {
    const std::string stem = part.stem().string();
    if (std::ranges::find(kEmptyNames, stem) != kEmptyNames.end()) {
      findings.push_back(
          {std::string(path), 0, fmt::format("\"{}\" says nothing: name what it is about", stem)});
    }
  }
  const std::string extension = whole.extension().string();
  if (extension == ".cpp" || extension == ".cxx" || extension == ".hpp" || extension == ".hh") {
    findings.push_back({std::string(path), 0, "C++ files end in .cc and .h"});
  }
  const bool cpp = extension == ".cc" || extension == ".h";
  const auto is_capital = [](char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; };
  if (cpp && (std::ranges::any_of(path, is_capital) || path.contains('-'))) {
    findings.push_back({std::string(path), 0, "C++ files are named in snake_case"});
  }
  return findings;
}

Findings check_is_built(std::string_view path, const Tree& tree) {
  // replay_main.cc stands in for libFuzzer, in every preset but `fuzz`.
  if (!is_source(path) || path == "fuzz/replay_main.cc") return {};
  if (tree.compile_commands.contains(fmt::format("/{}\"", path))) return {};
  return {{std::string(path), 0,
           "no target builds this file, so nothing tests it: give it a name or folder that the "
           "CMakeLists.txt beside it collects"}};
}

Findings check_words(const SourceFile& file, const Tree& tree) {
  Findings findings;
  for (std::size_t i = 0; i < file.lines.size(); ++i) {
    const std::string_view line = file.lines[i];
    const int number = static_cast<int>(i + 1);
    for (const std::string_view path : kMachinePaths) {
      if (has_absolute(line, path)) {
        findings.push_back({file.path, number, fmt::format("{} is a path of one machine", path)});
      }
    }
    if (has_absolute(line, kHomes)) {
      findings.push_back({file.path, number, fmt::format("{} is a path of one machine", kHomes)});
    }
    for (const std::string_view host : kPackageHosts) {
      if (line.contains(host)) {
        findings.push_back(
            {file.path, number,
             fmt::format("{} is a package host: name the package and its version", host)});
      }
    }
    const std::size_t todo = find_word(line,
                                       "TODO"
                                       ":");
    if (file.is_cpp() && todo != line.npos && !tree.roadmap.contains(trim(line.substr(todo + 5)))) {
      findings.push_back({file.path, number,
                          "a TODO needs its line, in the same words, in "
                          "docs/roadmap.md"});
    }
  }
  return findings;
}

Findings check_links(const SourceFile& file, const Tree& tree) {
  Findings findings;
  if (!file.path.ends_with(".md")) return findings;
  bool fenced = false;
  for (std::size_t i = 0; i < file.lines.size(); ++i) {
    if (is_fence(file.lines[i])) fenced = !fenced;
    if (fenced) continue;
    for (const std::string& target : link_targets(file.lines[i])) {
      if (target.contains(':') || resolves(tree, file.path, target)) continue;
      findings.push_back({file.path, static_cast<int>(i + 1),
                          fmt::format("the link to {} leads nowhere", target)});
    }
  }
  return findings;
}

Findings check_module_readmes(const Tree& tree) {
  Findings findings;
  for (const std::string& folder : tree.folders) {
    const bool module = folder.starts_with("src/") && std::ranges::count(folder, '/') == 1;
    if (module && !tree.paths.contains(folder + "/README.md")) {
      findings.push_back(
          {folder, 0, "a module needs a README.md: what it does, its files, how to test it"});
    }
  }
  return findings;
}

}  // namespace katip::tidy
