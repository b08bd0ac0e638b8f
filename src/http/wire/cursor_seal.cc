#include "http/wire/cursor_seal.h"

#include <openssl/crypto.h>

#include "base/hmac.h"
#include "http/wire/base64.h"

// The key of each list comes from the server's own: what is signed for one list, or for something
// else with the same key, is of no use here. A cursor is checked by sealing its place again and
// comparing the whole texts, so that no other spelling of the same bytes passes.
// Tested by cursor_seal_test.cc and fuzz_cursor.
namespace katip::http {
namespace {

constexpr std::size_t kSumSize = 16;  // Of 32 bytes; 128 bits are not guessed.

/// base64 with the letters of addresses, and without padding.
std::string url_text_of(std::string_view bytes) {
  std::string text = base64_encoded(bytes);
  text.resize(text.find_last_not_of('=') + 1);
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text;
}

std::optional<std::string> bytes_of(std::string_view text) {
  std::string standard(text);
  if (standard.find_first_of("+/=") != standard.npos) return std::nullopt;
  for (char& c : standard) c = c == '-' ? '+' : c == '_' ? '/' : c;
  standard.resize((standard.size() + 3) / 4 * 4, '=');
  return base64_decoded(standard);
}

}  // namespace

CursorSeal::CursorSeal(const Secret& key, std::string_view list)
    : key_(hmac_sha256(key.reveal(), "katip cursor of " + std::string(list))) {}

std::string CursorSeal::seal(std::string_view place) const {
  return url_text_of(hmac_sha256(key_.reveal(), place).substr(0, kSumSize) + std::string(place));
}

std::optional<std::string> CursorSeal::open(std::string_view cursor) const {
  if (cursor.size() > kSizeMax) return std::nullopt;
  const std::optional<std::string> bytes = bytes_of(cursor);
  if (!bytes || bytes->size() < kSumSize) return std::nullopt;
  std::string place = bytes->substr(kSumSize);
  const std::string right = seal(place);
  if (right.size() != cursor.size() ||
      CRYPTO_memcmp(right.data(), cursor.data(), right.size()) != 0) {
    return std::nullopt;
  }
  return place;
}

}  // namespace katip::http
