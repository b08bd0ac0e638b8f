// Both halves of a model against the reference in NumPy (tests/golden/logits/), in both file
// formats, and the promise that a row does not depend on its batch.
#include <cmath>
#include <filesystem>
#include <vector>

#include <gtest/gtest.h>

#include "base/testing/temporary_folder.h"
#include "engine/graph/decoder.h"
#include "engine/graph/encoder.h"
#include "engine/graph/runtime.h"
#include "engine/model/testing/golden_logits.h"
#include "engine/model/testing/random_model_files.h"

namespace katip::engine {
namespace {

using test_model::GoldenLogits;

/// A model folder, opened and compiled.
struct Compiled {
  ModelFiles files;
  Runtime runtime{2};
  std::unique_ptr<Encoder> encoder;
  std::unique_ptr<Decoder> decoder;

  Compiled(const std::filesystem::path& folder, Precision precision)
      : files(ModelFiles::open(folder).value()),
        encoder(Encoder::create(runtime, files, precision).value()),
        decoder(Decoder::create(runtime, files, precision).value()) {}

  std::unique_ptr<CrossCache> encode(const std::vector<float>& mel) {
    return encoder->encode({files.config.mel_count, 3000, mel}).value();
  }
};

/// One sequence: its tokens with their places.
struct Sequence {
  TokenCache cache;
  std::vector<int> tokens;
  std::vector<std::byte*> past;

  Sequence(const Compiled& model, std::vector<int> all)
      : cache(model.files.config, model.decoder->element_size()), tokens(std::move(all)) {
    for (std::size_t i = 0; i < tokens.size(); ++i) past.push_back(cache.add());
  }
  DecoderRow row(std::size_t at, const CrossCache& window) {
    return {.token = tokens[at],
            .position = static_cast<int>(at),
            .window = &window,
            .past = std::span(past).first(at + 1)};
  }
};

std::vector<float> copy(Result<std::span<float>> logits) {
  return {logits.value().begin(), logits.value().end()};
}

// All tokens as one prompt.
std::vector<float> prompt_logits(Compiled& model, const std::vector<int>& tokens,
                                 const CrossCache& window) {
  Sequence sequence(model, tokens);
  std::vector<DecoderRow> rows;
  std::vector<int> wanted;
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    rows.push_back(sequence.row(at, window));
    wanted.push_back(static_cast<int>(at));
  }
  return copy(model.decoder->step(rows, wanted));
}

// One token a step, as a text grows.
std::vector<float> stepwise_logits(Compiled& model, const std::vector<int>& tokens,
                                   const CrossCache& window) {
  Sequence sequence(model, tokens);
  std::vector<float> all;
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    const DecoderRow row = sequence.row(at, window);
    const std::vector<float> logits = copy(model.decoder->step({&row, 1}, std::vector<int>{0}));
    all.insert(all.end(), logits.begin(), logits.end());
  }
  return all;
}

void expect_golden(const GoldenLogits& golden, const std::vector<float>& logits, float tolerance) {
  const std::size_t vocabulary_size = logits.size() / golden.tokens.size();
  for (std::size_t at = 0; at < golden.tokens.size(); ++at) {
    const float* row = logits.data() + at * vocabulary_size;
    for (std::size_t j = 0; j < golden.logits[at].size(); ++j) {
      ASSERT_NEAR(row[j * static_cast<std::size_t>(golden.logit_stride)], golden.logits[at][j],
                  tolerance)
          << "token " << at << ", column " << j;
    }
    ASSERT_NEAR(row[golden.best[at]], golden.best_logit[at], tolerance);
  }
}

class GoldenModel : public testing::TestWithParam<const char*> {};

