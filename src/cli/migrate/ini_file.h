#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace katip::cli {

struct IniSetting {
  std::string key;
  std::string value;
  int line = 0;
};

struct IniSection {
  std::string name;
  std::vector<IniSetting> settings;
};

/// Reads a file in the form of alembic.ini: [section], `key = value` or `key: value`, lines that
/// begin with `#` or `;` are comments, indented lines go on with the value above.
///
/// Errors:  kInvalidArgument naming file and line: a setting outside of a section, a line that is
///          neither, a section or a key twice.
/// Threads: pure.
Result<std::vector<IniSection>> parse_ini(std::string_view text, const std::string& file_name);

/// Replaces %(name)s by its variable and %% by %.
///
/// Errors: kInvalidArgument for a name that is unknown and for a lone %.
Result<std::string> interpolate(std::string_view text,
                                const std::map<std::string, std::string>& variables);

/// Replaces ${NAME} and ${NAME:-default} by variables; without a default, one that is not set is an
/// error.
///
/// Errors: kInvalidArgument naming the variable.
Result<std::string> expand_variables(std::string_view text,
                                     const std::map<std::string, std::string>& variables);

}  // namespace katip::cli
