#include "cli/accounts/command_audit.h"

#include "app/role.h"
#include "base/clock.h"
#include "cli/accounts/operating_system_user.h"
#include "cli/logging.h"
#include "cli/queue/database.h"

/// Tested by tests/e2e/test_audit.py.
namespace katip::cli {

app::Principal person_at_the_terminal() {
  app::Principal principal = app::command_principal();
  principal.name = "cli:" + operating_system_user();
  return principal;
}

void CommandAudit::record(const app::AuditEvent& event) {
  if (!audit_) {
    LogOptions options = log_options(settings_, {});
    options.console = LogConsole::kOff;
    auto log = Log::open(options);
    if (log) {
      log_ = *std::move(log);
    } else {
      session_.terminal.say(Level::kWarning, "audit.log gets no line: " + log.error().message);
    }
    audit_.emplace(pool_, session_.clock, system_rng(), log_.get());
  }
  audit_->record(who_, event, {});
}

void record_if_any(const Settings& settings, Session& session, const app::AuditEvent& event) {
  const auto pool = open_records_if_any(settings, session);
  if (!pool) {
    session.terminal.say(Level::kWarning,
                         "the audit trail does not tell of it: " + pool.error().message);
  } else if (*pool != nullptr) {
    CommandAudit(settings, session, **pool).record(event);
  }
}

}  // namespace katip::cli
