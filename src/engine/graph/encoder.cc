// Two convolutions, positions, self-attention layers; then, still in the graph, the keys and values
// that the decoder's cross-attention will read, which an operation packs straight into the cache of
// the window. Tested by model_logits_test.cc against a reference in NumPy.
#include "engine/graph/encoder.h"

#include <openvino/opsets/opset13.hpp>

#include "base/assert.h"
#include "engine/graph/cross_store_op.h"
#include "engine/graph/encoder_attention_op.h"
#include "engine/graph/kernel_choice.h"
#include "engine/graph/layers.h"
#include "engine/graph/runtime.h"

namespace katip::engine {
namespace {

namespace op = ov::opset13;
using Output = Layers::Output;

// mel [1, in, frames] -> [1, D, frames / stride]
Result<Output> convolution(const Layers& layers, const Output& x, const std::string& name,
                           std::size_t stride, std::size_t state_size) {
  const Output weight = KATIP_TRY(layers.constant(name + "/weight"));
  const Output bias = KATIP_TRY(layers.constant(name + "/bias", {1, state_size, 1}));
  const auto product = std::make_shared<op::Convolution>(
      x, weight, ov::Strides{stride}, ov::CoordinateDiff{1}, ov::CoordinateDiff{1}, ov::Strides{1});
  return std::make_shared<op::Gelu>(std::make_shared<op::Add>(product, bias))->output(0);
}

// The first rows of the position table, as many as there are frames.
Result<Output> add_positions(const Layers& layers, const Output& x, std::size_t state_size) {
  const Output table = KATIP_TRY(layers.constant("encoder/positions"));
  const auto integer = [](std::int64_t value) {
    return op::Constant::create(ov::element::i64, {1}, {value});
  };
  const auto frame_count =
      std::make_shared<op::Gather>(std::make_shared<op::ShapeOf>(x), integer(1),
                                   op::Constant::create(ov::element::i64, {}, {0}));
  const auto rows =
      std::make_shared<op::Slice>(table, integer(0), frame_count, integer(1), integer(0));
  const auto shape = op::Constant::create(
      ov::element::i64, {3},
      {std::int64_t{1}, std::int64_t{-1}, static_cast<std::int64_t>(state_size)});
  return std::make_shared<op::Add>(x, std::make_shared<op::Reshape>(rows, shape, false))->output(0);
}

Result<Output> encoder_layer(const Layers& layers, const Output& x, const std::string& name,
                             const EncoderAttentionKernel& kernel) {
  const Output normal = KATIP_TRY(layers.layer_norm(x, name + "/self_attention/layer_norm"));
  const Output qkv = KATIP_TRY(layers.linear(normal, name + "/self_attention/qkv"));
  const auto attention = std::make_shared<EncoderAttentionOp>(qkv, &kernel);
  const Output output = KATIP_TRY(layers.linear(attention, name + "/self_attention/output"));
  return layers.feed_forward(std::make_shared<op::Add>(x, output), name);
}

Result<std::shared_ptr<ov::Model>> build(const ModelFiles& files, Precision precision,
                                         const std::shared_ptr<CrossTarget>& target) {
  const Layers layers(*files.weights, precision);
  const ModelConfig& config = files.config;
  const auto state_size = static_cast<std::size_t>(config.state_size);
  const auto mel = std::make_shared<op::Parameter>(
      ov::element::f32, ov::PartialShape{1, config.mel_count, ov::Dimension(2, 3000)});
  const Output first = KATIP_TRY(convolution(layers, mel, "encoder/conv1", 1, state_size));
  const Output second = KATIP_TRY(convolution(layers, first, "encoder/conv2", 2, state_size));
  const auto order = op::Constant::create(ov::element::i64, {3}, {0, 2, 1});
  Output x =
      KATIP_TRY(add_positions(layers, std::make_shared<op::Transpose>(second, order), state_size));
  const EncoderAttentionKernel& kernel = encoder_attention_kernel(precision);
  for (int layer = 0; layer < config.audio_layer_count; ++layer) {
    x = KATIP_TRY(encoder_layer(layers, x, "encoder/layer_" + std::to_string(layer), kernel));
  }
  x = KATIP_TRY(layers.layer_norm(x, "encoder/layer_norm"));
  ov::OutputVector stored;
  for (int layer = 0; layer < config.text_layer_count; ++layer) {
    const std::string name =
        "decoder/layer_" + std::to_string(layer) + "/cross_attention/key_value";
    const Output key_value = KATIP_TRY(layers.linear(x, name));
    stored.push_back(
        std::make_shared<CrossStoreOp>(key_value, static_cast<std::size_t>(layer), target));
  }
  return std::make_shared<ov::Model>(stored, ov::ParameterVector{mel}, "encoder");
}

class OpenVinoEncoder : public Encoder {
 public:
  OpenVinoEncoder(const ModelConfig& config, const CrossAttentionKernel& kernel,
                  std::shared_ptr<CrossTarget> target, const ov::CompiledModel& compiled)
      : config_(config),
        kernel_(kernel),
        pool_(CrossCache::block_size(config, kernel)),
        target_(std::move(target)),
        request_(ov::CompiledModel(compiled).create_infer_request()) {}

  Result<std::unique_ptr<CrossCache>> encode(const Mel& mel) override {
    KATIP_ASSERT(mel.frame_count % 2 == 0 && mel.mel_count == config_.mel_count);
    const auto frame_count = static_cast<std::size_t>(mel.frame_count);
    auto cache = std::make_unique<CrossCache>(config_, kernel_, frame_count / 2, pool_);
    target_->cache = cache.get();
    try {
      // OpenVINO only reads an input tensor; its interface has no const form for dynamic shapes.
      const ov::Tensor input(ov::element::f32,
                             {1, static_cast<std::size_t>(mel.mel_count), frame_count},
                             const_cast<float*>(mel.data.data()));
      request_.set_input_tensor(0, input);
      request_.infer();
    } catch (const std::exception& error) {
      return fail(ErrorCode::kInternal, std::string("the encoder failed: ") + error.what());
    }
    return cache;
  }

 private:
  const ModelConfig& config_;
  const CrossAttentionKernel& kernel_;
  BlockPool pool_;
  std::shared_ptr<CrossTarget> target_;
  ov::InferRequest request_;
};

}  // namespace

Result<std::unique_ptr<Encoder>> Encoder::create(Runtime& runtime, const ModelFiles& files,
                                                 Precision precision) {
  const auto target = std::make_shared<CrossTarget>();
  const std::shared_ptr<ov::Model> model = KATIP_TRY(build(files, precision, target));
  const ov::CompiledModel compiled =
      KATIP_TRY(runtime.compile(model, precision, files.config.state_size));
  return std::make_unique<OpenVinoEncoder>(files.config, cross_attention_kernel(precision), target,
                                           compiled);
}

}  // namespace katip::engine
