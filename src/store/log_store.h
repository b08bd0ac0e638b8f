#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "store/connection.h"
#include "store/page_cursor.h"
#include "store/timestamp.h"

/// What people and other systems write down: events, sales, messages and sessions. The four are
/// alike, so one table of fields describes each of them, for the database, for JSON and for checks.
///
/// Errors: those of Connection; kCorruptData for a row that cannot be read.
namespace katip::store {

enum class LogKind { kEvent, kSale, kMessage, kSession };
inline constexpr LogKind kLogKinds[] = {LogKind::kEvent, LogKind::kSale, LogKind::kMessage,
                                        LogKind::kSession};

enum class LogFieldType {
  kText,
  kNumber,
  kJson,  ///< An object.
  kTime,
  kUuid,
};

struct LogField {
  std::string_view name;  ///< Of the column, and in JSON.
  LogFieldType type = LogFieldType::kText;
  int length_max = 0;                             ///< Characters of a text; 0: no limit of its own.
  bool is_required = false;                       ///< And not empty.
  bool is_filter = false;                         ///< A list may ask for one value of it.
  bool is_searched = false;                       ///< Its words are found.
  std::span<const std::string_view> one_of;       ///< Empty: anything.
  std::optional<std::string_view> fallback = {};  ///< The value when none is given; else null.
};

struct LogTable {
  std::string_view name;    ///< "events", "sales", "messages", "sessions".
  std::string_view time;    ///< The field that lists are ordered by.
  std::string_view insert;  ///< Names of statements.
  std::string_view select;
  std::string_view words;  ///< Empty: has no words that are searched.
  std::vector<LogField> fields;
};

/// The first field is the id, a uuid.
const LogTable& log_table(LogKind kind);
std::optional<LogKind> parse_log_kind(std::string_view name);

/// Values in the order of the table's fields: times and JSON as text.
struct LogRecord {
  LogKind kind = LogKind::kEvent;
  std::vector<Value> values;

  /// Null for a field that the table does not have.
  [[nodiscard]] const Value* find(std::string_view field) const;
};

/// A record that is there already is left alone, so a record may be written again. A session with
/// the same session_id is brought up to date instead. False: somebody else's session has this id.
Result<bool> insert_log(Connection& sql, const LogRecord& record);

struct LogFilter {
  std::vector<std::pair<std::string, std::string>> equals = {};  ///< Fields that are filters.
  std::optional<Timestamp> from = {};
  std::optional<Timestamp> before = {};
  std::optional<std::string> search = {};  ///< As typed; see search/search_query.h.
};
/// Newest first.
///
/// Errors: kInvalidArgument for a field that is no filter, a search where there is nothing to
///         search, and when count_max is not 1 to 1,000.
Result<Page<LogRecord>> list_logs(Connection& sql, LogKind kind, const LogFilter& filter,
                                  const std::optional<PageCursor>& after, int count_max);

}  // namespace katip::store
