#include "engine/graph/layers.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <openvino/opsets/opset13.hpp>

namespace katip::engine {
namespace {

namespace op = ov::opset13;
constexpr double kLayerNormEpsilon = 1e-5;

// Row r is round(weight / scale[r]) with scale[r] = max |weight[r]| / 127.
ov::Output<ov::Node> quantized(const FloatTensor& weight) {
  const std::size_t rows = weight.shape[0];
  const std::size_t columns = weight.shape[1];
  std::vector<std::int8_t> values(rows * columns);
  std::vector<float> scales(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    const float* from = weight.data.data() + row * columns;
    float peak = 1e-8f;
    for (std::size_t i = 0; i < columns; ++i) peak = std::max(peak, std::fabs(from[i]));
    scales[row] = peak / 127.0f;
    for (std::size_t i = 0; i < columns; ++i) {
      values[row * columns + i] = static_cast<std::int8_t>(std::lrint(from[i] / scales[row]));
    }
  }
  const auto integers =
      std::make_shared<op::Constant>(ov::element::i8, ov::Shape{rows, columns}, values.data());
  const auto floats = std::make_shared<op::Convert>(integers, ov::element::f32);
  const auto scale =
      std::make_shared<op::Constant>(ov::element::f32, ov::Shape{rows, 1}, scales.data());
  return std::make_shared<op::Multiply>(floats, scale);
}

}  // namespace

Result<Layers::Output> Layers::constant(const std::string& name, const ov::Shape& shape) const {
  const FloatTensor tensor = KATIP_TRY(weights_.load(name));
  const ov::Shape target = shape.empty() ? ov::Shape(tensor.shape) : shape;
  return std::make_shared<op::Constant>(ov::element::f32, target, tensor.data.data())->output(0);
}

Result<Layers::Output> Layers::matrix(const std::string& name) const {
  if (precision_ == Precision::kFloat32) return constant(name);
  const FloatTensor tensor = KATIP_TRY(weights_.load(name));
  return quantized(tensor);
}

Result<Layers::Output> Layers::linear(const Output& x, const std::string& name) const {
  const Output weight = KATIP_TRY(matrix(name + "/weight"));
  const Output bias = KATIP_TRY(constant(name + "/bias"));
  const auto product = std::make_shared<op::MatMul>(x, weight, false, true);
  return std::make_shared<op::Add>(product, bias)->output(0);
}

Result<Layers::Output> Layers::layer_norm(const Output& x, const std::string& name) const {
  const Output gamma = KATIP_TRY(constant(name + "/gamma"));
  const Output beta = KATIP_TRY(constant(name + "/beta"));
  const auto axes = op::Constant::create(ov::element::i64, {1}, {-1});
  const auto normal =
      std::make_shared<op::MVN>(x, axes, true, kLayerNormEpsilon, ov::op::MVNEpsMode::INSIDE_SQRT);
  return std::make_shared<op::Add>(std::make_shared<op::Multiply>(normal, gamma), beta)->output(0);
}

Result<Layers::Output> Layers::feed_forward(const Output& x, const std::string& layer) const {
  const Output normal = KATIP_TRY(layer_norm(x, layer + "/ffn/layer_norm"));
  const Output up = KATIP_TRY(linear(normal, layer + "/ffn/up"));
  const Output down = KATIP_TRY(linear(std::make_shared<op::Gelu>(up), layer + "/ffn/down"));
  return std::make_shared<op::Add>(x, down)->output(0);
}

}  // namespace katip::engine
