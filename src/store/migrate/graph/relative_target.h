#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace katip::store::migrate {

/// A target that counts steps: "+2", "-1", "5cb3+1", "voices@+1", "voices@5cb3-2".
struct RelativeTarget {
  std::optional<std::string> branch;
  std::optional<std::string> symbol;  ///< Where counting begins; nothing: at the database.
  int steps = 0;
  std::string step_text;  ///< As typed: "+2".
};

/// Nothing when the text counts no steps. Step counts beyond a billion are as good as a billion.
///
/// Source: alembic/script/revision.py `_relative_destination`; like it, this looks at the beginning
///         of the text only.
std::optional<RelativeTarget> parse_relative_target(std::string_view text);

}  // namespace katip::store::migrate
