#include "app/audit_export.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/records/csv.h"
#include "app/timestamp.h"

/// Tested by audit_export_test.cc.
namespace katip::app {

std::string_view audit_csv_head() {
  return "created_at,actor_kind,actor,action,target_kind,target_id,request_id,ip,details,id\n";
}

std::string audit_csv_line(const store::AuditRecord& record) {
  const auto text = [](const std::optional<std::string>& field) {
    return csv_outside_field(field.value_or(""));
  };
  const std::string fields[] = {to_text(record.created_at),
                                record.actor_kind,
                                text(record.actor),
                                text(record.action),
                                text(record.target_kind),
                                text(record.target_id),
                                text(record.request_id),
                                text(record.ip),
                                text(record.details == "{}" ? "" : record.details),
                                record.id};
  return fmt::format("{}\n", fmt::join(fields, ","));
}

}  // namespace katip::app
