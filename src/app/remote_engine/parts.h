#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

#include "base/result.h"

/// The pieces of a recording that are sent one by one.
namespace katip::app {

/// Where to cut: at the quietest place of the last quarter, or at the end when there is no more
/// than fits. A multiple of 16, so that it is a whole millisecond.
///
/// Shapes: pcm [n] at 16 kHz; the result is within [size_max * 3 / 4, size_max] when n > size_max.
/// Threads: pure.
std::size_t cut_point(std::span<const float> pcm, std::size_t size_max);

/// Whether there is no sound at all.
bool is_silent(std::span<const float> pcm);

/// A WAV file of 16-bit mono at 16 kHz. Very short sound gets silence behind it: providers refuse
/// less than a tenth of a second.
///
/// Errors: those of writing a file.
Status write_wav(const std::filesystem::path& path, std::span<const float> pcm);

}  // namespace katip::app
