#include "store/postgres/sqlstate.h"

#include <algorithm>
#include <array>
#include <optional>

// Source: PostgreSQL 15, appendix A. Tested by sqlstate_test.cc and conformance/errors_test.cc.
namespace katip::store::postgres {
namespace {

struct Rule {
  std::string_view prefix;  // A whole state, or the first two characters: its class.
  ErrorCode code;
};

// The first rule that fits counts, so states stand before their classes.
constexpr auto kRules = std::to_array<Rule>({
    {"08P01", ErrorCode::kInvalidArgument},  // Wrong number of parameters, mostly.
    {"08", ErrorCode::kUnavailable},
    {"0A", ErrorCode::kInvalidArgument},
    {"21", ErrorCode::kInvalidArgument},
    {"22", ErrorCode::kInvalidArgument},
    {"23502", ErrorCode::kInvalidArgument},  // Not null.
    {"23514", ErrorCode::kInvalidArgument},  // Check.
    {"23", ErrorCode::kConflict},            // Unique, foreign, exclusion.
    {"25P03", ErrorCode::kUnavailable},      // Idle in transaction for too long: cut off.
    {"25006", ErrorCode::kUnavailable},      // The server is a standby, at least for now.
    {"25001", ErrorCode::kInvalidArgument},  // Not inside a transaction.
    {"28", ErrorCode::kUnauthenticated},
    {"3D000", ErrorCode::kNotFound},
    {"40", ErrorCode::kOverloaded},  // Serialization failure, deadlock.
    {"42501", ErrorCode::kPermissionDenied},
    {"42", ErrorCode::kInvalidArgument},
    {"44", ErrorCode::kInvalidArgument},
    {"53100", ErrorCode::kUnavailable},  // Disk full.
    {"53", ErrorCode::kOverloaded},
    {"54", ErrorCode::kTooLarge},
    {"55P03", ErrorCode::kOverloaded},  // A lock waited for too long.
    {"55006", ErrorCode::kOverloaded},  // In use.
    {"55", ErrorCode::kInvalidArgument},
    {"57014", ErrorCode::kTimeout},
    {"57", ErrorCode::kUnavailable},  // Shut down, crashed, starting.
    {"58", ErrorCode::kUnavailable},  // Input and output.
    {"F0", ErrorCode::kUnavailable},
    {"P0", ErrorCode::kInvalidArgument},  // Raised by a function or trigger.
    {"XX001", ErrorCode::kCorruptData},
    {"XX002", ErrorCode::kCorruptData},
});

bool is_sqlstate_character(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); }

}  // namespace

ErrorCode code_of(std::string_view sqlstate, bool is_reading) {
  if (is_reading && sqlstate == "25006") {
    return ErrorCode::kInvalidArgument;
  }
  const auto rule = std::ranges::find_if(
      kRules, [&](const Rule& candidate) { return sqlstate.starts_with(candidate.prefix); });
  return rule == kRules.end() ? ErrorCode::kInternal : rule->code;
}

bool is_last_word(std::string_view sqlstate) {
  return sqlstate == "25P03" || (sqlstate.starts_with("57P") && sqlstate.size() == 5) ||
         (sqlstate.starts_with("08") && sqlstate != "08P01");
}

std::string_view sqlstate_in(std::string_view message) {
  constexpr std::string_view kBefore = ":  ";
  constexpr std::size_t kSize = 5;
  for (std::size_t at = message.find(kBefore); at != message.npos;
       at = message.find(kBefore, at + 1)) {
    const std::string_view rest = message.substr(at + kBefore.size());
    if (rest.size() > kSize && rest[kSize] == ':' &&
        std::ranges::all_of(rest.substr(0, kSize), is_sqlstate_character)) {
      return rest.substr(0, kSize);
    }
  }
  return {};
}

}  // namespace katip::store::postgres
