#include "http/routes/records.h"

/// Tested by tests/e2e/test_records_api.py.
namespace katip::http {

void add_record_routes(RouteTable& table, const RecordServices& services) {
  add_job_routes(table, services.jobs, services.waveforms);
  add_transcript_routes(table, services.jobs, services.edits);
  add_feedback_routes(table, services.feedback);
  add_lexicon_routes(table, services.lexicon);
  add_log_routes(table, services.logs);
  add_converted_sound_routes(table, services.sounds);
  add_profile_routes(table, services.profiles);
  add_state_routes(table, services.state);
}

}  // namespace katip::http
