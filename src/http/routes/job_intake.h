#pragma once

#include "app/intake.h"
#include "app/model_names.h"
#include "http/route.h"

namespace katip::http {

/// POST /api/v1/jobs (a form with the file, or JSON with an upload or an address) and
/// GET /api/v1/jobs/{job_id}/events.
///
/// Lifetime: intake and models outlive the table. `defaults`: options of a request that says
/// nothing.
void add_job_intake_routes(RouteTable& table, app::Intake& intake, const app::ModelNames& models,
                           const app::TranscriptionArgs& defaults);

}  // namespace katip::http
