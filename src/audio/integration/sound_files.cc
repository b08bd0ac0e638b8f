#include "audio/integration/sound_files.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numbers>
#include <string_view>

namespace katip::audio {
namespace {

void put_text(Bytes& out, std::string_view text) {
  out.insert(out.end(), text.begin(), text.end());
}

void put_le(Bytes& out, uint64_t value, int size) {
  for (int i = 0; i < size; ++i) {
    out.push_back(static_cast<uint8_t>(value >> (8 * i)));
  }
}

void put_be(Bytes& out, uint64_t value, int size) {
  for (int i = size - 1; i >= 0; --i) {
    out.push_back(i < 8 ? static_cast<uint8_t>(value >> (8 * i)) : uint8_t{0});
  }
}

int64_t to_integer(double sample, int bits) {
  const double scale = std::ldexp(1.0, bits - 1);
  return static_cast<int64_t>(std::clamp(std::round(sample * scale), -scale, scale - 1));
}

/// ITU-T G.711, by search: the code whose decoded value is nearest. Slow and plainly right.
int decode_mu_law(int code) {
  code = ~code & 0xff;
  const int magnitude = ((((code & 0x0f) << 3) + 0x84) << ((code & 0x70) >> 4)) - 0x84;
  return (code & 0x80) != 0 ? -magnitude : magnitude;
}

int decode_a_law(int code) {
  code ^= 0x55;
  const int exponent = (code & 0x70) >> 4;
  int magnitude = ((code & 0x0f) << 4) + 8;
  if (exponent > 0) {
    magnitude = (magnitude + 0x100) << (exponent - 1);
  }
  return (code & 0x80) != 0 ? magnitude : -magnitude;
}

template <typename Decode>
uint8_t nearest_code(double sample, Decode decode) {
  const double wanted = sample * 32768.0;
  int best = 0;
  for (int code = 1; code < 256; ++code) {
    if (std::abs(decode(code) - wanted) < std::abs(decode(best) - wanted)) {
      best = code;
    }
  }
  return static_cast<uint8_t>(best);
}

struct SampleKind {
  int format;  ///< WAVE_FORMAT_*
  int size;
};

SampleKind kind_of(WavSamples samples) {
  switch (samples) {
    case WavSamples::kU8:
      return {1, 1};
    case WavSamples::kS16:
      return {1, 2};
    case WavSamples::kS24:
      return {1, 3};
    case WavSamples::kS32:
      return {1, 4};
    case WavSamples::kF32:
      return {3, 4};
    case WavSamples::kF64:
      return {3, 8};
    case WavSamples::kMuLaw:
      return {7, 1};
    case WavSamples::kALaw:
      return {6, 1};
  }
  return {0, 0};
}

void put_sample(Bytes& out, double sample, WavSamples samples) {
  switch (samples) {
    case WavSamples::kU8:
      return put_le(out, static_cast<uint64_t>(to_integer(sample, 8) + 128), 1);
    case WavSamples::kS16:
    case WavSamples::kS24:
    case WavSamples::kS32: {
      const int size = kind_of(samples).size;
      return put_le(out, static_cast<uint64_t>(to_integer(sample, 8 * size)), size);
    }
    case WavSamples::kF32:
      return put_le(out, std::bit_cast<uint32_t>(static_cast<float>(sample)), 4);
    case WavSamples::kF64:
      return put_le(out, std::bit_cast<uint64_t>(sample), 8);
    case WavSamples::kMuLaw:
      return out.push_back(nearest_code(sample, decode_mu_law));
    case WavSamples::kALaw:
      return out.push_back(nearest_code(sample, decode_a_law));
  }
}

uint8_t crc8(std::span<const uint8_t> bytes) {
  uint8_t crc = 0;
  for (const uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) {
      crc = static_cast<uint8_t>((crc << 1) ^ ((crc & 0x80) != 0 ? 0x07 : 0));
    }
  }
  return crc;
}

uint16_t crc16(std::span<const uint8_t> bytes) {
  uint16_t crc = 0;
  for (const uint8_t byte : bytes) {
    crc = static_cast<uint16_t>(crc ^ (byte << 8));
    for (int bit = 0; bit < 8; ++bit) {
      crc = static_cast<uint16_t>((crc << 1) ^ ((crc & 0x8000) != 0 ? 0x8005 : 0));
    }
  }
  return crc;
}

/// A frame number as FLAC spells it, which is UTF-8's way.
void put_utf8(Bytes& out, uint32_t value) {
  if (value < 0x80) {
    out.push_back(static_cast<uint8_t>(value));
  } else if (value < 0x800) {
    out.push_back(static_cast<uint8_t>(0xc0 | (value >> 6)));
    out.push_back(static_cast<uint8_t>(0x80 | (value & 0x3f)));
  } else {
    out.push_back(static_cast<uint8_t>(0xe0 | (value >> 12)));
    out.push_back(static_cast<uint8_t>(0x80 | ((value >> 6) & 0x3f)));
    out.push_back(static_cast<uint8_t>(0x80 | (value & 0x3f)));
  }
}

}  // namespace

