#pragma once

#include <chrono>
#include <optional>

#include "app/audit.h"
#include "http/record_services.h"
#include "http/route.h"

namespace katip::http {

/// Everything under /api/v1 that people do with their records. Each file of this folder that begins
/// with the name has one group. What is changed goes into the audit log.
void add_job_routes(RouteTable& table, app::Jobs& jobs, app::Waveforms& waveforms,
                    std::optional<std::chrono::seconds> keep_jobs_for, app::Audit& audit);
void add_transcript_routes(RouteTable& table, app::Jobs& jobs, app::TranscriptEdits& edits,
                           app::Audit& audit);
void add_feedback_routes(RouteTable& table, app::FeedbackDesk& feedback, app::Audit& audit);
void add_lexicon_routes(RouteTable& table, app::Lexicon& lexicon, app::Audit& audit);
void add_log_routes(RouteTable& table, app::LogBook& logs);
void add_converted_sound_routes(RouteTable& table, app::ConvertedSounds& sounds, app::Audit& audit);
void add_profile_routes(RouteTable& table, app::Profiles& profiles, app::Audit& audit);
void add_state_routes(RouteTable& table, app::SharedState& state);

/// `keep_jobs_for`: how long jobs stay that do not say it themselves; nothing: for ever.
void add_record_routes(RouteTable& table, const RecordServices& services,
                       std::optional<std::chrono::seconds> keep_jobs_for, app::Audit& audit);

}  // namespace katip::http
