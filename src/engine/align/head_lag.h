#pragma once

#include <span>

#include "engine/model/config.h"

namespace katip::engine {

/// How long after its heads turn to it a word is heard; negative when they turn to it late.
///
/// This differs from model to model by as much as 160 ms, and it belongs to the heads: fine-tunes
/// keep those of their model. Known for the models that bench/word_times.py was run on; 0, which is
/// what the reference does, for all others.
///
/// Units:   frames of 20 ms.
/// Threads: pure.
float head_lag_frames(std::span<const AttentionHead> heads);

}  // namespace katip::engine
