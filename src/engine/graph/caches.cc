#include "engine/graph/caches.h"

#include "base/assert.h"

namespace katip::engine {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kTokensPerChunk = 32;

}  // namespace

AlignedBytes allocate_aligned(std::size_t size) {
  const std::size_t rounded = (size + kAlignment - 1) / kAlignment * kAlignment;
  auto* bytes = static_cast<std::byte*>(std::aligned_alloc(kAlignment, rounded));
  KATIP_ASSERT(bytes != nullptr);
  return AlignedBytes(bytes);
}

AlignedBytes BlockPool::take() {
  if (free_.empty()) return allocate_aligned(block_size_);
  AlignedBytes block = std::move(free_.back());
  free_.pop_back();
  return block;
}

std::size_t CrossCache::block_size(const ModelConfig& config, const CrossAttentionKernel& kernel) {
  return static_cast<std::size_t>(config.text_layer_count * config.text_head_count) *
         kernel.packed_size(static_cast<std::size_t>(config.audio_context));
}

CrossCache::CrossCache(const ModelConfig& config, const CrossAttentionKernel& kernel,
                       std::size_t frame_count, BlockPool& pool)
    : pool_(&pool),
      kernel_(&kernel),
      frame_count_(frame_count),
      head_count_(static_cast<std::size_t>(config.text_head_count)),
      head_size_(kernel.packed_size(frame_count)),
      bytes_(pool.take()) {
  KATIP_ASSERT(frame_count <= static_cast<std::size_t>(config.audio_context));
}

TokenCache::TokenCache(const ModelConfig& config, std::size_t element_size)
    : token_size_(static_cast<std::size_t>(config.text_layer_count) * 2 *
                  static_cast<std::size_t>(config.state_size) * element_size) {}

std::byte* TokenCache::add() {
  if (used_ == chunks_.size() * kTokensPerChunk)
    chunks_.push_back(allocate_aligned(kTokensPerChunk * token_size_));
  std::byte* place = chunks_[used_ / kTokensPerChunk].get() + used_ % kTokensPerChunk * token_size_;
  ++used_;
  return place;
}

}  // namespace katip::engine
