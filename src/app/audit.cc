#include "app/audit.h"

#include "base/utf8.h"

/// Tested by audit_test.cc.
namespace katip::app {
namespace {

constexpr int kPageSizeMax = 200;
constexpr std::size_t kActorSizeMax = 200;
constexpr std::size_t kTargetSizeMax = 200;
constexpr std::size_t kDetailsSizeMax = 4'000;
constexpr std::size_t kIpSizeMin = 2;
constexpr std::size_t kIpSizeMax = 45;

std::string_view kind_of(const Principal& who) {
  switch (who.kind) {
    case PrincipalKind::kUser:
      return "user";
    case PrincipalKind::kApiKey:
      return "api_key";
    case PrincipalKind::kCommand:
      return "command";
    case PrincipalKind::kOpen:
      break;
  }
  return "system";
}

std::optional<std::string> text_or_nothing(const std::string& text, std::size_t size_max) {
  if (text.empty() || !is_utf8(text) || text.contains('\0')) return std::nullopt;
  return text.substr(0, cut_size(text, size_max));
}

AuditRecord to_record(const Principal& who, const AuditEvent& event, std::string id,
                      store::Timestamp now) {
  return {.id = std::move(id),
          .actor_kind = std::string(kind_of(who)),
          .actor = text_or_nothing(who.name, kActorSizeMax).value_or("unknown"),
          .action = event.action,
          .target_kind = text_or_nothing(event.target_kind, 50),
          .target_id = text_or_nothing(event.target_id, kTargetSizeMax),
          .request_id = text_or_nothing(event.request_id, 128),
          .ip = event.ip.size() < kIpSizeMin ? std::nullopt : text_or_nothing(event.ip, kIpSizeMax),
          .created_at = now,
          .details = event.details.size() > kDetailsSizeMax ? R"({"is_cut":true})" : event.details};
}

}  // namespace

Audit::Audit(store::Pool& pool, const Clock& clock, Rng& rng, Log* log)
    : pool_(pool), clock_(clock), ids_(clock, rng) {
  if (log == nullptr) return;
  lines_ = Logger(*log, "audit", LogChannel::kAudit);
  problems_ = Logger(*log, "audit");
}

void Audit::record(const Principal& who, const AuditEvent& event, std::stop_token stop) {
  const AuditRecord record =
      to_record(who, event, ids_.next(), store::to_timestamp(clock_.calendar()));
  lines_.info("audit", {{"id", record.id},
                        {"actor_kind", record.actor_kind},
                        {"actor", record.actor},
                        {"action", record.action},
                        {"target_kind", record.target_kind.value_or("")},
                        {"target_id", record.target_id.value_or("")},
                        {"request_id", record.request_id.value_or("")},
                        {"ip", record.ip.value_or("")},
                        {"details", record.details}});
  const auto connection = pool_.acquire(std::move(stop));
  const Status status = connection ? store::insert_audit_record(**connection, record)
                                   : Status(std::unexpected(connection.error()));
  if (!status) {
    problems_.error("an audit record is in audit.log only",
                    {{"id", record.id}, {"error", status.error().message}});
  }
}

Result<std::vector<AuditRecord>> Audit::list(const Principal& who, const AuditFilter& filter,
                                             int count_max, std::stop_token stop) {
  if (!who.may(Permission::kAdminister)) {
    return fail(ErrorCode::kPermissionDenied, "this needs the permission `admin`");
  }
  if (count_max < 1 || count_max > kPageSizeMax) {
    return fail(ErrorCode::kInvalidArgument, "a page has 1 to 200 records");
  }
  const store::PooledConnection connection = KATIP_TRY(pool_.acquire(std::move(stop)));
  return store::list_audit_records(*connection, filter, count_max);
}

Result<std::int64_t> Audit::prune(std::chrono::days kept, std::stop_token stop) {
  constexpr int kPiece = 1'000;
  const store::Timestamp before = store::to_timestamp(clock_.calendar()) - kept;
  std::int64_t count = 0;
  std::int64_t piece = kPiece;
  while (piece == kPiece && !stop.stop_requested()) {
    const store::PooledConnection connection = KATIP_TRY(pool_.acquire(stop));
    piece = KATIP_TRY(store::prune_audit_records(*connection, before, kPiece));
    count += piece;
  }
  return count;
}

}  // namespace katip::app
