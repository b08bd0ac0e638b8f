#include "store/migrate/graph/graph_error.h"

#include <fmt/format.h>

namespace katip::store::migrate {

Error explain(const GraphError& error, const GraphErrorWording& wording) {
  switch (error.kind) {
    case GraphErrorKind::kNotFound:
      return {ErrorCode::kNotFound, fmt::format("Can't locate revision identified by '{}'{}",
                                                error.argument, error.message)};
    case GraphErrorKind::kMultipleHeads: {
      if (!wording.multiple_heads.empty()) return {ErrorCode::kConflict, wording.multiple_heads};
      const std::string& typed = wording.target.empty() ? error.argument : wording.target;
      return {ErrorCode::kConflict,
              fmt::format("Multiple head revisions are present for given argument '{}'; please "
                          "specify a specific target revision, '<branchname>@{}' to narrow to a "
                          "specific head, or 'heads' for all heads",
                          typed, typed)};
    }
    case GraphErrorKind::kNotAncestor:
      return {ErrorCode::kConflict, wording.not_ancestor.empty()
                                        ? "Requested range does not refer to ancestor/descendant "
                                          "revisions along the same branch"
                                        : wording.not_ancestor};
    case GraphErrorKind::kOther:
      return {ErrorCode::kConflict, error.message};
  }
  return {ErrorCode::kInternal, error.message};
}

}  // namespace katip::store::migrate
