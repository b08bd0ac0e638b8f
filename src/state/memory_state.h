#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <variant>

#include "base/clock.h"
#include "base/guarded.h"
#include "state/state_store.h"

namespace katip::state {

struct MemoryStateOptions {
  std::size_t key_count_max = 1'000'000;
  std::size_t size_max = std::size_t{256} << 20;  ///< Bytes of keys and values together.
};

/// State in the memory of this process, which a file keeps from one start to the next. Ends are
/// kept by the calendar in the file, and by a clock that nobody moves while it runs.
///
/// Lifetime: the clock outlives it.
class MemoryState final : public StateStore {
 public:
  explicit MemoryState(const Clock& clock, MemoryStateOptions options = {})
      : clock_(clock), options_(options) {}

  Status set(std::string_view key, std::string_view value,
             std::optional<Duration> ends_in) override;
  Result<std::optional<StateValue>> get(std::string_view key) override;
  Result<bool> remove(std::string_view key) override;
  Result<std::int64_t> add(std::string_view key, std::int64_t amount,
                           std::optional<Duration> ends_in) override;
  Result<Cooldown> start_cooldown(std::string_view key, Duration duration) override;
  Result<std::vector<StateKey>> list(std::string_view prefix, std::string_view after,
                                     int count_max) override;

  /// Writes everything that has not ended into the file: all of it or nothing.
  ///
  /// Errors: those of write_file_atomically().
  Status save(const std::filesystem::path& file);
  /// Adds what the file has. No file: nothing. What has ended in the meantime is left out.
  ///
  /// Errors: kCorruptData for a file that is none of ours; those of read_whole_file().
  Status load(const std::filesystem::path& file);

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Entry {
    std::variant<std::string, std::int64_t> value;  ///< A cooldown is a text that is empty.
    std::optional<Time> end = {};
  };
  struct Entries {
    std::map<std::string, Entry, std::less<>> map;
    std::size_t size = 0;  ///< Bytes of keys and values.
    std::uint64_t step_count = 0;
  };

  static std::size_t size_of(std::string_view key, const Entry& entry);
  static void erase(Entries& entries, std::string_view key);
  [[nodiscard]] Status put(Entries& entries, std::string_view key, Entry entry) const;
  Entry* find(Entries& entries, std::string_view key) const;
  void drop_some_ended(Entries& entries) const;
  void drop_all_ended(Entries& entries) const;
  [[nodiscard]] std::optional<Time> end_of(std::optional<Duration> ends_in) const;
  [[nodiscard]] std::optional<Duration> rest_of(const Entry& entry) const;

  const Clock& clock_;
  const MemoryStateOptions options_;
  Guarded<Entries> entries_;
};

}  // namespace katip::state
