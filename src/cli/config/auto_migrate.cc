#include "cli/config/auto_migrate.h"

#include <string>

#include <fmt/format.h>

#include "cli/config/option_table.h"

// Tested by auto_migrate_test.cc and tests/e2e/test_worker.py.
namespace katip::cli {
namespace {

constexpr const char* kSwitch = "AUTO_MIGRATE";
constexpr const char* kTimeout = "AUTO_MIGRATE_TIMEOUT";
constexpr double kTimeout_s_max = 86'400;

Result<std::string> normalised(OptionKind kind, std::string_view text) {
  OptionSpec option;
  option.kind = kind;
  option.maximum = kind == OptionKind::kInteger ? kTimeout_s_max : 0;
  return normalise_value(option, text);
}

std::unexpected<Error> wrong(const char* variable, const Error& error, const char* allowed) {
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{}: {}; {}", variable, error.message, allowed));
}

}  // namespace

Result<AutoMigrate> auto_migrate_of(const Environment& environment) {
  AutoMigrate chosen;
  if (const auto text = environment.get(kSwitch)) {
    const auto value = normalised(OptionKind::kSwitch, *text);
    if (!value) {
      return wrong(kSwitch, value.error(), "say true, yes, on or 1, or false, no, off or 0");
    }
    chosen.is_wanted = *value == "on";
  }
  if (const auto text = environment.get(kTimeout)) {
    const auto value = normalised(OptionKind::kInteger, *text);
    if (!value) return wrong(kTimeout, value.error(), "it counts whole seconds; 0 tries once");
    chosen.wait = std::chrono::seconds(std::stoll(*value));
  }
  return chosen;
}

}  // namespace katip::cli
