#include "app/shared_state.h"

#include "base/sha256.h"

/// Tested by shared_things_test.cc.
namespace katip::app {
namespace {

constexpr std::size_t kPrefixSize = 17;

/// Of one length for every owner, so that no key of one begins like all of another.
std::string prefix_of(const Principal& principal) {
  Sha256 sum;
  sum.update(principal.owner);
  return sum.finish().substr(0, kPrefixSize - 1) + ":";
}

std::string own_key(const Principal& principal, std::string_view key) {
  return prefix_of(principal) + std::string(key);
}

Status check_own_key(std::string_view key) {
  if (key.empty() || key.size() + kPrefixSize > state::kKeySizeMax) {
    return fail(ErrorCode::kInvalidArgument, "a key has 1 to 495 bytes");
  }
  return {};
}

}  // namespace

Status SharedState::set(const Principal& principal, std::string_view key, std::string_view value,
                        std::optional<Duration> ends_in) {
  KATIP_TRY(check_own_key(key));
  return store_.set(own_key(principal, key), value, ends_in);
}

Result<StateValue> SharedState::get(const Principal& principal, std::string_view key) {
  KATIP_TRY(check_own_key(key));
  auto value = KATIP_TRY(store_.get(own_key(principal, key)));
  if (!value) return fail(ErrorCode::kNotFound, "there is no such value, or it has ended");
  return *std::move(value);
}

Status SharedState::remove(const Principal& principal, std::string_view key) {
  KATIP_TRY(check_own_key(key));
  const bool was_there = KATIP_TRY(store_.remove(own_key(principal, key)));
  return was_there ? Status{}
                   : fail(ErrorCode::kNotFound, "there is no such value, or it has ended");
}

Result<std::int64_t> SharedState::add(const Principal& principal, std::string_view key,
                                      std::int64_t amount, std::optional<Duration> ends_in) {
  KATIP_TRY(check_own_key(key));
  return store_.add(own_key(principal, key), amount, ends_in);
}

Result<Cooldown> SharedState::start_cooldown(const Principal& principal, std::string_view key,
                                             Duration duration) {
  KATIP_TRY(check_own_key(key));
  return store_.start_cooldown(own_key(principal, key), duration);
}

Result<StateKeys> SharedState::list(const Principal& principal, std::string_view prefix,
                                    std::string_view after, int count_max) {
  if (count_max < 1 || count_max > 200) {
    return fail(ErrorCode::kInvalidArgument, "limit is 1 to 200");
  }
  StateKeys page{
      .keys = KATIP_TRY(store_.list(own_key(principal, prefix),
                                    after.empty() ? "" : own_key(principal, after), count_max + 1)),
      .next_after = {}};
  for (StateKey& key : page.keys) key.key.erase(0, kPrefixSize);
  if (page.keys.size() > static_cast<std::size_t>(count_max)) {
    page.keys.pop_back();
    page.next_after = page.keys.back().key;
  }
  return page;
}

}  // namespace katip::app
