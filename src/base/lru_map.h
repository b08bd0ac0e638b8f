#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace katip {

/// A map from a text to what is kept for it, which forgets those that were not used for longest.
///
/// Threads: one thread.
template <typename T>
class LruMap {
 public:
  explicit LruMap(std::size_t size_max) : size_max_(size_max) {}

  /// The value of this key, now the most recently used; null when there is none.
  T* find(std::string_view key) {
    const auto found = index_.find(key);
    if (found == index_.end()) {
      return nullptr;
    }
    entries_.splice(entries_.begin(), entries_, found->second);
    return &entries_.front().second;
  }
  /// Precondition: the key is not there.
  T& insert(std::string key, T value) {
    entries_.emplace_front(std::move(key), std::move(value));
    index_.emplace(entries_.front().first, entries_.begin());
    return entries_.front().second;
  }
  void erase(std::string_view key) {
    const auto found = index_.find(key);
    if (found != index_.end()) {
      const auto entry = found->second;
      index_.erase(found);
      entries_.erase(entry);
    }
  }
  /// True when there are more than fit: pop() then.
  [[nodiscard]] bool is_over() const { return entries_.size() > size_max_; }
  /// Takes out the one that was not used for longest. Precondition: not empty.
  T pop() {
    index_.erase(entries_.back().first);
    T value = std::move(entries_.back().second);
    entries_.pop_back();
    return value;
  }
  void clear() {
    index_.clear();
    entries_.clear();
  }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  using Entries =
      std::list<std::pair<std::string, T>>;  // Its addresses stay: keys are views of it.
  std::size_t size_max_;
  Entries entries_;
  std::unordered_map<std::string_view, typename Entries::iterator> index_;
};

}  // namespace katip
