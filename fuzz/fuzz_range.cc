#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "http/wire/conditions.h"

using namespace katip::http;

/// A part lies in its file whatever was asked for; lists of tags and codings only have an answer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::int64_t file_size = 0;
  if (size < sizeof(file_size)) return 0;
  std::memcpy(&file_size, data, sizeof(file_size));
  file_size &= 0x7FFF'FFFF'FFFF'FFFF;
  const std::string_view text(reinterpret_cast<const char*>(data) + 8, size - 8);
  const RangeChoice choice = choose_range(text, file_size);
  if (choice.kind == RangeKind::kPart) {
    const auto [offset, count] = choice.range;
    if (offset < 0 || count <= 0 || offset >= file_size || count > file_size - offset) std::abort();
  }
  const std::size_t half = text.size() / 2;
  const std::string_view tag = text.substr(half);
  const std::string_view list = text.substr(0, half);
  const bool is_strong = names_tag(list, tag, Comparison::kStrong);
  if (is_strong && !names_tag(list, tag, Comparison::kWeak)) std::abort();
  static_cast<void>(accepts_coding(list, "gzip"));
  static_cast<void>(accepts_coding(list, tag));
  return 0;
}
