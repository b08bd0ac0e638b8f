#include "app/log_book.h"

#include <system_error>
#include <utility>

#include "app/records/line_file.h"
#include "app/records/log_json.h"
#include "app/records/visible_job.h"

/// Tested by log_book_test.cc.
namespace katip::app {
namespace {

/// Whether the database is away, rather than that something is wrong with the record.
bool is_away(const Error& error) {
  switch (error.code) {
    case ErrorCode::kUnavailable:
    case ErrorCode::kTimeout:
    case ErrorCode::kOverloaded:
    case ErrorCode::kUnauthenticated:
      return true;
    default:
      return false;
  }
}

/// Writes in the name of whoever asks, unless they may write for all.
Status set_user(const Principal& principal, LogRecord& record) {
  store::Value& user = field_of(record, "user_identifier");
  if (principal.sees_all) return {};
  if (user.is_null()) {
    user = principal.owner;
  } else if (const std::string* given = user.get_if<std::string>();
             given == nullptr || *given != principal.owner) {
    return fail(
        ErrorCode::kPermissionDenied,
        "user_identifier: you may write in your own name only, which is `" + principal.owner + "`");
  }
  return {};
}

}  // namespace

std::filesystem::path LogBook::file_of(LogKind kind) const {
  return fallback_dir_ / (std::string(store::log_table(kind).name) + ".jsonl");
}

Status LogBook::write_to_database(const LogRecord& record, std::stop_token stop) {
  const auto connection = KATIP_TRY(pool_.acquire(std::move(stop)));
  const bool is_written = KATIP_TRY(store::insert_log(*connection, record));
  return is_written ? Status{}
                    : fail(ErrorCode::kConflict, "session_id: somebody else has this session");
}

void LogBook::take_in_if_any(std::stop_token stop) {
  for (const LogKind kind : store::kLogKinds) {
    std::error_code error;
    if (!std::filesystem::exists(file_of(kind), error)) continue;
    // What does not go now goes the next time; the caller's own record has nothing to do with it.
    static_cast<void>(take_in(std::move(stop)));
    return;
  }
}

Result<WrittenLog> LogBook::append(const Principal& principal, LogKind kind,
                                   std::string_view fields, std::stop_token stop) {
  WrittenLog written{.id = {}, .record = KATIP_TRY(parse_log(kind, fields))};
  KATIP_TRY(set_user(principal, written.record));
  // Never an id from outside: it could name a record of somebody else.
  written.id = ids_.next();
  written.record.values.front() = written.id;
  const std::string now = store::to_text(store::to_timestamp(clock_.calendar()));
  for (const std::string_view time : {"created_at", "started_at", "last_seen_at"}) {
    if (written.record.find(time) == nullptr) continue;
    store::Value& value = field_of(written.record, time);
    if (value.is_null()) value = now;
  }
  const Status status = write_to_database(written.record, stop);
  if (status) {
    take_in_if_any(std::move(stop));
    return written;
  }
  if (!is_away(status.error())) return std::unexpected(status.error());
  const Status kept = LineFile(file_of(kind)).append(to_json(written.record));
  if (!kept) {
    return fail(ErrorCode::kUnavailable,
                "the database is away (" + status.error().message +
                    "), and so is the file for then: " + kept.error().message);
  }
  written.is_kept_in_file = true;
  return written;
}

Result<LogList> LogBook::list(const Principal& principal, LogKind kind, const LogQuery& query,
                              std::stop_token stop) {
  if (query.count_max < 1 || query.count_max > 200) {
    return fail(ErrorCode::kInvalidArgument, "limit is 1 to 200");
  }
  take_in_if_any(stop);
  std::optional<store::PageCursor> after;
  if (query.cursor) after = KATIP_TRY(store::parse_page_cursor(*query.cursor));
  LogFilter filter = query.filter;
  if (const auto owner = shown_owner(principal)) {
    filter.equals.emplace_back("user_identifier", *owner);
  }
  const auto connection = KATIP_TRY(pool_.acquire(std::move(stop)));
  auto page = KATIP_TRY(store::list_logs(*connection, kind, filter, after, query.count_max));
  LogList list{.rows = std::move(page.rows), .next_cursor = {}};
  if (page.next) list.next_cursor = store::to_text(*page.next);
  return list;
}

Result<TakenIn> LogBook::take_in(std::stop_token stop) {
  TakenIn taken;
  for (const LogKind kind : store::kLogKinds) {
    const std::filesystem::path path = file_of(kind);
    const LineFile refused(path.string() + ".refused");
    KATIP_TRY(LineFile(path).drain([&](std::string_view line) -> Status {
      const auto record = parse_log(kind, line);
      const bool has_id = record && record->values.front().get_if<std::string>() != nullptr;
      if (has_id) {
        const Status status = write_to_database(*record, stop);
        if (status) {
          ++taken.record_count;
          return {};
        }
        if (is_away(status.error()) || status.error().code == ErrorCode::kCancelled) return status;
      }
      ++taken.refused_count;
      return refused.append(line);
    }));
  }
  return taken;
}

}  // namespace katip::app
