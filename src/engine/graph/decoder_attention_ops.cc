#include "engine/graph/decoder_attention_ops.h"

#include <array>
#include <vector>

#include <tbb/parallel_for.h>

#include "base/assert.h"

namespace katip::engine {
namespace {

// A run of neighbouring rows of one window, no longer than a kernel takes at once.
struct RowRun {
  std::size_t begin = 0;
  std::size_t count = 0;
};

std::vector<RowRun> runs_of(std::span<const DecoderRow> rows) {
  std::vector<RowRun> runs;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (!runs.empty() && rows[row].window == rows[runs.back().begin].window &&
        runs.back().count < kCrossRowsMax) {
      ++runs.back().count;
    } else {
      runs.push_back({row, 1});
    }
  }
  return runs;
}

// Place of (layer, head) among the alignment heads; -1 when it is none.
int alignment_index(const ModelConfig& config, std::size_t layer, std::size_t head) {
  for (std::size_t index = 0; index < config.alignment_heads.size(); ++index) {
    const AttentionHead& candidate = config.alignment_heads[index];
    if (static_cast<std::size_t>(candidate.layer) == layer &&
        static_cast<std::size_t>(candidate.head) == head) {
      return static_cast<int>(index);
    }
  }
  return -1;
}

}  // namespace

SelfAttentionOp::SelfAttentionOp(const ov::Output<ov::Node>& qkv, std::size_t layer,
                                 std::shared_ptr<const DecoderContext> context)
    : Op({qkv}), layer_(layer), context_(std::move(context)) {
  constructor_validate_and_infer_types();
}

void SelfAttentionOp::validate_and_infer_types() {
  ov::PartialShape shape = get_input_partial_shape(0);
  shape[1] = shape[1].get_length() / 3;
  set_output_type(0, ov::element::f32, shape);
}

std::shared_ptr<ov::Node> SelfAttentionOp::clone_with_new_inputs(
    const ov::OutputVector& inputs) const {
  return std::make_shared<SelfAttentionOp>(inputs.at(0), layer_, context_);
}

bool SelfAttentionOp::evaluate(ov::TensorVector& outputs, const ov::TensorVector& inputs) const {
  const ov::Shape shape = inputs[0].get_shape();
  const std::size_t row_count = shape[0];
  const std::size_t state_size = shape[1] / 3;
  const std::span<const DecoderRow> rows = context_->rows;
  const SelfAttentionKernel& kernel = *context_->kernel;
  KATIP_ASSERT(rows.size() == row_count);
  outputs[0].set_shape({row_count, state_size});
  const float* qkv = inputs[0].data<const float>();
  float* output = outputs[0].data<float>();
  const std::size_t value_offset = state_size * kernel.element_size;
  const std::size_t layer_offset = layer_ * 2 * value_offset;
  // Stored first, all of them: the rows of a prompt look at one another.
  for (std::size_t row = 0; row < row_count; ++row) {
    kernel.store(qkv + row * 3 * state_size + state_size, 2 * state_size,
                 rows[row].past.back() + layer_offset);
  }
  tbb::parallel_for(std::size_t{0}, row_count, [&](std::size_t row) {
    for (std::size_t head = 0; head < state_size / kHeadSize; ++head) {
      kernel.attend({.query = qkv + row * 3 * state_size + head * kHeadSize,
                     .output = output + row * state_size + head * kHeadSize,
                     .tokens = rows[row].past,
                     .head_offset = layer_offset + head * kHeadSize * kernel.element_size,
                     .value_offset = value_offset});
    }
  });
  return true;
}

CrossAttentionOp::CrossAttentionOp(const ov::Output<ov::Node>& query, std::size_t layer,
                                   std::shared_ptr<const DecoderContext> context)
    : Op({query}), layer_(layer), context_(std::move(context)) {
  constructor_validate_and_infer_types();
}

void CrossAttentionOp::validate_and_infer_types() {
  set_output_type(0, ov::element::f32, get_input_partial_shape(0));
}

std::shared_ptr<ov::Node> CrossAttentionOp::clone_with_new_inputs(
    const ov::OutputVector& inputs) const {
  return std::make_shared<CrossAttentionOp>(inputs.at(0), layer_, context_);
}

bool CrossAttentionOp::evaluate(ov::TensorVector& outputs, const ov::TensorVector& inputs) const {
  const ov::Shape shape = inputs[0].get_shape();
  const std::size_t state_size = shape[1];
  const std::span<const DecoderRow> rows = context_->rows;
  KATIP_ASSERT(rows.size() == shape[0]);
  outputs[0].set_shape(shape);
  const float* query = inputs[0].data<const float>();
  float* output = outputs[0].data<float>();
  const std::vector<RowRun> runs = runs_of(rows);
  const std::size_t head_count = state_size / kHeadSize;
  tbb::parallel_for(std::size_t{0}, runs.size() * head_count, [&](std::size_t task) {
    const RowRun run = runs[task / head_count];
    const std::size_t head = task % head_count;
    const CrossCache& window = *rows[run.begin].window;
    const int alignment = alignment_index(*context_->config, layer_, head);
    std::array<CrossRow, kCrossRowsMax> cross;
    for (std::size_t i = 0; i < run.count; ++i) {
      const DecoderRow& row = rows[run.begin + i];
      const std::size_t at = (run.begin + i) * state_size + head * kHeadSize;
      float* weights =
          row.alignment != nullptr && alignment >= 0
              ? row.alignment + static_cast<std::size_t>(alignment) * window.frame_count()
              : nullptr;
      cross[i] = {.query = query + at, .output = output + at, .weights = weights};
    }
    window.kernel().attend(window.head(layer_, head), window.frame_count(),
                           std::span(cross).first(run.count));
  });
  return true;
}

}  // namespace katip::engine
