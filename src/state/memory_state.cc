#include "state/memory_state.h"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>

#include "base/atomic_file.h"

/// What has ended is not there for anybody who asks; it leaves the memory when it is asked for,
/// when room is needed, and a few entries at every step.
///
/// Tested by conformance_test.cc and memory_state_test.cc.
namespace katip::state {
namespace {

namespace json = boost::json;
using std::chrono::duration_cast;

std::int64_t calendar_ms(const Clock& clock) {
  return duration_cast<Duration>(clock.calendar().time_since_epoch()).count();
}

}  // namespace

std::size_t MemoryState::size_of(std::string_view key, const Entry& entry) {
  constexpr std::size_t kNode = 96;  // About what a node of the map takes.
  const auto* text = std::get_if<std::string>(&entry.value);
  return kNode + key.size() + (text == nullptr ? 0 : text->size());
}

void MemoryState::erase(Entries& entries, std::string_view key) {
  const auto found = entries.map.find(key);
  if (found == entries.map.end()) return;
  entries.size -= size_of(found->first, found->second);
  entries.map.erase(found);
}

std::optional<MemoryState::Time> MemoryState::end_of(std::optional<Duration> ends_in) const {
  return ends_in ? std::optional(clock_.now() + *ends_in) : std::nullopt;
}

std::optional<Duration> MemoryState::rest_of(const Entry& entry) const {
  if (!entry.end) return std::nullopt;
  // Rounded up: what has not ended yet ends in at least a millisecond.
  return std::chrono::ceil<Duration>(*entry.end - clock_.now());
}

MemoryState::Entry* MemoryState::find(Entries& entries, std::string_view key) const {
  const auto found = entries.map.find(key);
  if (found == entries.map.end()) return nullptr;
  if (found->second.end && *found->second.end <= clock_.now()) {
    erase(entries, key);
    return nullptr;
  }
  return &found->second;
}

void MemoryState::drop_all_ended(Entries& entries) const {
  const Time now = clock_.now();
  for (auto entry = entries.map.begin(); entry != entries.map.end();) {
    if (entry->second.end && *entry->second.end <= now) {
      entries.size -= size_of(entry->first, entry->second);
      entry = entries.map.erase(entry);
    } else {
      ++entry;
    }
  }
}

void MemoryState::drop_some_ended(Entries& entries) const {
  constexpr std::uint64_t kStepsBetween = 10'000;
  if (++entries.step_count % kStepsBetween == 0) drop_all_ended(entries);
}

Status MemoryState::put(Entries& entries, std::string_view key, Entry entry) const {
  drop_some_ended(entries);
  const std::size_t size = size_of(key, entry);
  const auto has_room = [&] {
    const auto old = entries.map.find(key);
    const bool is_new = old == entries.map.end();
    const std::size_t old_size = is_new ? 0 : size_of(old->first, old->second);
    return entries.map.size() + (is_new ? 1 : 0) <= options_.key_count_max &&
           entries.size - old_size + size <= options_.size_max;
  };
  if (!has_room()) drop_all_ended(entries);
  if (!has_room()) return fail(ErrorCode::kTooLarge, "there is no room for more state");
  erase(entries, key);
  entries.map.insert_or_assign(std::string(key), std::move(entry));
  entries.size += size;
  return {};
}

Status MemoryState::set(std::string_view key, std::string_view value,
                        std::optional<Duration> ends_in) {
  KATIP_TRY(check_key(key));
  KATIP_TRY(check_value(value));
  KATIP_TRY(check_duration(ends_in));
  return entries_.with_lock([&](Entries& entries) {
    return put(entries, key, {.value = std::string(value), .end = end_of(ends_in)});
  });
}

Result<std::optional<StateValue>> MemoryState::get(std::string_view key) {
  KATIP_TRY(check_key(key));
  return entries_.with_lock([&](Entries& entries) -> std::optional<StateValue> {
    const Entry* entry = find(entries, key);
    if (entry == nullptr) return std::nullopt;
    const auto* text = std::get_if<std::string>(&entry->value);
    return StateValue{
        text != nullptr ? *text : std::to_string(std::get<std::int64_t>(entry->value)),
        rest_of(*entry)};
  });
}

Result<bool> MemoryState::remove(std::string_view key) {
  KATIP_TRY(check_key(key));
  return entries_.with_lock([&](Entries& entries) {
    const bool was_there = find(entries, key) != nullptr;
    erase(entries, key);
    return was_there;
  });
}

Result<std::int64_t> MemoryState::add(std::string_view key, std::int64_t amount,
                                      std::optional<Duration> ends_in) {
  KATIP_TRY(check_key(key));
  KATIP_TRY(check_duration(ends_in));
  return entries_.with_lock([&](Entries& entries) -> Result<std::int64_t> {
    Entry* entry = find(entries, key);
    if (entry == nullptr) {
      KATIP_TRY(put(entries, key, {.value = amount, .end = end_of(ends_in)}));
      return amount;
    }
    auto* number = std::get_if<std::int64_t>(&entry->value);
    if (number == nullptr) return fail(ErrorCode::kConflict, "this key is no counter");
    if (__builtin_add_overflow(*number, amount, number)) {
      __builtin_sub_overflow(*number, amount, number);  // As it was.
      return fail(ErrorCode::kInvalidArgument, "the counter would leave the range of 64 bits");
    }
    return *number;
  });
}

Result<Cooldown> MemoryState::start_cooldown(std::string_view key, Duration duration) {
  KATIP_TRY(check_key(key));
  KATIP_TRY(check_duration(duration));
  return entries_.with_lock([&](Entries& entries) -> Result<Cooldown> {
    if (const Entry* entry = find(entries, key)) {
      if (!entry->end || !std::holds_alternative<std::string>(entry->value)) {
        return fail(ErrorCode::kConflict, "this key is no cooldown");
      }
      return Cooldown{.is_started = false, .ends_in = *rest_of(*entry)};
    }
    KATIP_TRY(put(entries, key, {.value = std::string(), .end = end_of(duration)}));
    return Cooldown{.is_started = true, .ends_in = duration};
  });
}

Result<std::vector<StateKey>> MemoryState::list(std::string_view prefix, std::string_view after,
                                                int count_max) {
  constexpr int kPageMax = 1'000;
  if (count_max < 1 || count_max > kPageMax) {
    return fail(ErrorCode::kInvalidArgument, "a list has 1 to 1,000 keys");
  }
  return entries_.with_lock([&](Entries& entries) {
    std::vector<StateKey> keys;
    const Time now = clock_.now();
    auto entry = after < prefix ? entries.map.lower_bound(prefix) : entries.map.upper_bound(after);
    for (; entry != entries.map.end() && entry->first.starts_with(prefix) &&
           keys.size() < static_cast<std::size_t>(count_max);
         ++entry) {
      if (entry->second.end && *entry->second.end <= now) continue;
      keys.push_back({entry->first, rest_of(entry->second)});
    }
    return keys;
  });
}

Status MemoryState::save(const std::filesystem::path& file) {
  const std::int64_t now_ms = calendar_ms(clock_);
  const json::array list = entries_.with_lock([&](Entries& entries) {
    drop_all_ended(entries);
    json::array items;
    for (const auto& [key, entry] : entries.map) {
      json::object item{{"key", key}};
      if (const auto* text = std::get_if<std::string>(&entry.value)) {
        item["text"] = *text;
      } else {
        item["number"] = std::get<std::int64_t>(entry.value);
      }
      if (const auto rest = rest_of(entry)) item["ends_at_ms"] = now_ms + rest->count();
      items.push_back(std::move(item));
    }
    return items;
  });
  return write_file_atomically(file,
                               json::serialize(json::object{{"version", 1}, {"state", list}}));
}

Status MemoryState::load(const std::filesystem::path& file) {
  const auto text = read_whole_file(file, options_.size_max * 8);
  if (!text && text.error().code == ErrorCode::kNotFound) return {};
  const std::string bytes = KATIP_TRY(text);
  const auto corrupt = [&] {
    return fail(ErrorCode::kCorruptData,
                file.string() + " is no file of katip's state; move it away to start without");
  };
  boost::system::error_code error;
  const json::value document = json::parse(bytes, error);
  if (error || !document.is_object()) return corrupt();
  const json::value* list = document.get_object().if_contains("state");
  if (list == nullptr || !list->is_array()) return corrupt();
  const std::int64_t now_ms = calendar_ms(clock_);
  for (const json::value& item : list->get_array()) {
    const json::object* object = item.if_object();
    const json::value* key = object == nullptr ? nullptr : object->if_contains("key");
    if (key == nullptr || !key->is_string()) return corrupt();
    const json::value* value = object->if_contains("text");
    const json::value* number = object->if_contains("number");
    Entry entry;
    if (value != nullptr && value->is_string()) {
      entry.value = std::string(value->get_string());
    } else if (number != nullptr && number->is_int64()) {
      entry.value = number->get_int64();
    } else {
      return corrupt();
    }
    if (const json::value* end = object->if_contains("ends_at_ms")) {
      if (!end->is_int64()) return corrupt();
      const Duration rest = std::min(Duration(end->get_int64() - now_ms), kDurationMax);
      if (rest <= Duration(0)) continue;
      entry.end = end_of(rest);
    }
    const std::string_view name = key->get_string();
    KATIP_TRY(
        entries_.with_lock([&](Entries& entries) { return put(entries, name, std::move(entry)); }));
  }
  return {};
}

}  // namespace katip::state
