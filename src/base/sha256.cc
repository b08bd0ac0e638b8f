#include "base/sha256.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include <openssl/evp.h>

#include "base/assert.h"

namespace katip {
namespace {

constexpr std::size_t kReadSize = 1 << 20;

}  // namespace

struct Sha256::State {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                  &EVP_MD_CTX_free};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  // These calls fail only when memory is out or OpenSSL has no SHA-256 at all.
  KATIP_ASSERT(state_->context != nullptr);
  KATIP_ASSERT(EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr) == 1);
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::span<const std::byte> bytes) {
  KATIP_ASSERT(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) == 1);
}

void Sha256::update(std::string_view bytes) { update(std::as_bytes(std::span(bytes))); }

std::string Sha256::finish() {
  std::array<unsigned char, 32> digest{};
  KATIP_ASSERT(EVP_DigestFinal_ex(state_->context.get(), digest.data(), nullptr) == 1);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

Result<std::string> sha256_of_file(const std::filesystem::path& path, std::stop_token stop) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             &std::fclose);
  if (!file) {
    const ErrorCode code = errno == ENOENT   ? ErrorCode::kNotFound
                           : errno == EACCES ? ErrorCode::kPermissionDenied
                                             : ErrorCode::kInternal;
    return fail(code, "cannot open " + path.string() + ": " + std::strerror(errno));
  }
  Sha256 sum;
  std::vector<std::byte> buffer(kReadSize);
  while (!stop.stop_requested()) {
    const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), file.get());
    if (size == 0) {
      if (std::ferror(file.get()) != 0) {
        return fail(ErrorCode::kInternal, "cannot read " + path.string());
      }
      return sum.finish();
    }
    sum.update(std::span(buffer).first(size));
  }
  return fail(ErrorCode::kCancelled, "stopped while checking " + path.string());
}

bool is_sha256(std::string_view text) {
  return text.size() == 64 && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace katip
