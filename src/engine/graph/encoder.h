#pragma once

#include <memory>

#include "base/result.h"
#include "engine/engine.h"
#include "engine/features/mel.h"
#include "engine/graph/caches.h"
#include "engine/model/model_files.h"

namespace katip::engine {

class Runtime;

/// The encoder half of Whisper: the log-mel frames of one window in, the decoder's cross cache out.
///
/// A window is computed at its own length, alone: what else is decoded at the time cannot change
/// it.
///
/// Threads: one thread.
class Encoder {
 public:
  static Result<std::unique_ptr<Encoder>> create(Runtime& runtime, const ModelFiles& files,
                                                 Precision precision);
  virtual ~Encoder() = default;

  /// Shapes:  mel [mel_count, frame_count], frame_count even, at most 3000.
  /// Errors:  kInternal with what OpenVINO said.
  virtual Result<std::unique_ptr<CrossCache>> encode(const Mel& mel) = 0;
};

}  // namespace katip::engine
