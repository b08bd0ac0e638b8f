#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The values of the headers of tus 1.0.0. Every function is pure, and gives nothing for a value
/// that is none.
namespace katip::http {

/// Of Upload-Length and Upload-Offset: bytes, from 0.
std::optional<std::int64_t> tus_count(std::string_view text);

/// Of Upload-Metadata: "filename dGFsay5tcDQ=,filetype …", names with their values decoded. A name
/// may stand alone, never twice. All of it is printable ASCII.
using TusMetadata = std::map<std::string, std::string, std::less<>>;
std::optional<TusMetadata> tus_metadata(std::string_view text);

/// Of Upload-Checksum: "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=".
struct TusChecksum {
  std::string algorithm = {};  ///< As it was said; the caller knows some.
  std::string sum = {};        ///< Decoded.
};
std::optional<TusChecksum> tus_checksum(std::string_view text);

/// Of Upload-Concat.
enum class TusPart { kWhole, kPartial, kFinal };
struct TusConcat {
  TusPart part = TusPart::kWhole;
  std::vector<std::string> ids = {};  ///< Of a final one: the ends of the addresses of its parts.
};
/// Empty: whole. A final one is printable ASCII.
std::optional<TusConcat> tus_concat(std::string_view text);

}  // namespace katip::http
