#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"

namespace katip {

/// SHA-256 of bytes that come in pieces.
///
/// Threads: one thread.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(std::span<const std::byte> bytes);
  void update(std::string_view bytes);
  /// 64 lower-case hexadecimal digits. The object is used up.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Errors: kNotFound, kPermissionDenied and kInternal naming the file; kCancelled.
Result<std::string> sha256_of_file(const std::filesystem::path& path, std::stop_token stop = {});

/// Whether a text has the form of a SHA-256: 64 lower-case hexadecimal digits.
bool is_sha256(std::string_view text);

}  // namespace katip
