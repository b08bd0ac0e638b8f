#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/principal.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "base/uuid.h"
#include "store/audit_store.h"
#include "store/pool.h"

namespace katip::app {

using AuditRecord = store::AuditRecord;
using AuditFilter = store::AuditFilter;

/// What somebody did.
struct AuditEvent {
  std::string action;            ///< "key.create": what kind of thing, a dot, what was done.
  std::string target_kind = {};  ///< "api_key"; empty: none.
  std::string target_id = {};
  std::string request_id = {};
  std::string ip = {};
  /// A JSON object without secrets and without what people said. One of more than 4,000 bytes is
  /// replaced by {"is_cut":true}.
  std::string details = "{}";
};

/// Who did what to what: rows that are never changed, and lines of audit.log, so that either one
/// is there when the other is lost.
///
/// Threads:  thread-safe.
/// Lifetime: pool, clock, rng and log outlive it.
class Audit {
 public:
  /// Without a log only rows are written.
  Audit(store::Pool& pool, const Clock& clock, Rng& rng, Log* log);

  /// What was done stays done when it cannot be written down: an error of the database goes to the
  /// log, with the whole event in the line before it.
  void record(const Principal& who, const AuditEvent& event, std::stop_token stop);

  /// The newest first. Units: count_max is 1 to 200.
  ///
  /// Errors: kPermissionDenied for whoever may not administer; kInvalidArgument.
  Result<std::vector<AuditRecord>> list(const Principal& who, const AuditFilter& filter,
                                        int count_max, std::stop_token stop);
  /// Forgets what is older than `kept`, and says how many.
  Result<std::int64_t> prune(std::chrono::days kept, std::stop_token stop);

 private:
  store::Pool& pool_;
  const Clock& clock_;
  UuidSource ids_;
  Logger lines_;
  Logger problems_;
};

}  // namespace katip::app
