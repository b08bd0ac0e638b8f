#pragma once

#include <string>

#include "store/migrate/show/texts.h"

namespace katip::store::migrate {

/// What a line about a revision has besides its id.
struct LineParts {
  bool branches = false;  ///< (label, label)
  bool parents = false;   ///< 001 -> …
  bool message = false;   ///< …, message
  bool tree = false;      ///< (branchpoint) (mergepoint)
};

/// "001 -> 002 (label) (head), message", without a newline.
std::string line_text(const Revision& revision, const LineParts& parts, const CurrentIds& current);

}  // namespace katip::store::migrate
