#include "state/state_store.h"

#include <algorithm>

#include "base/utf8.h"

/// Tested by conformance_test.cc.
namespace katip::state {
namespace {

std::unexpected<Error> bad(std::string message) {
  return fail(ErrorCode::kInvalidArgument, std::move(message));
}

}  // namespace

Status check_key(std::string_view key) {
  if (key.empty() || key.size() > kKeySizeMax) return bad("a key has 1 to 512 bytes");
  const bool has_controls = std::ranges::any_of(
      key, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  if (has_controls || !is_utf8(key)) return bad("a key is UTF-8 without control characters");
  return {};
}

Status check_value(std::string_view value) {
  if (value.size() > kValueSizeMax) return bad("a value has at most 1 MiB");
  return is_utf8(value) ? Status{} : Status(bad("a value is UTF-8"));
}

Status check_duration(std::optional<Duration> duration) {
  if (duration && (*duration < Duration(1) || *duration > kDurationMax)) {
    return bad("a time is 1 ms to 366 days");
  }
  return {};
}

}  // namespace katip::state
