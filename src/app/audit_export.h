#pragma once

#include <string>
#include <string_view>

#include "store/audit_store.h"

/// Records of the audit log as lines of a CSV file; names come from outside (csv_outside_field()).
namespace katip::app {

std::string_view audit_csv_head();
std::string audit_csv_line(const store::AuditRecord& record);

}  // namespace katip::app
