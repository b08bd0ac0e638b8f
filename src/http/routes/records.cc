#include "http/routes/records.h"

/// Tested by tests/e2e/test_records_api.py.
namespace katip::http {

void add_record_routes(RouteTable& table, const RecordServices& services,
                       std::optional<std::chrono::seconds> keep_jobs_for, app::Audit& audit) {
  add_job_routes(table, services.jobs, services.waveforms, keep_jobs_for, audit);
  add_transcript_routes(table, services.jobs, services.edits, audit);
  add_feedback_routes(table, services.feedback, audit);
  add_lexicon_routes(table, services.lexicon, audit);
  add_log_routes(table, services.logs);
  add_converted_sound_routes(table, services.sounds, audit);
  add_profile_routes(table, services.profiles, audit);
  add_state_routes(table, services.state);
}

}  // namespace katip::http
