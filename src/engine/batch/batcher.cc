// Tested by batcher_test.cc with a scripted model, also under ThreadSanitizer, and with a real one
// by tests/integration/batch_test.cc (the same text alone and in a full batch).
#include "engine/batch/batcher.h"

#include <algorithm>

#include <tbb/parallel_for.h>

#include "base/assert.h"

namespace katip::engine {
namespace {

// Windows encoded at once, paused ones included, as a multiple of those decoded at once.
constexpr std::size_t kPausedFactor = 4;

std::unexpected<Error> cancelled() {
  return fail(ErrorCode::kCancelled, "transcription was cancelled");
}

}  // namespace

Batcher::Batcher(const BatcherOptions& options, const DecodeTools& tools,
                 std::unique_ptr<Encoder> encoder, std::unique_ptr<Decoder> decoder)
    : options_(options),
      tools_(tools),
      encoder_(std::move(encoder)),
      decoder_(std::move(decoder)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

Batcher::~Batcher() {
  thread_.request_stop();
  thread_.join();
}

std::future<Result<DecodedWindow>> Batcher::submit(WindowRequest request) {
  Pending pending{std::move(request), {}};
  std::future<Result<DecodedWindow>> answer = pending.answer.get_future();
  {
    const std::scoped_lock lock(mutex_);
    submitted_.push_back(std::move(pending));
  }
  arrived_.notify_one();
  return answer;
}

void Batcher::run(const std::stop_token& stop) {
  while (collect(stop)) {
    drop_cancelled();
    if (const std::optional<std::size_t> index = next_to_join()) {
      join(*index);
      continue;  // what arrived while it was encoded may come first
    }
    if (!active_.empty()) step();
    answer_finished();
  }
  for (Pending& pending : waiting_) pending.answer.set_value(cancelled());
  for (Active& active : active_) active.answer.set_value(cancelled());
}

bool Batcher::collect(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (waiting_.empty() && active_.empty()) {
    arrived_.wait(lock, stop, [this] { return !submitted_.empty(); });
  }
  std::ranges::move(submitted_, std::back_inserter(waiting_));
  submitted_.clear();
  return !stop.stop_requested();
}

void Batcher::drop_cancelled() {
  std::erase_if(waiting_, [](Pending& pending) {
    if (!pending.request.stop.stop_requested()) return false;
    pending.answer.set_value(cancelled());
    return true;
  });
  std::erase_if(active_, [](Active& active) {
    if (!active.stop.stop_requested()) return false;
    active.answer.set_value(cancelled());
    return true;
  });
}

std::size_t Batcher::active_count(std::uint64_t owner) const {
  return static_cast<std::size_t>(std::ranges::count(active_, owner, &Active::owner));
}

std::optional<std::size_t> Batcher::next_to_join() const {
  std::optional<std::size_t> best;
  std::size_t best_share = 0;
  for (std::size_t index = 0; index < waiting_.size(); ++index) {
    const WindowRequest& request = waiting_[index].request;
    const std::size_t share = active_count(request.owner);
    const bool is_better =
        !best || request.priority > waiting_[*best].request.priority ||
        (request.priority == waiting_[*best].request.priority && share < best_share);
    if (!is_better) continue;
    best = index;
    best_share = share;
  }
  if (!best) return best;
  const int priority = waiting_[*best].request.priority;
  // Windows that this one has to wait for; those of a lower priority pause for it.
  const auto rivals = static_cast<std::size_t>(std::ranges::count_if(
      active_, [=](const Active& active) { return active.priority >= priority; }));
  const bool outranked = std::ranges::any_of(
      active_, [=](const Active& active) { return active.priority > priority; });
  const std::size_t places =
      options_.window_count_max + (best_share == 0 ? options_.window_count_max / 2 : 0);
  // Paused windows keep their memory; whoever comes with ever higher priorities has to wait.
  const bool has_memory = active_.size() < kPausedFactor * options_.window_count_max;
  return rivals < places && !outranked && has_memory ? best : std::nullopt;
}

void Batcher::join(std::size_t index) {
  Pending pending = std::move(waiting_[index]);
  waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(index));
  Result<std::unique_ptr<CrossCache>> window = encoder_->encode(pending.request.mel);
  if (!window) {
    pending.answer.set_value(std::unexpected(window.error()));
    return;
  }
  WindowRequest& request = pending.request;
  auto decoder = std::make_unique<WindowDecoder>(tools_, **window, std::move(request.task));
  active_.push_back({.priority = request.priority,
                     .owner = request.owner,
                     .stop = std::move(request.stop),
                     .window = std::move(*window),
                     .decoder = std::move(decoder),
                     .answer = std::move(pending.answer)});
}

void Batcher::step() {
  const int top = std::ranges::max_element(active_, {}, &Active::priority)->priority;
  struct Share {
    WindowDecoder* decoder = nullptr;
    std::size_t logit_begin = 0;
    std::size_t logit_end = 0;
  };
  std::vector<Share> shares;
  std::vector<DecoderRow> rows;
  std::vector<int> logit_rows;
  for (Active& active : active_) {
    if (active.priority < top) continue;
    Share share{.decoder = active.decoder.get(), .logit_begin = logit_rows.size()};
    active.decoder->add_rows(rows, logit_rows);
    share.logit_end = logit_rows.size();
    shares.push_back(share);
  }
  KATIP_ASSERT(!rows.empty());
  if (logit_rows.empty()) logit_rows.push_back(0);  // word times alone: nobody looks at it
  Result<std::span<float>> logits = decoder_->step(rows, logit_rows);
  if (!logits) {
    for (Active& active : active_) active.answer.set_value(std::unexpected(logits.error()));
    active_.clear();
    return;
  }
  const auto vocabulary_size = static_cast<std::size_t>(tools_.config.vocabulary_size);
  tbb::parallel_for(std::size_t{0}, shares.size(), [&](std::size_t index) {
    const Share& share = shares[index];
    share.decoder->advance(
        logits->subspan(share.logit_begin * vocabulary_size,
                        (share.logit_end - share.logit_begin) * vocabulary_size));
  });
}

void Batcher::answer_finished() {
  std::erase_if(active_, [](Active& active) {
    if (!active.decoder->is_done()) return false;
    active.answer.set_value(active.decoder->take());
    return true;
  });
}

}  // namespace katip::engine
