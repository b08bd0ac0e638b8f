#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The parts of HTTP that compare what the client has or wants with what there is.
namespace katip::http {

/// `"3f2a…"`, from the bytes.
std::string entity_tag(std::string_view bytes);

/// Does a list of If-None-Match or If-Match name this tag? `*` names every one.
enum class Comparison { kWeak, kStrong };
bool names_tag(std::string_view list, std::string_view tag, Comparison comparison);

struct ByteRange {
  std::int64_t offset = 0;
  std::int64_t size = 0;
};
enum class RangeKind { kWhole, kPart, kNotSatisfiable };
struct RangeChoice {
  RangeKind kind = RangeKind::kWhole;
  ByteRange range = {};
};
/// What a Range header asks for of so many bytes. A header that is malformed, of another unit or of
/// several ranges is passed over, as RFC 9110 allows.
RangeChoice choose_range(std::string_view header, std::int64_t size);

/// Does the client take this coding? "gzip;q=0" does not.
bool accepts_coding(std::string_view accept_encoding, std::string_view coding);

/// "Sun, 01 Mar 2026 12:00:00 GMT".
std::string http_date(std::chrono::system_clock::time_point time);

/// As a file of gzip.
std::string gzipped(std::string_view bytes);

}  // namespace katip::http
