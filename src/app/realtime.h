#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "app/principal.h"
#include "app/realtime_audio.h"
#include "app/transcriptions.h"

namespace katip::app {

/// Transcription of what is being said: pieces of speech go through the queue as short recordings,
/// before everything that nobody waits for.
///
/// Threads:  thread-safe.
/// Lifetime: transcriptions outlives it.
class Realtime {
 public:
  /// `detector` may be null: then who speaks has to say where a piece ends. `temporary_dir` lies on
  /// the disk of the data folder.
  Realtime(Transcriptions& transcriptions, std::shared_ptr<const engine::VoiceDetector> detector,
           std::filesystem::path temporary_dir)
      : transcriptions_(transcriptions),
        detector_(std::move(detector)),
        temporary_dir_(std::move(temporary_dir)) {}

  [[nodiscard]] bool can_hear() const { return detector_ != nullptr; }
  /// Only where can_hear().
  [[nodiscard]] std::unique_ptr<VoiceTurns> turns(const TurnOptions& options) const;

  struct Piece {
    std::span<const std::int16_t> samples;
    int sample_rate = 24'000;
    TranscriptionArgs args = {};
    std::string request_id = {};
    std::optional<std::chrono::seconds> keep_for = {};
  };
  /// Errors: those of Transcriptions::start(), and of writing the file.
  Result<Submitted> transcribe(const Principal& principal, const Piece& piece,
                               LiveObserver observer);
  void abandon(const Submitted& submitted) { transcriptions_.abandon(submitted); }

 private:
  Transcriptions& transcriptions_;
  const std::shared_ptr<const engine::VoiceDetector> detector_;
  const std::filesystem::path temporary_dir_;
};

}  // namespace katip::app
