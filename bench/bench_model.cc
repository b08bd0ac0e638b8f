// The halves of the base model, with all cores: a window through the encoder, and a step of the
// decoder for some rows. What is heard does not matter, so it is noise.
#include <memory>
#include <random>
#include <vector>

#include <benchmark/benchmark.h>

#include "base/assert.h"
#include "engine/features/mel.h"
#include "engine/graph/decoder.h"
#include "engine/graph/encoder.h"
#include "engine/graph/runtime.h"

namespace katip::engine {
namespace {

constexpr int kTextTokens = 32;  // those of each row's past: the middle of a usual window

struct Model {
  ModelFiles files;
  Runtime runtime{0};
  std::unique_ptr<Encoder> encoder;
  std::unique_ptr<Decoder> decoder;
};

// Opened once, as it takes a second; null when it is not there.
Model* base_model() {
  static const std::unique_ptr<Model> kept = []() -> std::unique_ptr<Model> {
    auto files = ModelFiles::open(KATIP_SOURCE_DIR "/.deps/models/base");
    if (!files) return nullptr;
    auto model = std::make_unique<Model>(std::move(*files));
    auto encoder = Encoder::create(model->runtime, model->files, Precision::kInt8);
    auto decoder = Decoder::create(model->runtime, model->files, Precision::kInt8);
    if (!encoder || !decoder) return nullptr;
    model->encoder = std::move(*encoder);
    model->decoder = std::move(*decoder);
    return model;
  }();
  return kept.get();
}

Mel noise_mel(const Model& model, int seconds) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> level(-0.5f, 0.5f);
  std::vector<float> pcm(static_cast<std::size_t>(seconds) * 16000);
  for (float& sample : pcm) sample = level(random);
  Result<Mel> mel = MelExtractor(model.files.config.mel_count).compute(pcm, seconds * 100);
  KATIP_ASSERT(mel.has_value());
  return std::move(*mel);
}

// Argument: seconds of the window.
void encode_window(benchmark::State& state) {
  Model* const model = base_model();
  if (model == nullptr) {
    state.SkipWithError("run tools/setup first: .deps/models/base is missing");
    return;
  }
  const Mel mel = noise_mel(*model, static_cast<int>(state.range(0)));
  for ([[maybe_unused]] auto _ : state) {
    const auto cache = model->encoder->encode(mel);
    if (!cache) state.SkipWithError(cache.error().message.c_str());
  }
}
BENCHMARK(encode_window)->Arg(5)->Arg(15)->Arg(30)->UseRealTime()->Unit(benchmark::kMillisecond);

// Arguments: windows, rows of each (beams).
void decode_step(benchmark::State& state) {
  Model* const model = base_model();
  if (model == nullptr) {
    state.SkipWithError("run tools/setup first: .deps/models/base is missing");
    return;
  }
  const Mel mel = noise_mel(*model, 30);
  std::vector<std::unique_ptr<CrossCache>> windows;
  TokenCache tokens(model->files.config, model->decoder->element_size());
  std::vector<std::vector<std::byte*>> pasts;
  std::vector<DecoderRow> rows;
  std::vector<int> wanted;
  for (std::int64_t window = 0; window < state.range(0); ++window) {
    auto cache = model->encoder->encode(mel);
    KATIP_ASSERT(cache.has_value());
    windows.push_back(std::move(*cache));
    for (std::int64_t beam = 0; beam < state.range(1); ++beam) {
      std::vector<std::byte*>& past = pasts.emplace_back();
      for (int token = 0; token < kTextTokens; ++token) past.push_back(tokens.add());
    }
  }
  const auto row_count = static_cast<int>(pasts.size());
  for (int row = 0; row < row_count; ++row) {
    rows.push_back({.token = 1000 + row,
                    .position = kTextTokens - 1,
                    .window = windows[static_cast<std::size_t>(row / state.range(1))].get(),
                    .past = pasts[static_cast<std::size_t>(row)],
                    .alignment = nullptr});
    wanted.push_back(row);
  }
  for ([[maybe_unused]] auto _ : state) {
    const auto logits = model->decoder->step(rows, wanted);
    if (!logits) state.SkipWithError(logits.error().message.c_str());
  }
  state.counters["ms_per_row"] = benchmark::Counter(
      static_cast<double>(row_count) * static_cast<double>(state.iterations()) * 1e-3,
      benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(decode_step)
    ->Args({1, 1})
    ->Args({1, 5})
    ->Args({16, 1})
    ->Args({16, 5})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace katip::engine
