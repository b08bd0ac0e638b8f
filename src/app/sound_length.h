#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string_view>

#include "base/result.h"

/// How long a recording sounds, for rules about its length that are checked before it stands in
/// line. It is decoded, in the sandbox: what its header says may be wrong or missing.
namespace katip::app {

/// Encoders add silence to the last frame: what was cut at a limit may come out so much longer.
constexpr std::int64_t kEncoderPaddingMs = 100;

/// No further than `ms_max`, so that a long recording costs no more than the rule needs: what is
/// longer gives more than ms_max.
///
/// Errors: those of audio::AudioStream.
Result<std::int64_t> sound_length_ms(const std::filesystem::path& file, std::int64_t ms_max,
                                     std::stop_token stop);

/// The same of a recording in memory; `name` is for messages.
Result<std::int64_t> sound_length_ms(std::string_view bytes, std::string_view name,
                                     std::int64_t ms_max, std::stop_token stop);

}  // namespace katip::app
