#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

#include "engine/kernels/cross_attention.h"
#include "engine/kernels/self_attention.h"
#include "engine/model/config.h"

/// What the decoder remembers: the encoded window (cross cache) and the tokens so far (token
/// cache).
namespace katip::engine {

struct FreeBytes {
  void operator()(std::byte* bytes) const { std::free(bytes); }
};
using AlignedBytes = std::unique_ptr<std::byte, FreeBytes>;

/// `size` bytes at an address that is a multiple of 64.
AlignedBytes allocate_aligned(std::size_t size);

/// Blocks of one size, kept for the next window when one is done: they are large, and the heap
/// would fragment.
///
/// Threads: one thread. Lifetime: outlives what it gave.
class BlockPool {
 public:
  explicit BlockPool(std::size_t block_size) : block_size_(block_size) {}

  AlignedBytes take();
  void give_back(AlignedBytes block) { free_.push_back(std::move(block)); }

 private:
  std::size_t block_size_;
  std::vector<AlignedBytes> free_;
};

/// Keys and values of one encoded window for every decoder layer and head, packed for the kernel.
///
/// Threads: one thread fills it; then immutable.
class CrossCache {
 public:
  /// `pool` has blocks of block_size() bytes. Lifetime: pool and kernel outlive the cache.
  CrossCache(const ModelConfig& config, const CrossAttentionKernel& kernel, std::size_t frame_count,
             BlockPool& pool);
  ~CrossCache() { pool_->give_back(std::move(bytes_)); }
  CrossCache(const CrossCache&) = delete;
  CrossCache& operator=(const CrossCache&) = delete;

  /// Bytes of the largest cache of a model.
  static std::size_t block_size(const ModelConfig& config, const CrossAttentionKernel& kernel);

  [[nodiscard]] std::byte* head(std::size_t layer, std::size_t head) {
    return bytes_.get() + (layer * head_count_ + head) * head_size_;
  }
  [[nodiscard]] const std::byte* head(std::size_t layer, std::size_t head) const {
    return bytes_.get() + (layer * head_count_ + head) * head_size_;
  }
  /// Encoder positions: 20 ms each.
  [[nodiscard]] std::size_t frame_count() const { return frame_count_; }
  [[nodiscard]] const CrossAttentionKernel& kernel() const { return *kernel_; }

 private:
  BlockPool* pool_;
  const CrossAttentionKernel* kernel_;
  std::size_t frame_count_;
  std::size_t head_count_;
  std::size_t head_size_;
  AlignedBytes bytes_;
};

/// Places for the keys and values of the tokens of one sequence. A place never moves and lives as
/// long as the cache, so any number of beams may point to it.
///
/// Threads: one thread.
class TokenCache {
 public:
  TokenCache(const ModelConfig& config, std::size_t element_size);

  /// A fresh place: [layers][keys D, values D] elements.
  std::byte* add();
  /// Takes back every place but these, which may be named more than once: beams that were given up
  /// leave four places in five behind.
  void keep_only(std::vector<std::byte*> places);
  /// Forgets all tokens and keeps the memory.
  void clear();

 private:
  void free_chunk(std::byte* chunk);

  std::size_t token_size_;
  std::vector<AlignedBytes> chunks_;
  std::vector<std::byte*> free_;  ///< The next one last.
};

}  // namespace katip::engine
