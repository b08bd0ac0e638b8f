#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

/// Files as they lie in a backup: compressed, and encrypted when there is a key. The form is that
/// of docs/formats/backup.md, which needs no katip to be read.
namespace katip::store {

/// 32 bytes that encrypt and sign backups.
///
/// Threads: immutable.
class BackupKey {
 public:
  /// Reads 64 hexadecimal digits, as `openssl rand -hex 32` writes them; blanks around them count
  /// for nothing.
  ///
  /// Errors: kInvalidArgument; never shows the text.
  static Result<BackupKey> parse(std::string_view text);

  /// 16 hexadecimal digits that tell keys apart and nothing about them.
  [[nodiscard]] const std::string& id() const { return id_; }
  /// 64 hexadecimal digits that only who has the key can make for this text.
  [[nodiscard]] std::string signature(std::string_view text) const;
  [[nodiscard]] const Secret& bytes() const { return bytes_; }

 private:
  BackupKey(Secret bytes, std::string id) : bytes_(std::move(bytes)), id_(std::move(id)) {}

  Secret bytes_;
  std::string id_;
};

struct PackOptions {
  int level = 3;                   ///< Of zstd: 1 is fast, 19 small.
  const BackupKey* key = nullptr;  ///< Null: not encrypted.
  /// Is told how many bytes of the plain file are done.
  std::function<void(std::int64_t)> on_progress = [](std::int64_t) {};
  std::stop_token stop = {};
};

/// What a packed file is, as a manifest has it.
struct PackedFile {
  std::int64_t size = 0;
  std::string sha256;
  std::int64_t plain_size = 0;
};

/// Makes `target`, flushed to the disk; it must not exist.
///
/// Errors:  those of the files; kUnavailable when the disk is full; kCancelled.
/// Threads: any; blocks.
Result<PackedFile> pack_file(const std::filesystem::path& source,
                             const std::filesystem::path& target, const PackOptions& options);

struct UnpackOptions {
  PackedFile expected;             ///< Of the manifest: every byte is compared with it.
  const BackupKey* key = nullptr;  ///< Null: it is not encrypted.
  std::function<void(std::int64_t)> on_progress = [](std::int64_t) {};
  std::stop_token stop = {};
};

/// Makes `target` from a packed file, for its owner only and flushed to the disk. Without a target
/// it only reads and compares.
///
/// Errors:  kCorruptData for whatever is not as expected, naming the file; then and after every
///          other error there is no target.
Status unpack_file(const std::filesystem::path& source,
                   const std::optional<std::filesystem::path>& target,
                   const UnpackOptions& options);

}  // namespace katip::store
