#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "app/account_types.h"
#include "base/guarded.h"
#include "base/lru_map.h"

namespace katip::app {

/// Who has authenticated lately, by the checksum of the key or token, so that a request costs no
/// query. Whoever changes an account calls clear() after the commit; an answer that was read before
/// that is not taken in afterwards.
///
/// Threads: thread-safe.
class PrincipalCache {
 public:
  struct Entry {
    Principal principal;
    std::string row_id;  ///< Of the key or the session.
    std::optional<AccountTime> expires_at = {};
    std::chrono::steady_clock::time_point fresh_until = {};
  };

  explicit PrincipalCache(std::size_t count_max) : state_(count_max) {}

  /// Taken before the database is asked.
  [[nodiscard]] std::uint64_t generation() const {
    return state_.with_lock([](const State& state) { return state.generation; });
  }
  [[nodiscard]] std::optional<Entry> find(std::string_view hash,
                                          std::chrono::steady_clock::time_point now) {
    return state_.with_lock([&](State& state) -> std::optional<Entry> {
      const Entry* entry = state.entries.find(hash);
      if (entry == nullptr || entry->fresh_until <= now) return std::nullopt;
      return *entry;
    });
  }
  void insert(const std::string& hash, const Entry& entry, std::uint64_t generation) {
    state_.with_lock([&](State& state) {
      if (state.generation != generation) return;
      state.entries.erase(hash);
      state.entries.insert(hash, entry);
      if (state.entries.is_over()) static_cast<void>(state.entries.pop());
    });
  }
  void clear() {
    state_.with_lock([](State& state) {
      ++state.generation;
      state.entries.clear();
    });
  }
  /// One that has ended; the others stay.
  void erase(std::string_view hash) {
    state_.with_lock([&](State& state) {
      ++state.generation;
      state.entries.erase(hash);
    });
  }

 private:
  struct State {
    explicit State(std::size_t count_max) : entries(count_max) {}
    LruMap<Entry> entries;
    std::uint64_t generation = 0;
  };
  Guarded<State> state_;
};

}  // namespace katip::app