std::vector<double> make_tone(const Tone& tone) {
  std::vector<double> pcm;
  const auto count = static_cast<int64_t>(tone.seconds * tone.sample_rate);
  for (int64_t i = 0; i < count; ++i) {
    for (int channel = 0; channel < tone.channel_count; ++channel) {
      const double phase = 2 * std::numbers::pi * tone.frequency * (channel + 1) *
                           static_cast<double>(i) / tone.sample_rate;
      pcm.push_back(tone.amplitude * std::sin(phase));
    }
  }
  return pcm;
}

Bytes make_wav(std::span<const double> pcm, int sample_rate, int channel_count, WavSamples samples,
               uint32_t channel_mask) {
  const auto [format, size] = kind_of(samples);
  const int row_size = size * channel_count;
  const uint64_t data_size = pcm.size() * static_cast<uint64_t>(size);
  const bool is_extensible = channel_mask != 0;
  Bytes out;
  put_text(out, "RIFF");
  put_le(out, data_size + (is_extensible ? 60 : 36), 4);
  put_text(out, "WAVEfmt ");
  put_le(out, is_extensible ? 40 : 16, 4);
  put_le(out, is_extensible ? 0xfffe : static_cast<uint64_t>(format), 2);
  put_le(out, static_cast<uint64_t>(channel_count), 2);
  put_le(out, static_cast<uint64_t>(sample_rate), 4);
  put_le(out, static_cast<uint64_t>(sample_rate) * static_cast<uint64_t>(row_size), 4);
  put_le(out, static_cast<uint64_t>(row_size), 2);
  put_le(out, static_cast<uint64_t>(8 * size), 2);
  if (is_extensible) {
    put_le(out, 22, 2);
    put_le(out, static_cast<uint64_t>(8 * size), 2);
    put_le(out, channel_mask, 4);
    put_le(out, static_cast<uint64_t>(format), 2);
    put_text(out, std::string_view("\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71", 14));
  }
  put_text(out, "data");
  put_le(out, data_size, 4);
  for (const double sample : pcm) {
    put_sample(out, sample, samples);
  }
  return out;
}

Bytes make_aiff(std::span<const double> pcm, int sample_rate, int channel_count) {
  const uint64_t data_size = pcm.size() * 2;
  Bytes out;
  put_text(out, "FORM");
  put_be(out, 4 + 26 + 16 + data_size, 4);
  put_text(out, "AIFFCOMM");
  put_be(out, 18, 4);
  put_be(out, static_cast<uint64_t>(channel_count), 2);
  put_be(out, pcm.size() / static_cast<size_t>(channel_count), 4);
  put_be(out, 16, 2);
  const int exponent = static_cast<int>(std::bit_width(static_cast<unsigned>(sample_rate))) - 1;
  put_be(out, static_cast<uint64_t>(16383 + exponent), 2);  // an 80-bit float
  put_be(out, static_cast<uint64_t>(sample_rate) << (63 - exponent), 8);
  put_text(out, "SSND");
  put_be(out, 8 + data_size, 4);
  put_be(out, 0, 8);
  for (const double sample : pcm) {
    put_be(out, static_cast<uint64_t>(to_integer(sample, 16)), 2);
  }
  return out;
}

Bytes make_au(std::span<const double> pcm, int sample_rate) {
  Bytes out;
  put_text(out, ".snd");
  put_be(out, 24, 4);
  put_be(out, 0xffffffff, 4);
  put_be(out, 1, 4);
  put_be(out, static_cast<uint64_t>(sample_rate), 4);
  put_be(out, 1, 4);
  for (const double sample : pcm) {
    put_sample(out, sample, WavSamples::kMuLaw);
  }
  return out;
}

Bytes make_amr(int frame_count) {
  Bytes out;
  put_text(out, "#!AMR\n");
  for (int i = 0; i < frame_count; ++i) {
    out.push_back(0x3c);
    out.insert(out.end(), 31, 0);
  }
  return out;
}

Bytes make_silent_flac(int64_t seconds) {
  constexpr int kRate = 8000;
  constexpr int kBlock = 65'535;
  Bytes out;
  put_text(out, "fLaC");
  put_be(out, 0x80000022, 4);  // STREAMINFO, the last block of metadata
  put_be(out, kBlock, 2);
  put_be(out, kBlock, 2);
  put_be(out, 0, 6);                                               // frame sizes unknown
  put_be(out, (uint64_t{kRate} << 44) | (uint64_t{15} << 36), 8);  // mono, 16 bits, length unknown
  put_be(out, 0, 16);                                              // no checksum
  const int64_t frame_count = (seconds * kRate + kBlock - 1) / kBlock;
  for (int64_t i = 0; i < frame_count; ++i) {
    Bytes frame;
    put_be(frame, 0xfff8, 2);
    frame.push_back(0x74);  // block size in 16 bits, 8 kHz
    frame.push_back(0x08);  // mono, 16 bits
    put_utf8(frame, static_cast<uint32_t>(i));
    put_be(frame, kBlock - 1, 2);
    frame.push_back(crc8(frame));
    put_be(frame, 0, 3);  // a constant subframe: zero
    put_be(frame, crc16(frame), 2);
    out.insert(out.end(), frame.begin(), frame.end());
  }
  return out;
}

}  // namespace katip::audio
