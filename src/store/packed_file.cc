#include "store/packed_file.h"

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include <fmt/format.h>
#include <sodium.h>
#include <zstd.h>

#include "base/atomic_file.h"
#include "base/trimmed.h"
#include "store/backup/sealed_stream.h"

/// Plain bytes go through zstd, then through the seal, then into the file and its checksum; the way
/// back is the same backwards, so that a file of any size is read once and no buffer grows.
///
/// Tested by packed_file_test.cc.
namespace katip::store {
namespace {

namespace fs = std::filesystem;
using backup::FileStream;
using backup::SealedReader;
using backup::SealedWriter;

constexpr std::size_t kKeySize = crypto_secretstream_xchacha20poly1305_KEYBYTES;
constexpr std::size_t kReadSize = std::size_t{1} << 20;
constexpr int kThreadCount = 2;  ///< Of zstd, where it was built with threads.

struct FreeCompressor {
  void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
};
struct FreeDecompressor {
  void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
};

/// Takes the file away again unless keep() is called.
class NewFile {
 public:
  explicit NewFile(fs::path path) : path_(std::move(path)) {}
  ~NewFile() {
    std::error_code ignored;
    if (!is_kept_) fs::remove(path_, ignored);
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  void keep() { is_kept_ = true; }

 private:
  fs::path path_;
  bool is_kept_ = false;
};

std::unexpected<Error> stopped() { return fail(ErrorCode::kCancelled, "stopped"); }

Status compress(ZSTD_CCtx* context, std::span<const std::byte> bytes, ZSTD_EndDirective directive,
                SealedWriter& writer) {
  std::vector<std::byte> buffer(ZSTD_CStreamOutSize());
  ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
  for (bool is_done = false; !is_done;) {
    ZSTD_outBuffer output{buffer.data(), buffer.size(), 0};
    const std::size_t left = ZSTD_compressStream2(context, &output, &input, directive);
    if (ZSTD_isError(left) != 0) {
      return fail(ErrorCode::kInternal, fmt::format("zstd: {}", ZSTD_getErrorName(left)));
    }
    KATIP_TRY(writer.write(std::span(buffer).first(output.pos)));
    is_done = directive == ZSTD_e_end ? left == 0 : input.pos == input.size;
  }
  return {};
}

/// Where plain bytes go: into a file, or nowhere; more than were promised is an error, so that a
/// small file cannot fill a disk.
class PlainSink {
 public:
  static Result<PlainSink> create(const std::optional<fs::path>& target, std::int64_t size_max) {
    if (!target) return PlainSink(std::nullopt, size_max);
    FileStream file = KATIP_TRY(FileStream::create(*target));
    return PlainSink(std::move(file), size_max);
  }
  Status write(std::span<const std::byte> bytes) {
    size_ += static_cast<std::int64_t>(bytes.size());
    if (size_ > size_max_) {
      return fail(ErrorCode::kCorruptData, "it holds more than its manifest says");
    }
    return file_ ? file_->write(bytes) : Status{};
  }
  Status flush() { return file_ ? file_->flush() : Status{}; }
  [[nodiscard]] std::int64_t size() const { return size_; }

