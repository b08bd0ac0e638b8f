#include "app/realtime_audio.h"

#include <algorithm>

/// Tested by realtime_audio_test.cc.
namespace katip::app {
namespace {

constexpr int kFrameMs = engine::kVoiceFrameSamples / 16;
/// One loud frame is a click, two are a word.
constexpr int kVoicedFrames = 2;
/// A voice that falls goes on until it is this much below the threshold.
constexpr float kHysteresis = 0.15f;

/// Source: ITU-T G.711, table 2a.
std::int16_t decode_mu_law(unsigned char code) {
  const unsigned byte = static_cast<unsigned char>(~code);
  const int magnitude =
      static_cast<int>((((byte & 0x0F) << 3) + 0x84) << ((byte & 0x70) >> 4)) - 0x84;
  return static_cast<std::int16_t>((byte & 0x80) != 0 ? -magnitude : magnitude);
}

/// Source: ITU-T G.711, table 1a.
std::int16_t decode_a_law(unsigned char code) {
  const unsigned byte = code ^ 0x55U;
  const unsigned exponent = (byte & 0x70) >> 4;
  int magnitude = static_cast<int>((byte & 0x0F) << 4) + 8;
  if (exponent > 0) magnitude = (magnitude + 0x100) << (exponent - 1);
  return static_cast<std::int16_t>((byte & 0x80) != 0 ? magnitude : -magnitude);
}

void append_number(std::string& text, std::uint32_t number, int byte_count) {
  for (int i = 0; i < byte_count; ++i) text += static_cast<char>(number >> (8 * i));
}

}  // namespace

int sample_rate_of(LiveFormat format) { return format == LiveFormat::kPcm16 ? 24'000 : 8'000; }

std::vector<std::int16_t> decode_live_audio(LiveFormat format, std::string_view bytes) {
  std::vector<std::int16_t> samples;
  if (format == LiveFormat::kPcm16) {
    samples.reserve(bytes.size() / 2);
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
      const auto low = static_cast<unsigned char>(bytes[i]);
      const auto high = static_cast<unsigned char>(bytes[i + 1]);
      samples.push_back(static_cast<std::int16_t>(low | high << 8));
    }
    return samples;
  }
  samples.reserve(bytes.size());
  for (const char byte : bytes) {
    const auto code = static_cast<unsigned char>(byte);
    samples.push_back(format == LiveFormat::kMuLaw ? decode_mu_law(code) : decode_a_law(code));
  }
  return samples;
}

std::string wav_file(std::span<const std::int16_t> samples, int sample_rate) {
  const auto size = static_cast<std::uint32_t>(samples.size() * 2);
  const auto rate = static_cast<std::uint32_t>(sample_rate);
  std::string file = "RIFF";
  file.reserve(size + 44);
  append_number(file, size + 36, 4);
  file += "WAVEfmt ";
  append_number(file, 16, 4);        // Bytes of this chunk.
  append_number(file, 1, 2);         // PCM.
  append_number(file, 1, 2);         // Channels.
  append_number(file, rate, 4);      // Samples a second.
  append_number(file, rate * 2, 4);  // Bytes a second.
  append_number(file, 2, 2);         // Bytes of one moment.
  append_number(file, 16, 2);        // Bits of a sample.
  file += "data";
  append_number(file, size, 4);
  for (const std::int16_t sample : samples) {
    append_number(file, static_cast<std::uint16_t>(sample), 2);
  }
  return file;
}

std::vector<float> LiveResampler::push(std::span<const std::int16_t> samples) {
  std::vector<float> out;
  out.reserve(static_cast<std::size_t>(static_cast<double>(samples.size()) / step_) + 1);
  for (const std::int16_t sample : samples) {
    const float value = static_cast<float>(sample) / 32'768.0f;
    for (; position_ < 1; position_ += step_) {
      const auto share = static_cast<float>(position_);
      out.push_back(last_ * (1 - share) + value * share);
    }
    position_ -= 1;
    last_ = value;
  }
  return out;
}

std::vector<TurnEvent> VoiceTurns::push(std::span<const float> pcm) {
  std::vector<TurnEvent> events;
  for (const float probability : stream_->push(pcm)) {
    ++frame_count_;
    const std::int64_t now_ms = frame_count_ * kFrameMs;
    if (!is_speaking_) {
      voiced_count_ = probability >= options_.threshold ? voiced_count_ + 1 : 0;
      if (voiced_count_ < kVoicedFrames) continue;
      is_speaking_ = true;
      silent_count_ = 0;
      const std::int64_t begin_ms = now_ms - kVoicedFrames * kFrameMs - options_.prefix_padding_ms;
      events.push_back({TurnEvent::Kind::kBegan, std::max<std::int64_t>(begin_ms, 0)});
      continue;
    }
    silent_count_ = probability < options_.threshold - kHysteresis ? silent_count_ + 1 : 0;
    if (silent_count_ * kFrameMs < options_.silence_duration_ms) continue;
    is_speaking_ = false;
    voiced_count_ = 0;
    events.push_back({TurnEvent::Kind::kEnded, now_ms});
  }
  return events;
}

}  // namespace katip::app
