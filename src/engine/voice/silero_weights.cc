#include "engine/voice/silero_weights.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <numbers>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "engine/model/mapped_file.h"
#include "engine/model/tensor_table.h"
#include "engine/voice/onnx_weights.h"

namespace katip::engine {
namespace {

using Shape = std::vector<std::size_t>;

constexpr std::size_t kUnits = kVadUnits;
constexpr std::size_t kPanel = kVadPanelRows;

Result<std::vector<float>> read_tensor(const TensorTable& tensors, std::string_view name,
                                       const Shape& shape) {
  const auto found = tensors.find(name);
  if (found == tensors.end()) {
    return fail(ErrorCode::kCorruptData, "there is no tensor " + std::string(name));
  }
  if (found->second.shape != shape) {
    return fail(ErrorCode::kCorruptData, std::string(name) + " has the shape " +
                                             shape_text(found->second.shape) + " instead of " +
                                             shape_text(shape));
  }
  std::vector<float> values(element_count(shape).value_or(0));
  if (Status read = read_floats(found->second, nullptr, values); !read) {
    return fail(name, std::move(read).error());
  }
  return values;
}

std::vector<float> hann_window() {
  std::vector<float> window;
  for (int i = 0; i < kVadFft; ++i) {
    const double angle = 2.0 * std::numbers::pi * i / kVadFft;
    window.push_back(static_cast<float>(0.5 - 0.5 * std::cos(angle)));
  }
  return window;
}

// The file names its tensors as the exporter liked; what they are is known by the operations that
// use them: a transform, four convolutions, a recurrent layer, and the output as a convolution.
struct Operations {
  std::vector<OnnxNode> convolutions;
  OnnxNode recurrent;
};

Result<Operations> find_operations(std::vector<OnnxNode> nodes) {
  constexpr std::size_t kConvolutionCount = 6;
  Operations operations;
  for (OnnxNode& node : nodes) {
    if (node.operation == "Conv") operations.convolutions.push_back(std::move(node));
    if (node.operation == "LSTM") operations.recurrent = std::move(node);
  }
  bool right = operations.convolutions.size() == kConvolutionCount &&
               operations.recurrent.inputs.size() >= 4;
  for (std::size_t i = 0; right && i < kConvolutionCount; ++i) {
    // The transform has no bias.
    right = operations.convolutions[i].inputs.size() == (i == 0 ? 2U : 3U);
  }
  if (!right) {
    return fail(ErrorCode::kCorruptData,
                "it is not the Silero network that is known here (version 6, 16 kHz, many frames "
                "a call)");
  }
  return operations;
}

// The first layer must be the transform that the kernels compute: cosines, then minus sines, of
// every bin under a Hann window.
Status check_transform(const TensorTable& tensors, std::string_view name,
                       std::span<const float> window) {
  constexpr std::size_t kFft = kVadFft;
  constexpr std::size_t kBins = kVadBins;
  const auto basis = KATIP_TRY(read_tensor(tensors, name, {2 * kBins, 1, kFft}));
  double worst = 0.0;
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    for (std::size_t i = 0; i < kFft; ++i) {
      const double angle =
          2.0 * std::numbers::pi * static_cast<double>(bin * i % kFft) / static_cast<double>(kFft);
      const double re = basis[bin * kFft + i] - window[i] * std::cos(angle);
      const double im = basis[(kBins + bin) * kFft + i] + window[i] * std::sin(angle);
      worst = std::max({worst, std::abs(re), std::abs(im)});
    }
  }
  if (worst > 1e-4) {
    return fail(ErrorCode::kCorruptData, "its first layer is not a Fourier transform");
  }
  return {};
}

// weights [output, input, taps] -> panels [output / 8, taps * input, 8].
std::vector<float> pack_panels(std::span<const float> weights, std::size_t output_count,
                               std::size_t input_count, std::size_t tap_count) {
  std::vector<float> panels(weights.size());
  for (std::size_t output = 0; output < output_count; ++output) {
    for (std::size_t input = 0; input < input_count; ++input) {
      for (std::size_t tap = 0; tap < tap_count; ++tap) {
        const std::size_t row =
            output / kPanel * tap_count * input_count + tap * input_count + input;
        panels[row * kPanel + output % kPanel] =
            weights[(output * input_count + input) * tap_count + tap];
      }
    }
  }
  return panels;
}

// ONNX keeps the gates of a recurrent layer as input, output, forget, cell; the kernels take them
// as input, forget, cell, output. `rows` [4, 128, row_size].
std::vector<float> order_gates(std::span<const float> rows) {
  constexpr std::array<std::size_t, 4> kFrom = {0, 2, 3, 1};
  const std::size_t size = rows.size() / 4;
  std::vector<float> ordered;
  for (const std::size_t gate : kFrom) {
    const std::span<const float> part = rows.subspan(gate * size, size);
    ordered.insert(ordered.end(), part.begin(), part.end());
  }
  return ordered;
}

// weights [4 gates, 128 to, 128 from] -> [4 gates, 128 from, 128 to].
std::vector<float> pack_recurrent(std::span<const float> weights) {
  std::vector<float> packed(weights.size());
  for (std::size_t gate = 0; gate < 4; ++gate) {
    for (std::size_t to = 0; to < kUnits; ++to) {
      for (std::size_t from = 0; from < kUnits; ++from) {
        packed[(gate * kUnits + from) * kUnits + to] =
            weights[(gate * kUnits + to) * kUnits + from];
      }
    }
  }
  return packed;
}

VadLayer with_pointers(VadLayer shape, std::span<const float> panels, std::span<const float> bias) {
  shape.panels = panels.data();
  shape.bias = bias.data();
  return shape;
}

constexpr std::array<VadLayer, 4> kEncoder = {{{kVadBins, 128, 3, 1, nullptr, nullptr},
                                               {128, 64, 3, 2, nullptr, nullptr},
                                               {64, 64, 3, 2, nullptr, nullptr},
                                               {64, kVadUnits, 3, 1, nullptr, nullptr}}};
constexpr VadLayer kGates = {kVadUnits, 4 * kVadUnits, 1, 1, nullptr, nullptr};

}  // namespace

