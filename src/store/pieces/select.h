#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/connection.h"
#include "store/page_cursor.h"
#include "store/queries.h"

namespace katip::store {

/// A select that is put together from named pieces of the .sql files, each of which brings its
/// parameters: every `$?` in a piece becomes the next one.
///
///   Select select(sql, "select_jobs");
///   select.add_if("jobs_with_kind", filter.kind);
///   const Rows rows = KATIP_TRY(select.run());
///
/// Threads:  one thread.
/// Lifetime: the connection outlives it.
class Select {
 public:
  Select(Connection& sql, std::string_view first)
      : sql_(sql), text_(Queries::of(sql.dialect()).get(first)) {}

  void add(std::string_view piece, std::initializer_list<Value> parameters);
  void add_if(std::string_view piece, const std::optional<std::string>& value) {
    if (value) add(piece, {*value});
  }
  /// What a person typed, by the piece of this name.
  ///
  /// Errors: those of SearchQuery::parse().
  Status add_search(std::string_view piece, const std::optional<std::string>& typed);

  Result<Rows> run() { return sql_.query(text_, parameters_); }

 private:
  Connection& sql_;
  std::string text_;
  std::vector<Value> parameters_;
};

/// Errors: kInvalidArgument when it is not 1 to 1,000.
Status check_page_size(int count_max);

}  // namespace katip::store
