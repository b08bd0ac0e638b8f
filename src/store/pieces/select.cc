#include "store/pieces/select.h"

#include <fmt/format.h>

#include "base/assert.h"
#include "store/search/search_query.h"

/// Tested by conformance/.
namespace katip::store {

void Select::add(std::string_view piece, std::initializer_list<Value> parameters) {
  text_ += '\n';
  std::string_view rest = Queries::of(sql_.dialect()).get(piece);
  for (const Value& parameter : parameters) {
    const std::size_t place = rest.find("$?");
    KATIP_ASSERT(place != rest.npos);
    parameters_.push_back(parameter);
    text_ += rest.substr(0, place);
    text_ += "$" + std::to_string(parameters_.size());
    rest.remove_prefix(place + 2);
  }
  text_ += rest;
}

Status Select::add_search(std::string_view piece, const std::optional<std::string>& typed) {
  if (!typed) return {};
  const SearchQuery words = KATIP_TRY(SearchQuery::parse(*typed));
  if (sql_.dialect() == Dialect::kSqlite) {
    add(piece, {words.fts5()});
  } else {
    add(piece, {words.tsquery_simple(), words.tsquery_turkish(), words.phrases_json(),
                words.excluded_phrases_json()});
  }
  return {};
}

Status check_page_size(int count_max) {
  constexpr int kPageSizeMax = 1'000;
  return count_max >= 1 && count_max <= kPageSizeMax
             ? Status{}
             : fail(ErrorCode::kInvalidArgument,
                    fmt::format("a page has 1 to {} rows, not {}", kPageSizeMax, count_max));
}

}  // namespace katip::store
