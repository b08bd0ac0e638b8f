#include "jobs/autoscaler.h"

#include <algorithm>

/// Tested by autoscaler_test.cc.
namespace katip::jobs {

Status AutoscaleOptions::validate() const {
  if (slot_count_min < 1 || slot_count_max < slot_count_min || slot_count_max > 1'000) {
    return fail(ErrorCode::kInvalidArgument,
                "autoscale is (max, min) with 1 <= min <= max <= 1000, for example 6,2");
  }
  return {};
}

void Autoscaler::set_limits(int slot_count_min, int slot_count_max) {
  options_.slot_count_min = slot_count_min;
  options_.slot_count_max = slot_count_max;
  slot_count_ = std::clamp(slot_count_, slot_count_min, slot_count_max);
}

int Autoscaler::look(int busy_count, int waiting_count) {
  const int wanted =
      std::clamp(busy_count + waiting_count, options_.slot_count_min, options_.slot_count_max);
  const auto now = clock_.now();
  if (wanted > slot_count_) {
    slot_count_ = wanted;
    last_change_ = now;
    has_changed_ = true;
  } else if (wanted < slot_count_ && (!has_changed_ || now - last_change_ >= options_.keep_alive)) {
    slot_count_ = std::max(wanted, slot_count_ - 1);
  }
  return slot_count_;
}

}  // namespace katip::jobs
