#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/config/environment.h"

/// The security check list: what must be true of a configuration before it serves other people.
namespace katip::cli {

enum class Verdict {
  kPassed,
  kWarning,  ///< Worth a look; stops nothing.
  kRefused,  ///< A staging or production server must not start like this.
};

struct Finding {
  Verdict verdict = Verdict::kPassed;
  std::string variable;
  std::string message;  ///< What was found and what to do; never a secret.
};

/// A variable of the servers around katip that the check list reads.
struct ServerVariable {
  std::string_view name;
  std::string_view alias;  ///< Another name for it; may be empty.
  std::string_view help;
  std::string_view development;  ///< Its value in .env.development; may be empty.
  std::string_view production;   ///< A placeholder that the check list refuses, or a good value.
};
std::span<const ServerVariable> server_variables();

/// Goes through the whole list. In development nothing is refused: what would be is a warning.
///
/// Units: findings are in the order of the list; passed ones are included.
std::vector<Finding> check_security(const Environment& environment,
                                    std::string_view environment_name);

/// Whether any finding refuses the start.
bool is_refused(const std::vector<Finding>& findings);

}  // namespace katip::cli
