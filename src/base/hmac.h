#pragma once

#include <string>
#include <string_view>

namespace katip {

/// HMAC-SHA256: 32 bytes that only who has the key can make of a text.
///
/// Threads: pure; safe from any thread.
/// Source:  RFC 2104, with SHA-256 as RFC 4231 tests it.
std::string hmac_sha256(std::string_view key, std::string_view text);

}  // namespace katip
