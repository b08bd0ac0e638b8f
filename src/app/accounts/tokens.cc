#include "app/accounts/tokens.h"

#include <algorithm>

#include <sodium.h>

#include "base/sha256.h"

/// Tested by tokens_test.cc.
namespace katip::app {
namespace {

constexpr std::string_view kLetters =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kKeyMark = "kp_";
constexpr std::string_view kSessionMark = "ks_";
constexpr std::size_t kPublicSize = 12;
constexpr std::size_t kSecretSize = 43;  // 43 * log2(62) = 256 bits.
constexpr std::size_t kPrefixSize = kKeyMark.size() + kPublicSize;

bool are_letters(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return kLetters.contains(c); });
}

}  // namespace

std::string random_letters(Rng& rng, std::size_t count) {
  std::string letters;
  while (letters.size() < count) {
    // Six bits at a time; the two values beyond the last letter are drawn again.
    std::uint64_t bits = rng.next();
    for (int i = 0; i < 10 && letters.size() < count; ++i, bits >>= 6) {
      if ((bits & 63) < kLetters.size()) letters += kLetters[bits & 63];
    }
  }
  return letters;
}

NewKeyText make_key(Rng& rng) {
  const std::string prefix = std::string(kKeyMark) + random_letters(rng, kPublicSize);
  return {.key = Secret(prefix + "_" + random_letters(rng, kSecretSize)), .prefix = prefix};
}

std::optional<std::string_view> key_prefix_of(std::string_view key) {
  if (key.size() != kPrefixSize + 1 + kSecretSize || !key.starts_with(kKeyMark) ||
      key[kPrefixSize] != '_' || !are_letters(key.substr(kKeyMark.size(), kPublicSize)) ||
      !are_letters(key.substr(kPrefixSize + 1))) {
    return std::nullopt;
  }
  return key.substr(0, kPrefixSize);
}

Secret make_session_token(Rng& rng) {
  return Secret(std::string(kSessionMark) + random_letters(rng, kSecretSize));
}

bool is_session_token(std::string_view text) {
  return text.size() == kSessionMark.size() + kSecretSize && text.starts_with(kSessionMark) &&
         are_letters(text.substr(kSessionMark.size()));
}

std::string token_hash(const Secret& token) {
  Sha256 hash;
  hash.update(token.reveal());
  return hash.finish();
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace katip::app
