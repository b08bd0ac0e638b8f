#pragma once

#include <functional>
#include <string>
#include <vector>

#include <boost/json/fwd.hpp>

#include "app/accounts.h"
#include "app/audit.h"
#include "cli/session.h"

namespace katip::cli {

/// What the commands about users and keys work with.
struct AccountWork {
  const Arguments& arguments;
  Session& session;
  app::Accounts& accounts;
  app::Audit& audit;
  app::Principal who;

  void print(const std::string& line) const { session.terminal.write(line + "\n"); }
  void print_json(const boost::json::value& value) const;
  void say(const std::string& message) const { session.terminal.say(Level::kInfo, message); }
  [[nodiscard]] bool is_json() const { return arguments.has("--json"); }
  [[nodiscard]] std::stop_token stop() const { return session.signals.token(); }
  void record(const std::string& action, const std::string& target_kind,
              const std::string& target_id, const std::string& details = "{}") const;
};

/// Opens what they need, runs one, and gives the exit code.
int run_account_command(const Arguments& arguments, Session& session,
                        const std::function<Status(const AccountWork&)>& body);

/// Lines of cells, the first one a heading, in columns as wide as their widest cell.
std::string table_text(const std::vector<std::vector<std::string>>& lines);

/// "2026-03-01 12:00", or "-".
std::string short_time(const std::optional<app::AccountTime>& time);
/// As JSON: "2026-03-01T12:00:00.000Z", or null.
boost::json::value json_time(const std::optional<app::AccountTime>& time);

/// "90d", "12h", "2027-01-31" or "2027-01-31T12:00:00Z" as a time.
///
/// Errors: kInvalidArgument for other texts, and for times that are over.
Result<app::AccountTime> parse_expiry(const std::string& text, app::AccountTime now);

}  // namespace katip::cli
