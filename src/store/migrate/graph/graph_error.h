#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace katip::store::migrate {

/// Why something could not be found in the graph of revisions. What the operator reads depends on
/// the command, so it is put into words only at the end, by explain().
enum class GraphErrorKind {
  kNotFound,       ///< `argument` names no revision or branch, or several.
  kMultipleHeads,  ///< `argument` stands for one head, but there are several.
  kNotAncestor,    ///< Two revisions are not on one line.
  kOther,          ///< `message` says it.
};

struct GraphError {
  GraphErrorKind kind = GraphErrorKind::kOther;
  std::string message;
  std::string argument;
};

template <typename T>
using GraphResult = std::expected<T, GraphError>;

[[nodiscard]] inline std::unexpected<GraphError> graph_fail(GraphErrorKind kind,
                                                            std::string message,
                                                            std::string_view argument = {}) {
  return std::unexpected(GraphError{kind, std::move(message), std::string(argument)});
}
[[nodiscard]] inline std::unexpected<GraphError> graph_fail(std::string message) {
  return graph_fail(GraphErrorKind::kOther, std::move(message));
}

/// How a command says it; an empty text leaves the usual words.
struct GraphErrorWording {
  std::string not_ancestor;
  std::string multiple_heads;
  std::string target;  ///< What the operator typed, for "given argument '…'".
};

/// The same words as Alembic where it has some; kNotFound, kConflict or kInvalidArgument.
Error explain(const GraphError& error, const GraphErrorWording& wording = {});

/// The value, or the error in words.
template <typename T>
Result<T> explained(GraphResult<T> result, const GraphErrorWording& wording = {}) {
  if (!result) return std::unexpected(explain(result.error(), wording));
  return std::move(result).value();
}

}  // namespace katip::store::migrate
