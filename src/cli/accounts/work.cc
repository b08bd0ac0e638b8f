#include "cli/accounts/work.h"

#include <algorithm>
#include <charconv>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/utf8.h"
#include "cli/accounts/command_audit.h"
#include "cli/exit_code.h"
#include "cli/logging.h"
#include "cli/queue/database.h"

/// Tested by work_test.cc and tests/e2e/test_accounts.py.
namespace katip::cli {
namespace {

/// "90d" or "12h"; nothing for other texts.
std::optional<std::chrono::hours> parse_duration(const std::string& text) {
  if (!text.ends_with('d') && !text.ends_with('h')) return std::nullopt;
  constexpr int kCountMax = 36'500;
  int count = 0;
  const char* end = text.data() + text.size() - 1;
  const auto [rest, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc() || rest != end || count < 1 || count > kCountMax) return std::nullopt;
  return std::chrono::hours(text.ends_with('d') ? 24 * count : count);
}

}  // namespace

void AccountWork::print_json(const boost::json::value& value) const {
  print(boost::json::serialize(value));
}

void AccountWork::record(const std::string& action, const std::string& target_kind,
                         const std::string& target_id, const std::string& details) const {
  audit.record(
      who,
      {.action = action, .target_kind = target_kind, .target_id = target_id, .details = details},
      stop());
}

int run_account_command(const Arguments& arguments, Session& session,
                        const std::function<Status(const AccountWork&)>& body) {
  const auto run = [&]() -> Status {
    const Settings settings = KATIP_TRY(load_settings(arguments, session));
    const auto pool = KATIP_TRY(open_records(settings, session, {.connection_count_max = 2}));
    LogOptions log_of_files = log_options(settings, {});
    log_of_files.console = LogConsole::kOff;
    const auto log = KATIP_TRY(Log::open(log_of_files));
    const auto accounts = KATIP_TRY(app::Accounts::create(*pool, session.clock, system_rng(), {}));
    app::Audit audit(*pool, session.clock, system_rng(), log.get());
    return body({.arguments = arguments,
                 .session = session,
                 .accounts = *accounts,
                 .audit = audit,
                 .who = person_at_the_terminal()});
  };
  const Status status = run();
  return status ? kExitSuccess : report(status.error(), session);
}

std::string table_text(const std::vector<std::vector<std::string>>& lines) {
  std::vector<std::size_t> widths;
  for (const auto& line : lines) {
    widths.resize(std::max(widths.size(), line.size()));
    for (std::size_t i = 0; i < line.size(); ++i) {
      widths[i] = std::max(widths[i], character_count(line[i]));
    }
  }
  std::string text;
  for (const auto& line : lines) {
    std::string row;
    for (std::size_t i = 0; i < line.size(); ++i) {
      row += printable(line[i]) + std::string(widths[i] - character_count(line[i]) + 2, ' ');
    }
    text += row.substr(0, row.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

std::string short_time(const std::optional<app::AccountTime>& time) {
  if (!time) return "-";
  std::string text = store::to_text(*time).substr(0, 16);
  std::ranges::replace(text, 'T', ' ');
  return text;
}

boost::json::value json_time(const std::optional<app::AccountTime>& time) {
  if (!time) return nullptr;
  return boost::json::value(store::to_text(*time));
}

Result<app::AccountTime> parse_expiry(const std::string& text, app::AccountTime now) {
  if (const auto duration = parse_duration(text)) return now + *duration;
  constexpr std::size_t kDateSize = 10;
  const auto time = store::parse_timestamp(text.size() == kDateSize ? text + "T00:00:00Z" : text);
  if (!time) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("`{}` is no time; write 90d, 12h, 2027-01-31 or 2027-01-31T12:00:00Z",
                            printable(text)));
  }
  if (*time <= now) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} is over already", printable(text)));
  }
  return *time;
}

}  // namespace katip::cli
