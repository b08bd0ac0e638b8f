#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "app/account_types.h"
#include "base/guarded.h"

namespace katip::app {

/// How often rows were used and when last, until it is written: a write for each request would be
/// the most expensive part of it.
///
/// Threads: thread-safe.
class UsageLedger {
 public:
  struct Use {
    std::int64_t count = 0;
    AccountTime last_at = {};
  };
  using Uses = std::unordered_map<std::string, Use>;

  void add(const std::string& id, const Use& use) {
    uses_.with_lock([&](Uses& uses) {
      const auto found = uses.find(id);
      if (found != uses.end()) {
        found->second.count += use.count;
        found->second.last_at = std::max(found->second.last_at, use.last_at);
      } else if (uses.size() < kIdCountMax) {
        uses.emplace(id, use);
      }
    });
  }
  /// What has not been written yet.
  [[nodiscard]] AccountTime last_at(const std::string& id) const {
    return uses_.with_lock([&](const Uses& uses) {
      const auto found = uses.find(id);
      return found == uses.end() ? AccountTime() : found->second.last_at;
    });
  }
  Uses take() {
    return uses_.with_lock([](Uses& uses) { return std::exchange(uses, {}); });
  }

 private:
  static constexpr std::size_t kIdCountMax = 100'000;
  Guarded<Uses> uses_;
};

}  // namespace katip::app
