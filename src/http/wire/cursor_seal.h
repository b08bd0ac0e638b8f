#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace katip::http {

/// What a client gets as next_cursor: the place in a list where the next page begins, under a seal
/// that only this server and those with the same key can make. A cursor is thus a text to keep and
/// to send back, not one to read or to write, and nothing else reaches what reads places.
///
/// Threads: immutable.
class CursorSeal {
 public:
  /// Cursors of a longer size are of nobody.
  static constexpr std::size_t kSizeMax = 1'000;

  /// `list` is the name of one list: cursors of others do not open here.
  CursorSeal(const Secret& key, std::string_view list);

  /// base64url of 16 bytes of HMAC-SHA256 and the place: letters, digits, "-" and "_".
  [[nodiscard]] std::string seal(std::string_view place) const;
  /// Nothing: it is not what seal() has given. Takes a time that says nothing about the seal.
  [[nodiscard]] std::optional<std::string> open(std::string_view cursor) const;

 private:
  Secret key_;
};

}  // namespace katip::http
