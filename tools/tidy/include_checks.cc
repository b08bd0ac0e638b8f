#include "tidy/include_checks.h"

#include <algorithm>
#include <array>
#include <map>
#include <ranges>
#include <set>

#include <fmt/format.h>

/// Tested by include_checks_test.cc.
namespace katip::tidy {
namespace {

using Modules = std::set<std::string_view>;

/// Which modules each one may include; ARCHITECTURE.md says why.
const std::map<std::string_view, Modules>& arrows() {
  static const std::map<std::string_view, Modules> kArrows = {
      {"base", {}},
      {"audio", {"base"}},
      {"engine", {"base"}},
      {"text", {"base"}},
      {"store", {"base"}},
      {"profiles", {"base"}},
      {"state", {"base"}},
      {"media", {"base"}},
      {"jobs", {"base", "store"}},
      {"remote", {"base"}},
      {"app",
       {"base", "audio", "engine", "text", "store", "profiles", "state", "media", "jobs",
        "remote"}},
      {"http", {"base", "app"}},
      {"cli",
       {"base", "audio", "engine", "text", "store", "profiles", "state", "media", "jobs", "remote",
        "app", "http"}},
  };
  return kArrows;
}

/// The folders of engine, lowest first: a folder includes lower ones, never its own level or
/// higher.
const std::map<std::string_view, int>& engine_levels() {
  static const std::map<std::string_view, int> kLevels = {
      {"kernels", 0}, {"model", 0},   {"features", 1},   {"voice", 2},
      {"graph", 2},   {"lexicon", 2}, {"align", 2},      {"decode", 3},
      {"windows", 3}, {"batch", 4},   {"transcribe", 5},
  };
  return kLevels;
}

struct Include {
  int line = 0;
  std::string_view target;
  bool quoted = false;
};

std::vector<Include> includes_of(const SourceFile& file) {
  std::vector<Include> includes;
  for (std::size_t i = 0; i < file.lines.size(); ++i) {
    const std::string_view line = trim(file.lines[i]);
    // The code tells an include apart from one inside a raw string of a test.
    if (!trim(file.code[i]).starts_with("#include")) continue;
    const std::size_t open = line.find_first_of("<\"");
    if (open == std::string_view::npos) continue;
    const std::size_t close = line.find_first_of(">\"", open + 1);
    if (close == std::string_view::npos) continue;
    includes.push_back({.line = static_cast<int>(i + 1),
                        .target = line.substr(open + 1, close - open - 1),
                        .quoted = line[open] == '"'});
  }
  return includes;
}

bool is_operating_system(std::string_view target) {
  constexpr std::array<std::string_view, 5> kFolders = {"sys/", "linux/", "arpa/", "net/",
                                                        "netinet/"};
  return std::ranges::any_of(kFolders, [&](auto folder) { return target.starts_with(folder); }) ||
         (target.find('/') == std::string_view::npos && target.ends_with(".h"));
}

bool is_standard(std::string_view target) { return target.find_first_of("./") == target.npos; }

std::string stem(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return std::string(name.substr(0, name.rfind('.')));
}

/// "x/y.h" in y.cc, y_test.cc or y_avx2.cc.
bool is_own_header(const SourceFile& file, const Include& include) {
  return include.quoted && !file.is_header() && stem(file.path).starts_with(stem(include.target));
}

/// What a module lends to tests of others (a server to try things on) is in its folder testing/.
bool is_for_tests(const SourceFile& file) {
  return file.path.ends_with("_test.cc") || file.path.contains("/testing/");
}

void check_arrow(const SourceFile& file, const Include& include, Findings& findings) {
  const std::string_view own = file.module();
  const std::size_t slash = include.target.find('/');
  if (slash == std::string_view::npos || include.target.starts_with("..")) {
    findings.push_back(
        {file.path, include.line,
         fmt::format("include \"{}\" by its module: \"module/file.h\"", include.target)});
    return;
  }
  const std::string_view other = include.target.substr(0, slash);
  if (own.empty() || own == other) return;
  const auto allowed = arrows().find(own);
  if (allowed == arrows().end()) {
    findings.push_back({file.path, 0,
                        fmt::format("module {} is not in the table of modules: add it "
                                    "to ARCHITECTURE.md and tools/tidy/include_checks.cc",
                                    own)});
  } else if (!allowed->second.contains(other)) {
    findings.push_back({file.path, include.line,
                        fmt::format("{} must not know {}: move the code to a module that may, or "
                                    "pass in what is needed",
                                    own, other)});
  } else if (include.target.find('/', slash + 1) != std::string_view::npos &&
             !(include.target.substr(slash).starts_with("/testing/") && is_for_tests(file))) {
    findings.push_back({file.path, include.line,
                        fmt::format("\"{}\" is private to {}: use a header directly in src/{}/",
                                    include.target, other, other)});
  }
}

/// "graph" in src/engine/graph/x.cc and in engine/graph/x.h; empty at the top of the module.
std::string_view engine_folder(std::string_view path) {
  if (path.starts_with("src/")) path.remove_prefix(4);
  path.remove_prefix(std::string_view("engine/").size());
  const std::size_t slash = path.find('/');
  return slash == path.npos ? std::string_view{} : path.substr(0, slash);
}

/// Inside engine, upwards only. Its API and what stands beside it is for all.
void check_level(const SourceFile& file, const Include& include, Findings& findings) {
  if (file.module() != "engine" || !include.target.starts_with("engine/")) return;
  const std::string_view own = engine_folder(file.path);
  const std::string_view other = engine_folder(include.target);
  if (own.empty() || other.empty() || own == other) return;
  const auto& levels = engine_levels();
  if (!levels.contains(own) || !levels.contains(other)) {
    findings.push_back({file.path, include.line,
                        fmt::format("engine/{} is not in the table of levels: add it to "
                                    "ARCHITECTURE.md and tools/tidy/include_checks.cc",
                                    levels.contains(own) ? other : own)});
  } else if (levels.at(other) >= levels.at(own)) {
    findings.push_back({file.path, include.line,
                        fmt::format("engine/{} is not below engine/{}: pass in what is needed, or "
                                    "move it down",
                                    other, own)});
  }
}

/// Own header, C++ standard, third party, ours. Headers of the operating system may stand before or
/// among the third party.
void check_order(const SourceFile& file, const std::vector<Include>& includes, Findings& findings) {
  int reached = 0;
  for (const Include& include : includes) {
    int rank = 3;
    if (!include.quoted) {
      rank = is_standard(include.target)           ? 1
             : is_operating_system(include.target) ? std::clamp(reached, 1, 2)
                                                   : 2;
    } else if (reached == 0 && is_own_header(file, include)) {
      rank = 0;
    }
    if (rank < reached) {
      findings.push_back({file.path, include.line,
                          "order of includes: own header, C++ standard, third party, ours"});
      return;
    }
    reached = rank;
  }
}

/// A header directly in src/<module>/ is the module's API.
bool is_api(const SourceFile& file) {
  return file.is_header() && !file.module().empty() && std::ranges::count(file.path, '/') == 2;
}

}  // namespace

Findings check_includes(const SourceFile& file) {
  Findings findings;
  if (!file.is_cpp()) return findings;
  const std::vector<Include> includes = includes_of(file);
  for (const Include& include : includes) {
    if (include.quoted) {
      check_arrow(file, include, findings);
      check_level(file, include, findings);
    } else if (is_api(file) && !is_standard(include.target) &&
               !include.target.ends_with("/fwd.hpp") &&  // names only
               !is_operating_system(include.target)) {
      findings.push_back(
          {file.path, include.line,
           fmt::format("<{}> in an API header: third-party headers stay in .cc files "
                       "and private headers",
                       include.target)});
    }
  }
  check_order(file, includes, findings);
  const auto has_once = [](const std::string& line) { return line == "#pragma once"; };
  if (file.is_header() && std::ranges::none_of(file.lines, has_once)) {
    findings.push_back({file.path, 1, "begin the header with #pragma once"});
  }
  return findings;
}

}  // namespace katip::tidy
