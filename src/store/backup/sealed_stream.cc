#include "store/backup/sealed_stream.h"

#include <algorithm>
#include <cstring>

#include <sodium.h>

/// Tested by packed_file_test.cc.
namespace katip::store::backup {
namespace {

constexpr std::size_t kSealSize = crypto_secretstream_xchacha20poly1305_ABYTES;
constexpr std::size_t kHeaderSize = crypto_secretstream_xchacha20poly1305_HEADERBYTES;
constexpr unsigned char kMessage = crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
constexpr unsigned char kFinal = crypto_secretstream_xchacha20poly1305_TAG_FINAL;

const unsigned char* source_of(std::span<const std::byte> bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* target_of(std::span<std::byte> bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}
const unsigned char* key_bytes(const BackupKey& key) {
  return reinterpret_cast<const unsigned char*>(key.bytes().reveal().data());
}

std::unexpected<Error> damaged() {
  return fail(ErrorCode::kCorruptData,
              "it is damaged, cut off, or sealed with another key: its seal does not fit");
}

}  // namespace

struct SealedWriter::Cipher {
  crypto_secretstream_xchacha20poly1305_state state{};
};
struct SealedReader::Cipher {
  crypto_secretstream_xchacha20poly1305_state state{};
};

SealedWriter::SealedWriter(FileStream file, std::unique_ptr<Cipher> cipher)
    : file_(std::move(file)), cipher_(std::move(cipher)) {}
SealedWriter::~SealedWriter() = default;
SealedWriter::SealedWriter(SealedWriter&&) noexcept = default;

Result<SealedWriter> SealedWriter::create(FileStream file, const BackupKey* key) {
  if (key == nullptr) return SealedWriter(std::move(file), nullptr);
  auto cipher = std::make_unique<Cipher>();
  std::array<std::byte, kHeaderSize> header{};
  crypto_secretstream_xchacha20poly1305_init_push(&cipher->state, target_of(header),
                                                  key_bytes(*key));
  SealedWriter writer(std::move(file), std::move(cipher));
  KATIP_TRY(writer.put(std::as_bytes(std::span(kSealedMagic))));
  KATIP_TRY(writer.put(header));
  return writer;
}

Status SealedWriter::put(std::span<const std::byte> bytes) {
  hash_.update(bytes);
  size_ += static_cast<std::int64_t>(bytes.size());
  return file_.write(bytes);
}

Status SealedWriter::seal(std::span<const std::byte> piece, unsigned char tag) {
  std::vector<std::byte> sealed(piece.size() + kSealSize);
  crypto_secretstream_xchacha20poly1305_push(&cipher_->state, target_of(sealed), nullptr,
                                             source_of(piece), piece.size(), nullptr, 0, tag);
  return put(sealed);
}

// A piece is sealed when a byte behind it is there: only then it is known not to be the last one.
Status SealedWriter::write(std::span<const std::byte> bytes) {
  if (!cipher_) return put(bytes);
  while (!bytes.empty()) {
    if (pending_.size() == kPieceSize) {
      KATIP_TRY(seal(pending_, kMessage));
      pending_.clear();
    }
    const std::size_t count = std::min(kPieceSize - pending_.size(), bytes.size());
    pending_.insert(pending_.end(), bytes.begin(),
                    bytes.begin() + static_cast<std::ptrdiff_t>(count));
    bytes = bytes.subspan(count);
  }
  return {};
}

Status SealedWriter::finish() {
  if (cipher_) KATIP_TRY(seal(pending_, kFinal));
  return file_.flush();
}

SealedReader::SealedReader(FileStream file, std::unique_ptr<Cipher> cipher)
    : file_(std::move(file)),
      cipher_(std::move(cipher)),
      piece_(kPieceSize + (cipher_ ? kSealSize : 0)),
      plain_(kPieceSize) {}
SealedReader::~SealedReader() = default;
SealedReader::SealedReader(SealedReader&&) noexcept = default;

Result<SealedReader> SealedReader::create(FileStream file, const BackupKey* key) {
  if (key == nullptr) return SealedReader(std::move(file), nullptr);
  auto cipher = std::make_unique<Cipher>();
  crypto_secretstream_xchacha20poly1305_state& state = cipher->state;
  SealedReader reader(std::move(file), std::move(cipher));
  std::array<std::byte, kSealedMagic.size() + kHeaderSize> head{};
  const std::size_t size = KATIP_TRY(reader.fill(head));
  if (size < head.size() ||
      std::memcmp(head.data(), kSealedMagic.data(), kSealedMagic.size()) != 0) {
    return damaged();
  }
  const std::span header = std::span(head).subspan(kSealedMagic.size());
  if (crypto_secretstream_xchacha20poly1305_init_pull(&state, source_of(header), key_bytes(*key)) !=
      0) {
    return damaged();
  }
  return reader;
}

Result<std::size_t> SealedReader::fill(std::span<std::byte> buffer) {
  const std::size_t size = KATIP_TRY(file_.read(buffer));
  hash_.update(buffer.first(size));
  size_ += static_cast<std::int64_t>(size);
  return size;
}

Result<std::span<const std::byte>> SealedReader::open_piece(std::span<const std::byte> piece) {
  if (piece.size() < kSealSize) return damaged();
  unsigned char tag = 0;
  if (crypto_secretstream_xchacha20poly1305_pull(&cipher_->state, target_of(plain_), nullptr, &tag,
                                                 source_of(piece), piece.size(), nullptr, 0) != 0) {
    return damaged();
  }
  if (tag == kFinal) {
    std::array<std::byte, 1> more{};
    if (KATIP_TRY(fill(more)) != 0) return damaged();
    is_at_end_ = true;
  } else if (tag != kMessage || piece.size() < piece_.size()) {
    return damaged();
  }
  return std::span<const std::byte>(plain_).first(piece.size() - kSealSize);
}

Result<std::span<const std::byte>> SealedReader::next() {
  if (is_at_end_) return std::span<const std::byte>();
  const std::size_t size = KATIP_TRY(fill(piece_));
  const std::span<const std::byte> piece = std::span<const std::byte>(piece_).first(size);
  if (cipher_) return open_piece(piece);
  is_at_end_ = size < piece_.size();
  return piece;
}

}  // namespace katip::store::backup
