// Log-mel features, and the voice activity network, of a window of noise: neither depends on what
// is heard. `x_real_time` is seconds of audio in a second.
#include <random>
#include <vector>

#include <benchmark/benchmark.h>

#include "engine/features/mel.h"
#include "engine/voice/vad.h"

namespace katip::engine {
namespace {

constexpr int kSampleRate = 16000;

std::vector<float> noise(std::size_t sample_count) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> level(-0.5f, 0.5f);
  std::vector<float> pcm(sample_count);
  for (float& sample : pcm) sample = level(random);
  return pcm;
}

void report_speed(benchmark::State& state, double seconds) {
  state.counters["x_real_time"] = benchmark::Counter(
      seconds * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

// Arguments: mel bins, seconds.
void compute_mel(benchmark::State& state) {
  const MelExtractor extractor(static_cast<int>(state.range(0)));
  const auto seconds = static_cast<std::size_t>(state.range(1));
  const std::vector<float> pcm = noise(seconds * kSampleRate);
  for ([[maybe_unused]] auto _ : state) {
    const Result<Mel> mel = extractor.compute(pcm, static_cast<int>(seconds * 100));
    if (!mel) state.SkipWithError(mel.error().message.c_str());
    benchmark::DoNotOptimize(mel);
  }
  report_speed(state, static_cast<double>(seconds));
}
BENCHMARK(compute_mel)->Args({80, 5})->Args({80, 30})->Args({128, 30});

void find_voice(benchmark::State& state) {
  const auto model = load_vad(KATIP_SOURCE_DIR "/.deps/models/silero-vad");
  if (!model) {
    state.SkipWithError(model.error().message.c_str());
    return;
  }
  constexpr std::size_t kSeconds = 30;
  const std::vector<float> pcm = noise(kSeconds * kSampleRate);
  for ([[maybe_unused]] auto _ : state) {
    VadStream stream(*model);
    benchmark::DoNotOptimize(stream.push(pcm));
  }
  report_speed(state, static_cast<double>(kSeconds));
}
BENCHMARK(find_voice);

}  // namespace
}  // namespace katip::engine
