#include "base/event_counters.h"

#include <array>
#include <cstddef>
#include <memory>

#include "base/guarded.h"

/// Tested by event_counters_test.cc.
namespace katip {
namespace {

Guarded<EventCounts>& counts_of_this_process() {
  // Never destroyed: what is destroyed at the end of the process may count until then.
  alignas(Guarded<EventCounts>) static std::array<std::byte, sizeof(Guarded<EventCounts>)> place;
  static Guarded<EventCounts>& counts =
      *std::construct_at(reinterpret_cast<Guarded<EventCounts>*>(place.data()));
  return counts;
}

}  // namespace

void count_event(std::string_view name, std::string_view label, double amount) {
  counts_of_this_process().with_lock(
      [&](EventCounts& counts) { counts[{std::string(name), std::string(label)}] += amount; });
}

EventCounts take_events() {
  return counts_of_this_process().with_lock(
      [](EventCounts& counts) { return std::exchange(counts, {}); });
}

}  // namespace katip
