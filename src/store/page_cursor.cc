#include "store/page_cursor.h"

#include "base/uuid.h"

/// Tested by conformance/jobs_test.cc.
namespace katip::store {

std::string to_text(const PageCursor& cursor) { return to_text(cursor.time) + "," + cursor.id; }

Result<PageCursor> parse_page_cursor(std::string_view text) {
  const std::size_t comma = text.find(',');
  if (comma != text.npos && is_uuid(text.substr(comma + 1))) {
    if (const auto time = parse_timestamp(text.substr(0, comma))) {
      return PageCursor{*time, std::string(text.substr(comma + 1))};
    }
  }
  return fail(ErrorCode::kInvalidArgument,
              "this is no cursor of a list: take the one that came with the page before");
}

}  // namespace katip::store