 private:
  PlainSink(std::optional<FileStream> file, std::int64_t size_max)
      : file_(std::move(file)), size_max_(size_max) {}
  std::optional<FileStream> file_;
  std::int64_t size_max_;
  std::int64_t size_ = 0;
};

/// Gives back what zstd says is still to come: 0 at the end of a frame.
Result<std::size_t> decompress(ZSTD_DCtx* context, std::span<const std::byte> bytes,
                               std::vector<std::byte>& buffer, PlainSink& sink) {
  ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
  std::size_t left = 0;
  bool is_full = true;  // More may come without more input as long as the output fills up.
  while (input.pos < input.size || is_full) {
    ZSTD_outBuffer output{buffer.data(), buffer.size(), 0};
    left = ZSTD_decompressStream(context, &output, &input);
    if (ZSTD_isError(left) != 0) {
      return fail(ErrorCode::kCorruptData, "it is damaged: it cannot be decompressed");
    }
    KATIP_TRY(sink.write(std::span(buffer).first(output.pos)));
    is_full = output.pos == output.size;
    if (left == 0 && input.pos < input.size) {
      return fail(ErrorCode::kCorruptData, "it is damaged: something follows its end");
    }
    if (left == 0) break;
  }
  return left;
}

Status unpack(SealedReader& reader, PlainSink& sink, const UnpackOptions& options) {
  const std::unique_ptr<ZSTD_DCtx, FreeDecompressor> context(ZSTD_createDCtx());
  std::vector<std::byte> buffer(ZSTD_DStreamOutSize());
  std::size_t left = 1;
  while (true) {
    if (options.stop.stop_requested()) return stopped();
    const std::span<const std::byte> piece = KATIP_TRY(reader.next());
    if (piece.empty()) break;
    if (left == 0) return fail(ErrorCode::kCorruptData, "it is damaged: something follows its end");
    left = KATIP_TRY(decompress(context.get(), piece, buffer, sink));
    options.on_progress(sink.size());
  }
  if (left != 0) return fail(ErrorCode::kCorruptData, "it is cut off: its end is missing");
  if (reader.size() != options.expected.size || sink.size() != options.expected.plain_size ||
      reader.sha256() != options.expected.sha256) {
    return fail(ErrorCode::kCorruptData, "its bytes are not those that its manifest tells of");
  }
  return sink.flush();
}

std::string hex(std::span<const unsigned char> bytes) {
  std::string text;
  for (const unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

}  // namespace

Result<BackupKey> BackupKey::parse(std::string_view text) {
  text = trimmed(text);
  std::string bytes(kKeySize, '\0');
  std::size_t size = 0;
  if (sodium_init() < 0) return fail(ErrorCode::kInternal, "libsodium cannot start");
  if (text.size() != 2 * kKeySize ||
      sodium_hex2bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                     text.size(), nullptr, &size, nullptr) != 0 ||
      size != kKeySize) {
    return fail(ErrorCode::kInvalidArgument,
                "a key of backups is 64 hexadecimal digits: `openssl rand -hex 32` makes one");
  }
  constexpr std::string_view kPurpose = "katip backup key id";
  std::array<unsigned char, crypto_generichash_BYTES_MIN> digest{};
  crypto_generichash(digest.data(), digest.size(),
                     reinterpret_cast<const unsigned char*>(kPurpose.data()), kPurpose.size(),
                     reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  return BackupKey(Secret(std::move(bytes)), hex(std::span(digest).first(8)));
}

std::string BackupKey::signature(std::string_view text) const {
  std::array<unsigned char, crypto_generichash_BYTES> digest{};
  crypto_generichash(digest.data(), digest.size(),
                     reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                     reinterpret_cast<const unsigned char*>(bytes_.reveal().data()), kKeySize);
  return hex(digest);
}

Result<PackedFile> pack_file(const fs::path& source, const fs::path& target,
                             const PackOptions& options) {
  FileStream input = KATIP_TRY(FileStream::open_to_read(source));
  FileStream output = KATIP_TRY(FileStream::create(target));
  NewFile made(target);
  SealedWriter writer = KATIP_TRY(SealedWriter::create(std::move(output), options.key));
  const std::unique_ptr<ZSTD_CCtx, FreeCompressor> context(ZSTD_createCCtx());
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, options.level);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_nbWorkers, kThreadCount);
  std::vector<std::byte> buffer(kReadSize);
  PackedFile packed;
  for (std::size_t size = buffer.size(); size == buffer.size();) {
    if (options.stop.stop_requested()) return stopped();
    size = KATIP_TRY(input.read(buffer));
    KATIP_TRY(compress(context.get(), std::span(buffer).first(size),
                       size < buffer.size() ? ZSTD_e_end : ZSTD_e_continue, writer));
    packed.plain_size += static_cast<std::int64_t>(size);
    options.on_progress(packed.plain_size);
  }
  KATIP_TRY(writer.finish());
  packed.size = writer.size();
  packed.sha256 = writer.sha256();
  made.keep();
  return packed;
}

Status unpack_file(const fs::path& source, const std::optional<fs::path>& target,
                   const UnpackOptions& options) {
  FileStream input = KATIP_TRY(FileStream::open_to_read(source));
  PlainSink sink = KATIP_TRY(PlainSink::create(target, options.expected.plain_size));
  std::optional<NewFile> made;
  if (target) made.emplace(*target);
  const auto run = [&]() -> Status {
    SealedReader reader = KATIP_TRY(SealedReader::create(std::move(input), options.key));
    return unpack(reader, sink, options);
  };
  if (Status status = run(); !status) {
    if (status.error().code == ErrorCode::kCancelled) return status;
    return fail(source.filename().string(), std::move(status).error());
  }
  if (made) made->keep();
  return {};
}

}  // namespace katip::store
