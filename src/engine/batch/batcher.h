#pragma once

#include <condition_variable>
#include <cstdint>
#include <future>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "engine/decode/window_decoder.h"
#include "engine/features/mel.h"
#include "engine/graph/encoder.h"

namespace katip::engine {

/// A window that waits to be encoded and decoded.
///
/// Lifetime: what `task` points to outlives the future that submit() gave.
struct WindowRequest {
  Mel mel;
  WindowTask task;
  int priority = 0;         ///< Higher goes first.
  std::uint64_t owner = 0;  ///< Requests of one owner take turns with those of others.
  std::stop_token stop;
};

struct BatcherOptions {
  std::size_t window_count_max = 16;  ///< Windows decoded at once.
};

/// Decodes the windows of everybody in one batch, on one thread of its own.
///
/// A window is encoded when a place is free, joins at the next step and leaves when its text is
/// finished. While windows of a higher priority are being decoded, the others pause. An owner with
/// nothing in the batch does not wait for a place behind the windows of others.
///
/// Threads: thread-safe.
class Batcher {
 public:
  Batcher(const BatcherOptions& options, const DecodeTools& tools, std::unique_ptr<Encoder> encoder,
          std::unique_ptr<Decoder> decoder);
  /// Answers what is left with kCancelled.
  ~Batcher();
  Batcher(const Batcher&) = delete;
  Batcher& operator=(const Batcher&) = delete;

  /// Errors: kCancelled after a stop request or when the batcher ends, kInternal from the model.
  std::future<Result<DecodedWindow>> submit(WindowRequest request);

 private:
  struct Pending {
    WindowRequest request;
    std::promise<Result<DecodedWindow>> answer;
  };
  struct Active {
    int priority = 0;
    std::uint64_t owner = 0;
    std::stop_token stop;
    std::unique_ptr<CrossCache> window;
    std::unique_ptr<WindowDecoder> decoder;
    std::promise<Result<DecodedWindow>> answer;
  };

  void run(const std::stop_token& stop);
  /// Waits for work; moves what was submitted to waiting_. False when the batcher ends.
  bool collect(const std::stop_token& stop);
  void drop_cancelled();
  /// Index in waiting_ of the window to encode next; nothing when none may join now.
  [[nodiscard]] std::optional<std::size_t> next_to_join() const;
  [[nodiscard]] std::size_t active_count(std::uint64_t owner) const;
  void join(std::size_t index);
  void step();
  void answer_finished();

  // Constant after construction.
  const BatcherOptions options_;
  const DecodeTools& tools_;

  // Protected by mutex_.
  std::mutex mutex_;
  std::condition_variable_any arrived_;
  std::vector<Pending> submitted_;

  // Used by the thread alone.
  std::unique_ptr<Encoder> encoder_;
  std::unique_ptr<Decoder> decoder_;
  std::vector<Pending> waiting_;
  std::vector<Active> active_;

  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace katip::engine