TEST_P(GoldenModel, Float32LogitsAreThoseOfTheReferenceInBothFormats) {
  const GoldenLogits golden = test_model::read_golden_logits(GetParam()).value();
  for (const bool huggingface : {true, false}) {
    const TemporaryFolder folder;
    if (huggingface) {
      test_model::write_huggingface(folder.path(), golden.model, ElementType::kFloat32);
    } else {
      test_model::write_ctranslate2(folder.path(), golden.model, ElementType::kFloat32);
    }
    Compiled model(folder.path(), Precision::kFloat32);
    const auto window = model.encode(golden.mel);
    expect_golden(golden, prompt_logits(model, golden.tokens, *window), 1e-3f);
    expect_golden(golden, stepwise_logits(model, golden.tokens, *window), 1e-3f);
  }
}

TEST_P(GoldenModel, Int8LogitsStayCloseToTheReference) {
  const GoldenLogits golden = test_model::read_golden_logits(GetParam()).value();
  const TemporaryFolder folder;
  test_model::write_huggingface(folder.path(), golden.model, ElementType::kFloat32);
  Compiled model(folder.path(), Precision::kInt8);
  const auto window = model.encode(golden.mel);
  const std::vector<float> logits = prompt_logits(model, golden.tokens, *window);
  // Random weights are the worst case for rounding: what counts is that rows stay recognisable.
  const std::size_t vocabulary_size = logits.size() / golden.tokens.size();
  double error = 0.0;
  double size = 0.0;
  for (std::size_t at = 0; at < golden.tokens.size(); ++at) {
    for (std::size_t j = 0; j < golden.logits[at].size(); ++j) {
      const double exact = golden.logits[at][j];
      const double got =
          logits[at * vocabulary_size + j * static_cast<std::size_t>(golden.logit_stride)];
      error += (got - exact) * (got - exact);
      size += exact * exact;
    }
  }
  EXPECT_LT(std::sqrt(error / size), 0.1);
}

INSTANTIATE_TEST_SUITE_P(Reference, GoldenModel, testing::ValuesIn(test_model::kGoldenLogits),
                         [](const auto& each) { return std::string(each.param); });

class Determinism : public testing::TestWithParam<Precision> {};

TEST_P(Determinism, ARowIsTheSameToTheLastBitWhateverItsBatch) {
  const GoldenLogits golden = test_model::read_golden_logits("multilingual").value();
  const TemporaryFolder folder;
  test_model::write_huggingface(folder.path(), golden.model, ElementType::kFloat32);
  Compiled model(folder.path(), GetParam());
  const auto window = model.encode(golden.mel);
  const auto other_window = model.encode(std::vector<float>(golden.mel.size(), 0.5f));
  Sequence first(model, {golden.tokens[0]});
  const DecoderRow row = first.row(0, *window);
  const std::vector<float> alone = copy(model.decoder->step({&row, 1}, std::vector<int>{0}));
  for (const std::size_t count : {2u, 3u, 5u, 8u, 16u, 33u, 64u}) {
    std::vector<std::unique_ptr<Sequence>> sequences;
    std::vector<DecoderRow> rows;
    std::vector<int> wanted;
    for (std::size_t i = 0; i < count; ++i) {
      const int token = i + 1 == count ? golden.tokens[0] : golden.tokens[i % golden.tokens.size()];
      sequences.push_back(std::make_unique<Sequence>(model, std::vector<int>{token}));
      rows.push_back(
          sequences.back()->row(0, i + 1 == count || i % 3 == 0 ? *window : *other_window));
      wanted.push_back(static_cast<int>(i));
    }
    const std::vector<float> together = copy(model.decoder->step(rows, wanted));
    const std::vector<float> last(together.end() - static_cast<std::ptrdiff_t>(alone.size()),
                                  together.end());
    ASSERT_EQ(last, alone) << "in a batch of " << count;
  }
}

INSTANTIATE_TEST_SUITE_P(Precisions, Determinism,
                         testing::Values(Precision::kInt8, Precision::kFloat32),
                         [](const auto& each) {
                           return each.param == Precision::kInt8 ? "int8" : "float32";
                         });

}  // namespace
}  // namespace katip::engine
