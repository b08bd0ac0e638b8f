#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"

namespace katip::app {

/// Reads a lexicon: one term a line, then, each after a tab, its weight (0 to 5, usually 1) and
/// spellings that count as the term too. Empty lines and those that begin with `#` are passed over.
///
///   Çarşamba
///   Ayşe Yılmaz<TAB>2
///   Kubernetes<TAB>1.5<TAB>kubernetis<TAB>cubernetes
///
/// Errors: kInvalidArgument naming file and line; kTooLarge beyond 100,000 terms.
Result<std::vector<engine::LexiconTerm>> parse_lexicon(std::string_view text,
                                                       const std::string& file_name);

}  // namespace katip::app
