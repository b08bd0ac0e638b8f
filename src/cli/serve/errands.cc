#include "cli/serve/errands.h"

#include <exception>
#include <utility>

/// Tested by errands_test.cc.
namespace katip::cli {

Errands::Errands(int thread_count, std::function<void(const char*)> on_exception)
    : on_exception_(std::move(on_exception)) {
  for (int i = 0; i < thread_count; ++i) {
    threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
  }
}

void Errands::run(std::function<void()> errand) {
  const std::scoped_lock lock(mutex_);
  if (is_stopped_) return;
  waiting_.push_back(std::move(errand));
  is_ready_.notify_one();
}

void Errands::stop() {
  {
    std::deque<std::function<void()>> dropped;  // Without the lock: errands may hold anything.
    const std::scoped_lock lock(mutex_);
    is_stopped_ = true;
    dropped.swap(waiting_);
  }
  for (std::jthread& thread : threads_) thread.request_stop();
  threads_.clear();
}

void Errands::work(const std::stop_token& stop) {
  while (true) {
    std::function<void()> errand;
    {
      std::unique_lock lock(mutex_);
      if (!is_ready_.wait(lock, stop, [this] { return !waiting_.empty(); })) return;
      errand = std::move(waiting_.front());
      waiting_.pop_front();
    }
    try {
      errand();
    } catch (const std::exception& exception) {
      on_exception_(exception.what());
    }
  }
}

}  // namespace katip::cli
