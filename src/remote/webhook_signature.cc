#include "remote/webhook_signature.h"

#include <array>
#include <optional>
#include <span>
#include <vector>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "base/hmac.h"

/// Tested by webhook_signature_test.cc, and with the receivers' own libraries by tests/e2e.
namespace katip::remote {
namespace {

using Key = std::vector<unsigned char>;

constexpr std::string_view kPrefix = "whsec_";
constexpr std::size_t kKeySize = 32;
constexpr std::size_t kKeySizeMin = 24;
constexpr std::size_t kKeySizeMax = 64;

std::string to_base64(std::span<const unsigned char> bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::optional<Key> key_of(std::string_view secret) {
  if (!secret.starts_with(kPrefix) || secret.size() > 200) return std::nullopt;
  const std::string_view text = secret.substr(kPrefix.size());
  const std::size_t last = text.find_last_not_of('=');
  const bool is_padded = last != text.npos && text.size() - 1 - last <= 2;
  if (text.size() % 4 != 0 || !is_padded) return std::nullopt;
  Key key(text.size() / 4 * 3);
  const int size = EVP_DecodeBlock(key.data(), reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  // The padding is decoded as zeros.
  key.resize(key.size() - (text.size() - 1 - last));
  const bool is_canonical = to_base64(key) == text;
  const bool fits = key.size() >= kKeySizeMin && key.size() <= kKeySizeMax;
  return is_canonical && fits ? std::optional(std::move(key)) : std::nullopt;
}

}  // namespace

Secret make_webhook_secret(Rng& rng) {
  std::array<unsigned char, kKeySize> bytes{};
  for (std::size_t i = 0; i < bytes.size(); i += 8) {
    std::uint64_t number = rng.next();
    for (std::size_t j = 0; j < 8; ++j, number >>= 8) {
      bytes[i + j] = static_cast<unsigned char>(number & 0xff);
    }
  }
  return Secret(std::string(kPrefix) + to_base64(bytes));
}

bool is_webhook_secret(std::string_view text) { return key_of(text).has_value(); }

Result<std::string> sign_webhook(const Secret& secret, const SignedMessage& message) {
  const std::optional<Key> key = key_of(secret.reveal());
  if (!key) {
    return fail(ErrorCode::kInvalidArgument,
                "a secret of a webhook is whsec_ and 24 to 64 bytes in base64");
  }
  const std::string text = fmt::format("{}.{}.{}", message.id, message.timestamp_s, message.body);
  const std::string_view bytes(reinterpret_cast<const char*>(key->data()), key->size());
  const std::string sum = hmac_sha256(bytes, text);
  return "v1," +
         to_base64(std::span(reinterpret_cast<const unsigned char*>(sum.data()), sum.size()));
}

}  // namespace katip::remote
