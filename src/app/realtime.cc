#include "app/realtime.h"

#include <fmt/format.h>

#include "base/assert.h"
#include "base/atomic_file.h"
#include "base/clock.h"
#include "base/uuid.h"

/// Tested by tests/e2e/test_realtime.py.
namespace katip::app {

std::unique_ptr<VoiceTurns> Realtime::turns(const TurnOptions& options) const {
  KATIP_ASSERT(can_hear());
  return std::make_unique<VoiceTurns>(detector_->stream(), options);
}

Result<Submitted> Realtime::transcribe(const Principal& principal, const Piece& piece,
                                       LiveObserver observer) {
  static UuidSource names(system_clock(), system_rng());
  const std::filesystem::path file = temporary_dir_ / fmt::format("realtime-{}.wav", names.next());
  KATIP_TRY(write_file_atomically(file, wav_file(piece.samples, piece.sample_rate)));
  auto submitted = transcriptions_.start(principal, file,
                                         {.name = "realtime.wav",
                                          .media_type = "audio/wav",
                                          .args = piece.args,
                                          .request_id = piece.request_id,
                                          .keep_for = piece.keep_for},
                                         std::move(observer), {});
  if (!submitted) {
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
  }
  return submitted;
}

}  // namespace katip::app
