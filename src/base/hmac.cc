#include "base/hmac.h"

#include <array>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/assert.h"

/// Tested by hmac_test.cc.
namespace katip {

std::string hmac_sha256(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
  unsigned size = 0;
  // A view of nothing has no address, and OpenSSL refuses that.
  const char* key_bytes = key.empty() ? "" : key.data();
  const char* text_bytes = text.empty() ? "" : text.data();
  // It fails only when memory is out or OpenSSL has no SHA-256 at all.
  KATIP_ASSERT(HMAC(EVP_sha256(), key_bytes, static_cast<int>(key.size()),
                    reinterpret_cast<const unsigned char*>(text_bytes), text.size(), sum.data(),
                    &size) != nullptr);
  return {reinterpret_cast<const char*>(sum.data()), size};
}

}  // namespace katip