SileroWeights::SileroWeights()
    : fft_(std::make_unique<const FftTables>(std::array{8, 4, 4})), window_(hann_window()) {}

Result<SileroWeights> SileroWeights::load(const std::filesystem::path& file) {
  const MappedFile mapped = KATIP_TRY(MappedFile::open(file));
  OnnxWeights onnx = KATIP_TRY(parse_onnx_weights(mapped.bytes()));
  const Operations operations = KATIP_TRY(find_operations(std::move(onnx.nodes)));
  const auto& convolutions = operations.convolutions;
  SileroWeights weights;
  KATIP_TRY(check_transform(onnx.tensors, convolutions[0].inputs[1], weights.window_));
  for (float& value : weights.window_) value *= 0.5f;
  for (std::size_t i = 0; i < kEncoder.size(); ++i) {
    weights.encoder_[i] =
        KATIP_TRY(read_layer(onnx.tensors, convolutions[i + 1].inputs, kEncoder[i]));
  }
  KATIP_TRY(weights.read_recurrent(onnx.tensors, operations.recurrent.inputs));
  const std::vector<std::string>& output = convolutions[5].inputs;
  weights.output_ = KATIP_TRY(read_tensor(onnx.tensors, output[1], {1, kUnits, 1}));
  weights.output_bias_ = KATIP_TRY(read_tensor(onnx.tensors, output[2], {1})).front();
  return weights;
}

Result<SileroWeights::Layer> SileroWeights::read_layer(const TensorTable& tensors,
                                                       std::span<const std::string> inputs,
                                                       const VadLayer& shape) {
  const auto output_count = static_cast<std::size_t>(shape.output_count);
  const auto input_count = static_cast<std::size_t>(shape.input_count);
  const auto tap_count = static_cast<std::size_t>(shape.tap_count);
  const auto raw =
      KATIP_TRY(read_tensor(tensors, inputs[1], {output_count, input_count, tap_count}));
  auto bias = KATIP_TRY(read_tensor(tensors, inputs[2], {output_count}));
  return Layer{shape, pack_panels(raw, output_count, input_count, tap_count), std::move(bias)};
}

Status SileroWeights::read_recurrent(const TensorTable& tensors,
                                     std::span<const std::string> inputs) {
  const auto input = KATIP_TRY(read_tensor(tensors, inputs[1], {1, 4 * kUnits, kUnits}));
  const auto recurrent = KATIP_TRY(read_tensor(tensors, inputs[2], {1, 4 * kUnits, kUnits}));
  const auto biases = KATIP_TRY(read_tensor(tensors, inputs[3], {1, 8 * kUnits}));
  // One bias for the input and one for the memory: only their sum is ever used.
  std::vector<float> bias(4 * kUnits);
  for (std::size_t i = 0; i < bias.size(); ++i) bias[i] = biases[i] + biases[i + 4 * kUnits];
  gates_ = {kGates, pack_panels(order_gates(input), 4 * kUnits, kUnits, 1), order_gates(bias)};
  recurrent_ = pack_recurrent(order_gates(recurrent));
  return {};
}

VadTables SileroWeights::tables() const {
  VadTables tables;
  tables.fft = fft_->plan();
  tables.window = window_.data();
  for (std::size_t i = 0; i < encoder_.size(); ++i) {
    tables.encoder[i] = with_pointers(encoder_[i].shape, encoder_[i].panels, encoder_[i].bias);
  }
  tables.gates = with_pointers(gates_.shape, gates_.panels, gates_.bias);
  tables.recurrent = recurrent_.data();
  tables.output = output_.data();
  tables.output_bias = output_bias_;
  return tables;
}

}  // namespace katip::engine
