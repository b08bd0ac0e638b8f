#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/utf8.h"
#include "http/wire/url_text.h"

using namespace katip;

namespace {

/// Every byte as a percent code: it must come back as it was.
std::string encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string code;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    code += {'%', kDigits[byte / 16], kDigits[byte % 16]};
  }
  return code;
}

void check(std::string_view text) {
  if (!is_utf8(text) || text.contains('\0')) std::abort();
}

}  // namespace

/// What is decoded is UTF-8 without NUL, and what is encoded comes back.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto decoded = http::percent_decoded(bytes)) {
    check(*decoded);
    if (http::percent_decoded(encoded(*decoded)) != *decoded) std::abort();
  }
  if (const auto pairs = http::parse_query(bytes)) {
    if (pairs->size() > http::kQueryPairCountMax) std::abort();
    std::string again;
    for (const auto& [name, value] : *pairs) {
      check(name);
      check(value);
      again += encoded(name) + "=" + encoded(value) + "&";
    }
    if (http::parse_query(again) != pairs) std::abort();
  }
  return 0;
}
