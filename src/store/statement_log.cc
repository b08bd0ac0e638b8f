#include "store/statement_log.h"

namespace katip::store {
namespace {

constexpr std::size_t kSqlSizeMax = 1'000;

/// The statement on one line.
std::string shortened(std::string_view sql) {
  std::string text;
  bool is_apart = false;
  for (const char c : sql) {
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
      is_apart = !text.empty();
      continue;
    }
    if (text.size() >= kSqlSizeMax) return text + " …";
    if (is_apart) text += ' ';
    is_apart = false;
    text += c;
  }
  return text;
}

}  // namespace

Status StatementLogOptions::validate() const {
  if (slow_after < std::chrono::milliseconds(0) || slow_after > std::chrono::hours(24)) {
    return fail(ErrorCode::kInvalidArgument,
                "StatementLogOptions.slow_after is 0 to 86400000 milliseconds");
  }
  return {};
}

void StatementLog::on_statement(std::string_view sql, std::chrono::microseconds duration,
                                const Error* error) {
  const bool is_slow = options_.slow_after.count() > 0 && duration >= options_.slow_after;
  if (!is_slow && !(options_.logs_every && logger_.is_on(LogLevel::kDebug))) return;
  const std::string text = shortened(sql);
  const LogField fields[] = {
      {"duration_ms", static_cast<double>(duration.count()) / 1'000},
      {"sql", text},
      {"outcome", error == nullptr ? std::string_view("OK") : name(error->code)}};
  logger_.write(is_slow ? LogLevel::kWarning : LogLevel::kDebug,
                is_slow ? "slow statement" : "statement", fields);
}

}  // namespace katip::store
