#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace katip::jobs {

/// Which worker and queue a kind of task goes to, and how urgent it is there.
struct Route {
  std::string queue = "default";
  int priority = 5;
  std::string worker_kind = "general";
};

/// "transcription.*" -> high. `*` stands for any characters.
struct RoutingRule {
  std::string pattern;
  std::string queue;
};

/// The four queues with the priority that their tasks begin with; nothing for other names.
std::optional<int> priority_of_queue(std::string_view queue);

/// Finds the route of a task by its kind. The first rule that fits decides; configured rules come
/// before those that katip has.
///
/// Threads: immutable.
class Routing {
 public:
  Routing() = default;
  /// Errors: kInvalidArgument for a queue that there is not, or an empty pattern.
  static Result<Routing> with_rules(std::vector<RoutingRule> rules);

  [[nodiscard]] Route route(std::string_view kind) const;

 private:
  std::vector<RoutingRule> rules_;
};

/// Does the whole text fit the pattern? Exposed for tests.
bool fits_pattern(std::string_view pattern, std::string_view text);

}  // namespace katip::jobs
