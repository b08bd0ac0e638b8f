#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/decode/window_decoder.h"
#include "engine/engine.h"
#include "engine/transcribe/segments.h"
#include "engine/windows/time_map.h"

namespace katip::engine {

/// The words of each segment of a window that was decoded with word times.
///
/// Shapes:  one list a segment. `file_ms` turns a frame of the window into a time of the file.
/// Threads: pure.
std::vector<std::vector<Word>> words_of_window(
    const DecodedWindow& decoded, std::span<const WindowSegment> segments,
    const Tokenizer& tokenizer, const ModelConfig& config, std::string_view language,
    const std::function<std::int64_t(int, Edge)>& file_ms);

}  // namespace katip::engine
