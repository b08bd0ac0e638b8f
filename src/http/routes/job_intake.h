#pragma once

#include <chrono>
#include <optional>

#include "app/audit.h"
#include "app/intake.h"
#include "app/model_names.h"
#include "http/route.h"

namespace katip::http {

/// What a request gets that does not say it.
struct JobDefaults {
  app::TranscriptionArgs args = {};
  std::optional<std::chrono::seconds> keep_for = {};  ///< Nothing: for ever.
};

/// POST /api/v1/jobs (a form with the file, or JSON with an upload or an address) and
/// GET /api/v1/jobs/{job_id}/events.
///
/// Lifetime: intake, models and audit outlive the table.
void add_job_intake_routes(RouteTable& table, app::Intake& intake, const app::ModelNames& models,
                           const JobDefaults& defaults, app::Audit& audit);

}  // namespace katip::http
