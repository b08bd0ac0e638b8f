#pragma once

#include <memory>
#include <span>

#include "base/result.h"
#include "engine/engine.h"
#include "engine/graph/caches.h"
#include "engine/model/model_files.h"

namespace katip::engine {

class Runtime;

/// One token of one sequence, to be computed together with the tokens of any others.
struct DecoderRow {
  int token = 0;
  int position = 0;
  const CrossCache* window = nullptr;
  /// The places of the tokens before it, oldest first, and its own (fresh, to be filled) last.
  std::span<std::byte* const> past;
  /// For word times: receives the softmax of every alignment head over the window's frames,
  /// [alignment_heads, frame_count]; null when not wanted.
  float* alignment = nullptr;
};

/// The decoder half of Whisper, which works on rows: a row is any token of any sequence, be it the
/// start of a prompt, the next token, or one of several beams. Rows of one window should stand
/// together: its keys are then read once.
///
/// A row's result does not depend on the others of its batch.
///
/// Threads: one thread.
class Decoder {
 public:
  static Result<std::unique_ptr<Decoder>> create(Runtime& runtime, const ModelFiles& files,
                                                 Precision precision);
  virtual ~Decoder() = default;

  /// Computes all rows and gives the logits of those in `logit_rows`, at least one.
  ///
  /// Shapes:   result [logit_rows, vocabulary_size], row-major; the caller may change it.
  /// Errors:   kInternal with what OpenVINO said.
  /// Lifetime: the result is valid until the next step.
  virtual Result<std::span<float>> step(std::span<const DecoderRow> rows,
                                        std::span<const int> logit_rows) = 0;

  /// Bytes of a number in the token cache: TokenCache's element_size.
  [[nodiscard]] virtual std::size_t element_size() const = 0;
};

}  // namespace katip::engine
