#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "http/wire/cursor_seal.h"

using katip::Secret;
using katip::http::CursorSeal;

/// What opens is what was sealed, letter by letter, and opens for its own list only; every place
/// comes back as it was. The key is that of the files in the corpus, two of which do open.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const CursorSeal jobs(Secret("the key of the corpus of fuzz_cursor"), "list_jobs");
  static const CursorSeal users(Secret("the key of the corpus of fuzz_cursor"), "list_users");
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto place = jobs.open(text)) {
    if (jobs.seal(*place) != text || users.open(text)) std::abort();
  }
  const std::string cursor = jobs.seal(text);
  const auto opened = jobs.open(cursor);
  if (cursor.size() <= CursorSeal::kSizeMax && opened != text) std::abort();
  if (users.open(cursor)) std::abort();
  return 0;
}
