#include "text/writers/zip.h"

#include <algorithm>
#include <limits>
#include <memory>

#define ZLIB_CONST  // Input is read only.
#include <zlib.h>

#include "base/assert.h"

// Each entry is a header and its bytes; the directory repeats the headers, with the places of the
// entries, at the end.
// Tested by zip_test.cc.
namespace katip::text {
namespace {

constexpr std::uint64_t kSizeMax = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint16_t kVersionNeeded = 20;  // 2.0: deflate.
constexpr std::uint16_t kStored = 0;
constexpr std::uint16_t kDeflated = 8;
// The first of January 1980, the earliest there is: an archive tells no time of its own.
constexpr std::uint16_t kNoTime = 0;
constexpr std::uint16_t kNoDate = (1 << 5) | 1;

void put16(std::string& out, std::uint16_t number) {
  out += static_cast<char>(number & 0xFF);
  out += static_cast<char>(number >> 8);
}

void put32(std::string& out, std::uint64_t number) {
  put16(out, static_cast<std::uint16_t>(number & 0xFFFF));
  put16(out, static_cast<std::uint16_t>((number >> 16) & 0xFFFF));
}

Status too_large() {
  return fail(ErrorCode::kTooLarge,
              "the document would be larger than 4 GB: write it as text or Markdown instead");
}

/// A raw deflate stream.
Result<std::string> deflated(std::string_view bytes) {
  z_stream stream{};
  constexpr int kRawWindowBits = -15;
  constexpr int kMemoryLevel = 8;
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kRawWindowBits, kMemoryLevel,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return fail(ErrorCode::kInternal, "zlib could not begin to compress");
  }
  const std::unique_ptr<z_stream, int (*)(z_stream*)> owner(&stream, deflateEnd);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<const Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(std::min<std::uint64_t>(out.size(), kSizeMax));
  if (::deflate(&stream, Z_FINISH) != Z_STREAM_END) {
    return fail(ErrorCode::kInternal, "zlib could not compress");
  }
  out.resize(stream.total_out);
  return out;
}

/// The fields that an entry's header and its line of the directory share.
std::string shared_fields(std::uint16_t method, std::string_view name, std::string_view bytes,
                          std::size_t packed_size) {
  std::string fields;
  put16(fields, kVersionNeeded);
  put16(fields, 0);  // Flags.
  put16(fields, method);
  put16(fields, kNoTime);
  put16(fields, kNoDate);
  const auto* data = reinterpret_cast<const Bytef*>(bytes.data());
  put32(fields, crc32_z(crc32_z(0, nullptr, 0), data, bytes.size()));
  put32(fields, packed_size);
  put32(fields, bytes.size());
  put16(fields, static_cast<std::uint16_t>(name.size()));
  put16(fields, 0);  // Extra field.
  return fields;
}

}  // namespace

Status ZipWriter::add(std::string_view name, std::string_view bytes) {
  KATIP_ASSERT(!name.empty() && name.size() < 256 && entry_count_ < 0xFFFF);
  if (bytes.size() > kSizeMax) {
    return too_large();
  }
  std::string packed = KATIP_TRY(deflated(bytes));
  std::uint16_t method = kDeflated;
  if (packed.size() >= bytes.size()) {
    packed = bytes;
    method = kStored;
  }
  const std::uint64_t place = archive_.size();
  const std::string fields = shared_fields(method, name, bytes, packed.size());
  archive_ += "PK\x03\x04" + fields + std::string(name) + packed;
  if (archive_.size() > kSizeMax) {
    return too_large();
  }
  directory_ += "PK\x01\x02";
  put16(directory_, kVersionNeeded);
  directory_ += fields;
  put16(directory_, 0);  // Comment.
  put16(directory_, 0);  // Disk.
  put16(directory_, 0);  // Internal attributes.
  put32(directory_, 0);  // External attributes.
  put32(directory_, place);
  directory_ += name;
  ++entry_count_;
  return {};
}

Result<std::string> ZipWriter::finish() {
  const std::uint64_t place = archive_.size();
  archive_ += directory_;
  archive_ += "PK\x05\x06";
  put16(archive_, 0);  // This disk …
  put16(archive_, 0);  // … and the disk of the directory.
  put16(archive_, entry_count_);
  put16(archive_, entry_count_);
  put32(archive_, directory_.size());
  put32(archive_, place);
  put16(archive_, 0);  // Comment.
  if (archive_.size() > kSizeMax) {
    return std::unexpected(too_large().error());
  }
  return std::move(archive_);
}

}  // namespace katip::text
