#include "cli/accounts/command_audit.h"

#include <array>

#include <pwd.h>
#include <unistd.h>

#include "app/role.h"
#include "base/clock.h"
#include "cli/logging.h"

/// Tested by tests/e2e/test_audit.py.
namespace katip::cli {
namespace {

/// Its number, where the system has no name for it.
std::string user_name() {
  constexpr std::size_t kEntrySizeMax = 16 << 10;
  std::array<char, kEntrySizeMax> bytes{};
  passwd entry{};
  passwd* found = nullptr;
  const uid_t user = ::getuid();
  if (::getpwuid_r(user, &entry, bytes.data(), bytes.size(), &found) == 0 && found != nullptr) {
    return entry.pw_name;
  }
  return std::to_string(user);
}

}  // namespace

app::Principal person_at_the_terminal() {
  app::Principal principal = app::command_principal();
  principal.name = "cli:" + user_name();
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

}  // namespace katip::cli
