#include "engine/graph/caches.h"

#include <algorithm>

#include <sys/mman.h>

#include "base/assert.h"

namespace katip::engine {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::size_t kTokensPerChunk = 32;

}  // namespace

// A step of the decoder reads all caches of its batch, more than a hundred megabytes: with pages of
// 4 kB much of that time would go into finding them.
AlignedBytes allocate_aligned(std::size_t size) {
  const std::size_t alignment = size >= kHugePage ? kHugePage : kAlignment;
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  auto* bytes = static_cast<std::byte*>(std::aligned_alloc(alignment, rounded));
  KATIP_ASSERT(bytes != nullptr);
  if (alignment == kHugePage) (void)madvise(bytes, rounded, MADV_HUGEPAGE);  // a wish
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
  if (free_.empty()) {
    chunks_.push_back(allocate_aligned(kTokensPerChunk * token_size_));
    free_chunk(chunks_.back().get());
  }
  std::byte* const place = free_.back();
  free_.pop_back();
  return place;
}

void TokenCache::keep_only(std::vector<std::byte*> places) {
  std::ranges::sort(places);
  free_.clear();
  for (const AlignedBytes& chunk : chunks_) free_chunk(chunk.get());
  std::erase_if(free_,
                [&places](std::byte* place) { return std::ranges::binary_search(places, place); });
}

void TokenCache::clear() { keep_only({}); }

void TokenCache::free_chunk(std::byte* chunk) {
  for (std::size_t token = kTokensPerChunk; token-- > 0;) {
    free_.push_back(chunk + token * token_size_);
  }
}

}  // namespace katip::engine
