#pragma once

#include <memory>
#include <optional>

#include "app/audit.h"
#include "app/principal.h"
#include "base/log.h"
#include "cli/session.h"
#include "store/pool.h"

namespace katip::cli {

/// Who sits at the command line, by the operating system: "cli:ayse".
app::Principal person_at_the_terminal();

/// What a command did, for the audit trail: with the names that routes of the server have for the
/// same deeds. Where audit.log cannot be written there is the row alone, and a warning.
///
///   CommandAudit audit(settings, session, *pool);
///   audit.record({.action = "task.retry", .target_kind = "task", .target_id = id});
///
/// Threads:  one thread.
/// Lifetime: settings, session and pool outlive it.
class CommandAudit {
 public:
  CommandAudit(const Settings& settings, Session& session, store::Pool& pool)
      : settings_(settings), session_(session), pool_(pool) {}

  [[nodiscard]] const app::Principal& who() const { return who_; }
  void record(const app::AuditEvent& event);

 private:
  const Settings& settings_;
  Session& session_;
  store::Pool& pool_;
  app::Principal who_ = person_at_the_terminal();
  // Opened by the first deed: most commands only look.
  std::unique_ptr<Log> log_ = {};
  std::optional<app::Audit> audit_ = {};
};

/// The same for a command that works without a database: where there is none yet nobody keeps a
/// trail, and one that cannot be opened is a warning, as the deed is done.
void record_if_any(const Settings& settings, Session& session, const app::AuditEvent& event);

}  // namespace katip::cli
