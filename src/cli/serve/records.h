#pragma once

#include <filesystem>
#include <memory>

#include "app/converted_sounds.h"
#include "app/feedback.h"
#include "app/jobs.h"
#include "app/lexicon.h"
#include "app/log_book.h"
#include "app/profiles.h"
#include "app/shared_state.h"
#include "app/transcript_edits.h"
#include "app/waveforms.h"
#include "base/log.h"
#include "base/result.h"
#include "http/record_services.h"
#include "jobs/queue.h"
#include "profiles/file_profiles.h"
#include "state/memory_state.h"

namespace katip::cli {

/// The use cases about records, with what they keep in the data folder: profiles/, fallback/ and
/// state.json.
///
/// Threads:  services() is used by all threads of the server; save_state() by one.
/// Lifetime: queue, rng and log outlive it.
class Records {
 public:
  /// Errors: those of the folder of profiles. A state.json that is damaged is put aside and logged.
  static Result<std::unique_ptr<Records>> open(jobs::Queue& queue, Rng& rng,
                                               const app::MediaShelf& shelf, Log& log);

  [[nodiscard]] http::RecordServices services();
  /// Logs what goes wrong: state is what may be lost.
  void save_state();

 private:
  Records(jobs::Queue& queue, Rng& rng, const app::MediaShelf& shelf, Log& log,
          std::unique_ptr<profiles::ProfileStore> profiles);
  void load_state();

  const std::filesystem::path state_file_;
  const Logger logger_;
  std::unique_ptr<profiles::ProfileStore> profile_store_;
  state::MemoryState state_store_;
  app::Jobs jobs_;
  app::Waveforms waveforms_;
  app::TranscriptEdits edits_;
  app::FeedbackDesk feedback_;
  app::Lexicon lexicon_;
  app::LogBook logs_;
  app::ConvertedSounds sounds_;
  app::Profiles profiles_;
  app::SharedState state_;
};

}  // namespace katip::cli
