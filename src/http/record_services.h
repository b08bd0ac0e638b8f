#pragma once

#include "app/converted_sounds.h"
#include "app/feedback.h"
#include "app/jobs.h"
#include "app/lexicon.h"
#include "app/log_book.h"
#include "app/profiles.h"
#include "app/shared_state.h"
#include "app/transcript_edits.h"
#include "app/waveforms.h"

namespace katip::http {

/// What the routes about records work with.
///
/// Lifetime: what is referred to outlives the table of routes.
struct RecordServices {
  app::Jobs& jobs;
  app::Waveforms& waveforms;
  app::TranscriptEdits& edits;
  app::FeedbackDesk& feedback;
  app::Lexicon& lexicon;
  app::LogBook& logs;
  app::ConvertedSounds& sounds;
  app::Profiles& profiles;
  app::SharedState& state;
};

}  // namespace katip::http
