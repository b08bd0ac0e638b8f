// Embedding, layers of self-attention, cross-attention and feed-forward, and the projection onto
// the vocabulary. Only the two attention operations know which sequence a row belongs to; all else
// sees a plain matrix of rows. Tested by model_logits_test.cc against a reference in NumPy.
#include "engine/graph/decoder.h"

#include <algorithm>

#include <openvino/opsets/opset13.hpp>

#include "base/assert.h"
#include "engine/graph/decoder_attention_ops.h"
#include "engine/graph/kernel_choice.h"
#include "engine/graph/layers.h"
#include "engine/graph/runtime.h"

namespace katip::engine {
namespace {

namespace op = ov::opset13;
using Output = Layers::Output;
using Context = std::shared_ptr<const DecoderContext>;

Result<Output> decoder_layer(const Layers& layers, const Output& input, int layer,
                             const Context& context) {
  const std::string name = "decoder/layer_" + std::to_string(layer);
  const auto index = static_cast<std::size_t>(layer);
  const Output self_normal =
      KATIP_TRY(layers.layer_norm(input, name + "/self_attention/layer_norm"));
  const Output qkv = KATIP_TRY(layers.linear(self_normal, name + "/self_attention/qkv"));
  const auto self = std::make_shared<SelfAttentionOp>(qkv, index, context);
  const Output self_output = KATIP_TRY(layers.linear(self, name + "/self_attention/output"));
  const auto x = std::make_shared<op::Add>(input, self_output);
  const Output cross_normal = KATIP_TRY(layers.layer_norm(x, name + "/cross_attention/layer_norm"));
  const Output query = KATIP_TRY(layers.linear(cross_normal, name + "/cross_attention/query"));
  const auto cross = std::make_shared<CrossAttentionOp>(query, index, context);
  const Output cross_output = KATIP_TRY(layers.linear(cross, name + "/cross_attention/output"));
  return layers.feed_forward(std::make_shared<op::Add>(x, cross_output), name);
}

Result<std::shared_ptr<ov::Model>> build(const ModelFiles& files, Precision precision,
                                         const Context& context) {
  const Layers layers(*files.weights, precision);
  const auto rows = [] {
    return std::make_shared<op::Parameter>(ov::element::i32, ov::PartialShape{-1});
  };
  const auto tokens = rows();
  const auto positions = rows();
  const auto logit_rows = rows();
  const auto axis = op::Constant::create(ov::element::i32, {}, {0});
  const Output embeddings = KATIP_TRY(layers.matrix("decoder/embeddings"));
  const Output position_table = KATIP_TRY(layers.constant("decoder/positions"));
  Output x =
      std::make_shared<op::Add>(std::make_shared<op::Gather>(embeddings, tokens, axis),
                                std::make_shared<op::Gather>(position_table, positions, axis));
  for (int layer = 0; layer < files.config.text_layer_count; ++layer) {
    x = KATIP_TRY(decoder_layer(layers, x, layer, context));
  }
  x = KATIP_TRY(layers.layer_norm(x, "decoder/layer_norm"));
  const auto wanted = std::make_shared<op::Gather>(x, logit_rows, axis);
  const auto logits = std::make_shared<op::MatMul>(wanted, embeddings, false, true);
  return std::make_shared<ov::Model>(ov::OutputVector{logits},
                                     ov::ParameterVector{tokens, positions, logit_rows}, "decoder");
}

class OpenVinoDecoder : public Decoder {
 public:
  OpenVinoDecoder(std::shared_ptr<DecoderContext> context, const ov::CompiledModel& compiled)
      : context_(std::move(context)),
        request_(ov::CompiledModel(compiled).create_infer_request()) {}

  Result<std::span<float>> step(std::span<const DecoderRow> rows,
                                std::span<const int> logit_rows) override {
    KATIP_ASSERT(!rows.empty() && !logit_rows.empty());
    context_->rows = rows;
    const auto integers = [](std::size_t count) { return ov::Tensor(ov::element::i32, {count}); };
    ov::Tensor tokens = integers(rows.size());
    ov::Tensor positions = integers(rows.size());
    ov::Tensor wanted = integers(logit_rows.size());
    for (std::size_t row = 0; row < rows.size(); ++row) {
      tokens.data<std::int32_t>()[row] = rows[row].token;
      positions.data<std::int32_t>()[row] = rows[row].position;
    }
    std::ranges::copy(logit_rows, wanted.data<std::int32_t>());
    try {
      request_.set_input_tensor(0, tokens);
      request_.set_input_tensor(1, positions);
      request_.set_input_tensor(2, wanted);
      request_.infer();
      ov::Tensor logits = request_.get_output_tensor(0);
      return std::span(logits.data<float>(), logits.get_size());
    } catch (const std::exception& error) {
      return fail(ErrorCode::kInternal, std::string("the decoder failed: ") + error.what());
    }
  }

  [[nodiscard]] std::size_t element_size() const override { return context_->kernel->element_size; }

 private:
  std::shared_ptr<DecoderContext> context_;
  ov::InferRequest request_;
};

}  // namespace

Result<std::unique_ptr<Decoder>> Decoder::create(Runtime& runtime, const ModelFiles& files,
                                                 Precision precision) {
  const auto context = std::make_shared<DecoderContext>();
  context->config = &files.config;
  context->kernel = &self_attention_kernel(precision);
  const std::shared_ptr<ov::Model> model = KATIP_TRY(build(files, precision, context));
  const ov::CompiledModel compiled =
      KATIP_TRY(runtime.compile(model, precision, files.config.state_size));
  return std::make_unique<OpenVinoDecoder>(context, compiled);
}

}  // namespace katip::engine
