#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/timestamp.h"

namespace katip::store {

/// Where a list of rows, newest first, goes on: behind this row.
struct PageCursor {
  Timestamp time;  ///< That the list is ordered by.
  std::string id;
};

/// "2026-03-01T12:00:00.000Z,019a…": nothing in it is secret, but callers should not look inside.
std::string to_text(const PageCursor& cursor);

/// Rows of a list, newest first.
template <typename Record>
struct Page {
  std::vector<Record> rows = {};
  std::optional<PageCursor> next = {};  ///< Nothing: this was the end.
};

/// Errors: kInvalidArgument.
Result<PageCursor> parse_page_cursor(std::string_view text);

}  // namespace katip::store
