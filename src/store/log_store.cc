#include "store/log_store.h"

#include <algorithm>
#include <array>

#include "base/uuid.h"
#include "store/pieces/select.h"
#include "store/queries.h"
#include "store/search/folded_words.h"

/// The statements are in sqlite/logs.sql and postgres/logs.sql; each insert takes the fields in the
/// order of its table here, and search_text behind them.
///
/// Tested by conformance/logs_test.cc on both databases.
namespace katip::store {
namespace {

using Names = std::span<const std::string_view>;
constexpr std::array<std::string_view, 5> kLevels = {"debug", "info", "warning", "error",
                                                     "critical"};
constexpr std::array<std::string_view, 2> kDirections = {"inbound", "outbound"};

constexpr LogField kId = {.name = "id", .type = LogFieldType::kUuid, .one_of = {}};
constexpr LogField kUser = {
    .name = "user_identifier", .length_max = 200, .is_filter = true, .one_of = {}};

constexpr LogField time_field(std::string_view field) {
  return {.name = field, .type = LogFieldType::kTime, .one_of = {}};
}
constexpr LogField json_field(std::string_view field) {
  return {.name = field,
          .type = LogFieldType::kJson,
          .is_searched = true,
          .one_of = {},
          .fallback = "{}"};
}

LogTable events_table() {
  return {
      .name = "events",
      .time = "created_at",
      .insert = "insert_event_log",
      .select = "select_event_logs",
      .words = "event_logs_with_words",
      .fields = {
          kId,
          kUser,
          {.name = "event_type",
           .length_max = 100,
           .is_required = true,
           .is_filter = true,
           .one_of = {}},
          {.name = "title", .length_max = 500, .is_searched = true, .one_of = {}, .fallback = ""},
          {.name = "level", .is_filter = true, .one_of = kLevels, .fallback = "info"},
          {.name = "request_id", .length_max = 128, .is_filter = true, .one_of = {}},
          time_field("created_at"),
          json_field("details")}};
}

LogTable sales_table() {
  return {
      .name = "sales",
      .time = "created_at",
      .insert = "insert_sales_log",
      .select = "select_sales_logs",
      .words = "sales_logs_with_words",
      .fields = {kId,
                 kUser,
                 {.name = "product",
                  .length_max = 100,
                  .is_required = true,
                  .is_filter = true,
                  .is_searched = true,
                  .one_of = {}},
                 {.name = "quantity", .type = LogFieldType::kNumber, .one_of = {}, .fallback = "0"},
                 {.name = "unit", .length_max = 30, .one_of = {}, .fallback = "piece"},
                 {.name = "amount", .type = LogFieldType::kNumber, .one_of = {}, .fallback = "0"},
                 {.name = "currency", .length_max = 3, .one_of = {}},
                 {.name = "status",
                  .length_max = 30,
                  .is_filter = true,
                  .one_of = {},
                  .fallback = "recorded"},
                 {.name = "job_id", .type = LogFieldType::kUuid, .is_filter = true, .one_of = {}},
                 time_field("created_at"),
                 json_field("details")}};
}

LogTable messages_table() {
  return {
      .name = "messages",
      .time = "created_at",
      .insert = "insert_message_record",
      .select = "select_message_records",
      .words = "message_records_with_words",
      .fields = {
          kId,
          {.name = "conversation_id",
           .length_max = 128,
           .is_required = true,
           .is_filter = true,
           .one_of = {}},
          kUser,
          {.name = "direction", .is_required = true, .is_filter = true, .one_of = kDirections},
          {.name = "channel", .length_max = 50, .is_filter = true, .one_of = {}, .fallback = "web"},
          time_field("created_at"),
          {.name = "metadata", .type = LogFieldType::kJson, .one_of = {}, .fallback = "{}"},
          {.name = "content",
           .length_max = 1'000'000,
           .is_required = true,
           .is_searched = true,
           .one_of = {}}}};
}

LogTable sessions_table() {
  return {.name = "sessions",
          .time = "started_at",
          .insert = "save_user_session",
          .select = "select_user_sessions",
          .words = "",
          .fields = {
              kId,
              {.name = "session_id",
               .length_max = 128,
               .is_required = true,
               .is_filter = true,
               .one_of = {}},
              kUser,
              time_field("started_at"),
              time_field("last_seen_at"),
              time_field("ended_at"),
              {.name = "ip", .length_max = 45, .one_of = {}},
              {.name = "user_agent", .length_max = 1'000, .one_of = {}},
              {.name = "metadata", .type = LogFieldType::kJson, .one_of = {}, .fallback = "{}"}}};
}

const std::vector<LogTable>& tables() {
  static const std::vector<LogTable> all = {events_table(), sales_table(), messages_table(),
                                            sessions_table()};
  return all;
}

std::size_t index_of(const LogTable& table, std::string_view field) {
  const auto found = std::ranges::find(table.fields, field, &LogField::name);
  return static_cast<std::size_t>(found - table.fields.begin());
}

std::string searched_text(const LogRecord& record, const LogTable& table) {
  std::string text;
  for (std::size_t i = 0; i < table.fields.size(); ++i) {
    const std::string* value = record.values[i].get_if<std::string>();
    if (table.fields[i].is_searched && value != nullptr) text += *value + "\n";
  }
  return search_text(text);
}

/// False: the value cannot be there, so nothing is found.
Result<bool> add_equals(Select& select, const LogTable& table, const LogFilter& filter) {
  for (const auto& [field, value] : filter.equals) {
    const std::size_t index = index_of(table, field);
    if (index == table.fields.size() || !table.fields[index].is_filter) {
      return fail(ErrorCode::kInvalidArgument,
                  "a list of " + std::string(table.name) + " has no filter `" + field + "`");
    }
    if (table.fields[index].type == LogFieldType::kUuid && !is_uuid(value)) return false;
    select.add("logs_with_" + field, {value});
  }
  return true;
}

Status add_search(Select& select, const LogTable& table, const LogFilter& filter) {
  if (!filter.search) return {};
  if (table.words.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "there is nothing to search in " + std::string(table.name));
  }
  return select.add_search(table.words, filter.search);
}

Result<PageCursor> cursor_of(const LogRecord& record, const LogTable& table) {
  const Value& time = record.values[index_of(table, table.time)];
  const std::string text = KATIP_TRY(time.to<std::string>());
  return PageCursor{KATIP_TRY(parse_timestamp(text)),
                    KATIP_TRY(record.values.front().to<std::string>())};
}

}  // namespace

const LogTable& log_table(LogKind kind) { return tables()[static_cast<std::size_t>(kind)]; }

std::optional<LogKind> parse_log_kind(std::string_view name) {
  for (const LogKind kind : kLogKinds) {
    if (log_table(kind).name == name) return kind;
  }
  return std::nullopt;
}

const Value* LogRecord::find(std::string_view field) const {
  const std::size_t index = index_of(log_table(kind), field);
  return index < values.size() ? &values[index] : nullptr;
}

Result<bool> insert_log(Connection& sql, const LogRecord& record) {
  const LogTable& table = log_table(record.kind);
  if (record.values.size() != table.fields.size()) {
    return fail(ErrorCode::kInvalidArgument,
                "a record of " + std::string(table.name) + " has other fields");
  }
  std::vector<Value> parameters = record.values;
  if (!table.words.empty()) parameters.emplace_back(searched_text(record, table));
  const Rows rows = KATIP_TRY(sql.query(Queries::of(sql.dialect()).get(table.insert), parameters));
  return record.kind != LogKind::kSession || rows.affected_count() > 0;
}

Result<Page<LogRecord>> list_logs(Connection& sql, LogKind kind, const LogFilter& filter,
                                  const std::optional<PageCursor>& after, int count_max) {
  KATIP_TRY(check_page_size(count_max));
  const LogTable& table = log_table(kind);
  const std::string time = table.time == "created_at" ? "created" : "started";
  Select select(sql, table.select);
  const bool can_be_there = KATIP_TRY(add_equals(select, table, filter));
  if (!can_be_there) return Page<LogRecord>();
  KATIP_TRY(add_search(select, table, filter));
  if (filter.from) select.add("logs_" + time + "_from", {to_text(*filter.from)});
  if (filter.before) select.add("logs_" + time + "_before", {to_text(*filter.before)});
  if (after) select.add("logs_" + time + "_after", {to_text(after->time), after->id});
  select.add("logs_in_order_" + time, {count_max + 1});
  Page<LogRecord> page;
  for (const Row row : KATIP_TRY(select.run())) {
    LogRecord record{.kind = kind, .values = {}};
    for (std::size_t i = 0; i < row.size(); ++i) record.values.push_back(row[i]);
    page.rows.push_back(std::move(record));
  }
  if (page.rows.size() > static_cast<std::size_t>(count_max)) {
    page.rows.pop_back();
    page.next = KATIP_TRY(cursor_of(page.rows.back(), table));
  }
  return page;
}

}  // namespace katip::store
