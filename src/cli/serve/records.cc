#include "cli/serve/records.h"

#include <system_error>
#include <utility>

/// Tested by tests/e2e/test_records_api.py.
namespace katip::cli {

namespace fs = std::filesystem;

Records::Records(jobs::Queue& queue, Rng& rng, const app::MediaShelf& shelf, Log& log,
                 std::unique_ptr<profiles::ProfileStore> profiles)
    : state_file_(shelf.data_dir() / "state.json"),
      logger_(log, "records"),
      profile_store_(std::move(profiles)),
      state_store_(queue.clock()),
      jobs_(queue, shelf),
      waveforms_(jobs_),
      edits_(queue.pool(), queue.clock(), rng),
      feedback_(queue),
      lexicon_(queue.pool(), queue.clock(), rng),
      logs_(queue.pool(), shelf.data_dir() / "fallback", queue.clock(), rng),
      sounds_(queue.pool(), queue.clock(), rng),
      profiles_(*profile_store_),
      state_(state_store_) {}

Result<std::unique_ptr<Records>> Records::open(jobs::Queue& queue, Rng& rng,
                                               const app::MediaShelf& shelf, Log& log) {
  auto profiles = KATIP_TRY(profiles::FileProfiles::open(shelf.data_dir() / "profiles"));
  std::unique_ptr<Records> records(new Records(queue, rng, shelf, log, std::move(profiles)));
  records->load_state();
  return records;
}

void Records::load_state() {
  const Status loaded = state_store_.load(state_file_);
  if (loaded) return;
  const fs::path aside = state_file_.string() + ".damaged";
  std::error_code error;
  fs::rename(state_file_, aside, error);
  logger_.error("state of before could not be read; it begins empty",
                {{"error_message", loaded.error().message}, {"kept_as", aside.string()}});
}

void Records::save_state() {
  const Status saved = state_store_.save(state_file_);
  if (saved) return;
  logger_.warning("state could not be saved", {{"error_message", saved.error().message}});
}

http::RecordServices Records::services() {
  return {.jobs = jobs_,
          .waveforms = waveforms_,
          .edits = edits_,
          .feedback = feedback_,
          .lexicon = lexicon_,
          .logs = logs_,
          .sounds = sounds_,
          .profiles = profiles_,
          .state = state_};
}

}  // namespace katip::cli
