#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/sha256.h"
#include "store/backup/file_stream.h"
#include "store/packed_file.h"

/// The outer form of a packed file: its bytes as they are, or sealed with a key in pieces of 64 KiB
/// that cannot be changed, left out, exchanged or cut off unnoticed.
///
/// Source: libsodium's crypto_secretstream_xchacha20poly1305.
namespace katip::store::backup {

inline constexpr std::array<char, 8> kSealedMagic = {'K', 'T', 'P', 'S', 'E', 'A', 'L', '1'};
inline constexpr std::size_t kPieceSize = std::size_t{64} << 10;

/// Threads: one thread. Lifetime: the key outlives it.
class SealedWriter {
 public:
  static Result<SealedWriter> create(FileStream file, const BackupKey* key);
  ~SealedWriter();
  SealedWriter(SealedWriter&&) noexcept;
  SealedWriter& operator=(SealedWriter&&) = delete;

  Status write(std::span<const std::byte> bytes);
  /// Writes the end and flushes.
  Status finish();
  [[nodiscard]] std::int64_t size() const { return size_; }
  /// Of what was written; the object is used up.
  std::string sha256() { return hash_.finish(); }

 private:
  struct Cipher;
  SealedWriter(FileStream file, std::unique_ptr<Cipher> cipher);
  Status put(std::span<const std::byte> bytes);
  Status seal(std::span<const std::byte> piece, unsigned char tag);

  FileStream file_;
  std::unique_ptr<Cipher> cipher_;  // Null: not sealed.
  std::vector<std::byte> pending_;
  Sha256 hash_;
  std::int64_t size_ = 0;
};

/// Threads: one thread. Lifetime: the key outlives it.
class SealedReader {
 public:
  /// Errors: kCorruptData for a file that is not sealed, or with another key.
  static Result<SealedReader> create(FileStream file, const BackupKey* key);
  ~SealedReader();
  SealedReader(SealedReader&&) noexcept;
  SealedReader& operator=(SealedReader&&) = delete;

  /// The next piece, good until the next call; empty at the end.
  ///
  /// Errors: kCorruptData.
  Result<std::span<const std::byte>> next();
  [[nodiscard]] std::int64_t size() const { return size_; }
  std::string sha256() { return hash_.finish(); }

 private:
  struct Cipher;
  SealedReader(FileStream file, std::unique_ptr<Cipher> cipher);
  Result<std::size_t> fill(std::span<std::byte> buffer);
  Result<std::span<const std::byte>> open_piece(std::span<const std::byte> piece);

  FileStream file_;
  std::unique_ptr<Cipher> cipher_;  // Null: not sealed.
  std::vector<std::byte> piece_;
  std::vector<std::byte> plain_;
  Sha256 hash_;
  std::int64_t size_ = 0;
  bool is_at_end_ = false;
};

}  // namespace katip::store::backup
