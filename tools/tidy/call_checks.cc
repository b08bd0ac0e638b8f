#include "tidy/call_checks.h"

#include <algorithm>
#include <cctype>
#include <span>

#include <fmt/format.h>

/// Tested by call_checks_test.cc.
namespace katip::tidy {
namespace {

/// Kinds of code, as a set of bits.
enum Place : unsigned {
  kModules = 1U << 0U,  ///< src/ but for what follows.
  kCli = 1U << 1U,
  kMain = 1U << 2U,  ///< *_main.cc: the small programs that we start ourselves.
  kTest = 1U << 3U,
  kBench = 1U << 4U,
  kFuzz = 1U << 5U,
  kTools = 1U << 6U,
  kEverywhere = (1U << 7U) - 1U,
};

Place place_of(const SourceFile& file) {
  if (file.is_test()) return kTest;
  if (file.path.starts_with("bench/")) return kBench;
  if (file.path.starts_with("fuzz/")) return kFuzz;
  if (file.path.starts_with("tools/")) return kTools;
  if (file.path.ends_with("_main.cc")) return kMain;
  return file.module() == "cli" ? kCli : kModules;
}

enum class Use { kCall, kWord };

struct Ban {
  std::string_view word;
  Use use;
  unsigned places;  ///< Where it is banned.
  std::string_view instead;
};

constexpr std::string_view kReturnIt = "return it to the caller: only cli prints";
constexpr std::string_view kWaitForIt =
    "tests wait on a signal or a clock of their own, not on time";
constexpr std::string_view kReadByCli = "only cli reads the environment: take an option";
constexpr std::string_view kNoShell = "no shell: start the program with its arguments as a list";
constexpr std::string_view kSeeded = "std::mt19937_64 with a seed that was passed in";
constexpr std::string_view kOwner = "std::make_unique, or a value";

constexpr Ban kBans[] = {
    {"printf", Use::kCall, kModules, kReturnIt},
    {"fprintf", Use::kCall, kModules, kReturnIt},
    {"puts", Use::kCall, kModules, kReturnIt},
    {"perror", Use::kCall, kModules, kReturnIt},
    {"std::cout", Use::kWord, kModules, kReturnIt},
    {"std::cerr", Use::kWord, kModules, kReturnIt},
    {"std::clog", Use::kWord, kModules, kReturnIt},
    {"fmt::print", Use::kCall, kModules, kReturnIt},
    {"getenv", Use::kCall, kModules, kReadByCli},
    {"secure_getenv", Use::kCall, kModules, kReadByCli},
    {"sleep_for", Use::kCall, kTest, kWaitForIt},
    {"sleep_until", Use::kCall, kTest, kWaitForIt},
    {"usleep", Use::kCall, kTest, kWaitForIt},
    {"nanosleep", Use::kCall, kTest, kWaitForIt},
    {"sleep", Use::kCall, kTest, kWaitForIt},
    {"system", Use::kCall, kEverywhere, kNoShell},
    {"popen", Use::kCall, kEverywhere, kNoShell},
    {"rand", Use::kCall, kEverywhere, kSeeded},
    {"srand", Use::kCall, kEverywhere, kSeeded},
    {"std::thread", Use::kWord, kEverywhere, "std::jthread, which joins"},
    {"detach", Use::kCall, kEverywhere, "a std::jthread that somebody owns"},
    {"sprintf", Use::kCall, kEverywhere, "fmt::format"},
    {"strcpy", Use::kCall, kEverywhere, "std::string"},
    {"strcat", Use::kCall, kEverywhere, "std::string"},
};

/// The one place that prints without cli: the last words of a failed assertion.
bool is_exempt(const SourceFile& file) { return file.path == "src/base/assert.cc"; }

char next_character(std::string_view line, std::size_t from) {
  const std::size_t at = line.find_first_not_of(' ', from);
  return at == line.npos ? '\0' : line[at];
}

char previous_character(std::string_view line, std::size_t before) {
  while (before > 0 && line[before - 1] == ' ') --before;
  return before == 0 ? '\0' : line[before - 1];
}

/// A member of something else that has the same name: `clock.sleep_for(…)`, `Rng::rand(…)`.
bool is_member(std::string_view line, std::size_t at) {
  const std::string_view before = line.substr(0, at);
  return before.ends_with('.') || before.ends_with("->") ||
         (before.ends_with("::") && !before.ends_with("std::") && !before.ends_with(" ::") &&
          !before.ends_with("this_thread::"));
}

bool has_use(std::string_view line, const Ban& ban) {
  if (line.contains(" override")) return false;  // A clock of a test has such members itself.
  for (std::size_t at = find_word(line, ban.word); at != line.npos;
       at = find_word(line, ban.word, at + 1)) {
    const char next = next_character(line, at + ban.word.size());
    if (ban.use == Use::kWord && next != ':') return true;  // std::thread::id is another thing
    const bool member = is_member(line, at) && ban.word != "detach";
    if (ban.use == Use::kCall && next == '(' && !member) return true;
  }
  return false;
}

/// `std::unique_ptr<T>(new T(…))` is how open() reaches a private constructor: owned at once.
bool is_owned_at_once(std::string_view before_new) {
  return before_new.ends_with('(') && before_new.contains("unique_ptr<");
}

bool has_new(std::string_view line) {
  for (std::size_t at = find_word(line, "new"); at != line.npos;
       at = find_word(line, "new", at + 1)) {
    const char next = next_character(line, at + 3);
    const bool operand = std::isalpha(static_cast<unsigned char>(next)) != 0 || next == ':' ||
                         next == '(' || next == '_';
    const std::string_view before = trim(line.substr(0, at));
    if (operand && !before.ends_with("operator") && !is_owned_at_once(before)) return true;
  }
  return false;
}

bool has_delete(std::string_view line) {
  for (std::size_t at = find_word(line, "delete"); at != line.npos;
       at = find_word(line, "delete", at + 1)) {
    const bool deleted = previous_character(line, at) == '=';
    if (!deleted && !trim(line.substr(0, at)).ends_with("operator")) return true;
  }
  return false;
}

/// `catch (...) {}`, in one line or over several; a comment inside does not save it.
void check_swallowed(const SourceFile& file, Findings& findings) {
  for (std::size_t i = 0; i < file.code.size(); ++i) {
    const std::size_t at = file.code[i].find("catch (");
    if (at == std::string::npos) continue;
    std::string after = file.code[i].substr(at);
    for (std::size_t j = i + 1; j < std::min(i + 6, file.code.size()); ++j) after += file.code[j];
    const std::size_t open = after.find('{');
    if (open != std::string::npos && next_character(after, open + 1) == '}') {
      findings.push_back(
          {file.path, static_cast<int>(i + 1), "an exception is swallowed: turn it into an Error"});
    }
  }
}

}  // namespace

Findings check_calls(const SourceFile& file) {
  Findings findings;
  if (!file.is_cpp() || is_exempt(file)) return findings;
  const Place place = place_of(file);
  for (std::size_t i = 0; i < file.code.size(); ++i) {
    const std::string_view line = file.code[i];
    const int number = static_cast<int>(i + 1);
    if (trim(line).starts_with('#')) continue;
    for (const Ban& ban : kBans) {
      if ((ban.places & place) != 0 && has_use(line, ban)) {
        findings.push_back(
            {file.path, number, fmt::format("{} is not used here: {}", ban.word, ban.instead)});
      }
    }
    if (has_new(line)) {
      findings.push_back({file.path, number, fmt::format("new is not used: {}", kOwner)});
    }
    if (has_delete(line)) {
      findings.push_back({file.path, number, fmt::format("delete is not used: {}", kOwner)});
    }
    if (file.is_header() && find_word(line, "using namespace") != line.npos) {
      findings.push_back({file.path, number, "no `using namespace` in a header"});
    }
  }
  check_swallowed(file, findings);
  return findings;
}

}  // namespace katip::tidy
