#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

/// Recordings made on the spot, so that tests know what must come out.
namespace katip::audio {

using Bytes = std::vector<uint8_t>;

/// A sine of `amplitude` in every channel, channel c at (c + 1) * `frequency` Hz, interleaved.
struct Tone {
  int sample_rate = 16'000;
  int channel_count = 1;
  double seconds = 1.0;
  double frequency = 440.0;
  double amplitude = 0.5;
};
std::vector<double> make_tone(const Tone& tone);

enum class WavSamples { kU8, kS16, kS24, kS32, kF32, kF64, kMuLaw, kALaw };

/// A RIFF file; channel_mask 0 gives a plain format chunk without a layout.
Bytes make_wav(std::span<const double> pcm, int sample_rate, int channel_count, WavSamples samples,
               uint32_t channel_mask = 0);

/// AIFF, 16 bits.
Bytes make_aiff(std::span<const double> pcm, int sample_rate, int channel_count);

/// Sun .au, mu-law, with the length left open as a pipe would.
Bytes make_au(std::span<const double> pcm, int sample_rate);

/// AMR narrow band: 20 ms frames of the 12.2 kbit/s mode with all parameters zero.
Bytes make_amr(int frame_count);

/// FLAC at 8 kHz: silence, 15 bytes for each 8.19 s, and a header that does not say how long.
Bytes make_silent_flac(int64_t seconds);

}  // namespace katip::audio
