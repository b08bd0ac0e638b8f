#include "store/migrate/plan/step.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace katip::store::migrate {

bool is_stamp(StepKind kind) { return kind != StepKind::kUpgrade && kind != StepKind::kDowngrade; }

std::string short_text(const Step& step) {
  const std::string_view verb = step.kind == StepKind::kUpgrade     ? "upgrade"
                                : step.kind == StepKind::kDowngrade ? "downgrade"
                                                                    : "stamp_revision";
  return fmt::format("{} {} -> {}", verb, fmt::join(step.from, ", "), fmt::join(step.to, ", "));
}

std::string long_text(const Step& step) {
  const bool has_message = step.revision != nullptr && !step.revision->file.message.empty();
  return has_message ? fmt::format("{}, {}", short_text(step), step.revision->file.message)
                     : short_text(step);
}

}  // namespace katip::store::migrate
