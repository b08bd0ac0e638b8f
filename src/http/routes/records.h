#pragma once

#include "http/record_services.h"
#include "http/route.h"

namespace katip::http {

/// Everything under /api/v1 that people do with their records. Each file of this folder that begins
/// with the name has one group.
void add_job_routes(RouteTable& table, app::Jobs& jobs, app::Waveforms& waveforms);
void add_transcript_routes(RouteTable& table, app::Jobs& jobs, app::TranscriptEdits& edits);
void add_feedback_routes(RouteTable& table, app::FeedbackDesk& feedback);
void add_lexicon_routes(RouteTable& table, app::Lexicon& lexicon);
void add_log_routes(RouteTable& table, app::LogBook& logs);
void add_converted_sound_routes(RouteTable& table, app::ConvertedSounds& sounds);
void add_profile_routes(RouteTable& table, app::Profiles& profiles);
void add_state_routes(RouteTable& table, app::SharedState& state);

void add_record_routes(RouteTable& table, const RecordServices& services);

}  // namespace katip::http
