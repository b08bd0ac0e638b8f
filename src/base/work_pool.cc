#include "base/work_pool.h"

#include <exception>
#include <utility>

/// Tested by work_pool_test.cc.
namespace katip {

WorkPool::WorkPool(int thread_count, std::size_t waiting_count_max,
                   std::function<void(const char*)> on_exception)
    : waiting_count_max_(waiting_count_max), on_exception_(std::move(on_exception)) {
  for (int i = 0; i < thread_count; ++i) {
    threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
  }
}

void WorkPool::stop() {
  // Whoever waits for what will not run is told by its end, outside of the lock.
  std::deque<std::function<void()>> dropped;
  {
    const std::scoped_lock lock(mutex_);
    is_stopped_ = true;
    dropped.swap(waiting_);
  }
  dropped.clear();
  for (std::jthread& thread : threads_) thread.request_stop();
  threads_.clear();
}

bool WorkPool::post(std::function<void()> work) {
  {
    const std::scoped_lock lock(mutex_);
    if (is_stopped_ || waiting_.size() >= waiting_count_max_) return false;
    waiting_.push_back(std::move(work));
  }
  is_ready_.notify_one();
  return true;
}

void WorkPool::post_always(std::function<void()> work) {
  {
    const std::scoped_lock lock(mutex_);
    if (is_stopped_) return;
    waiting_.push_back(std::move(work));
  }
  is_ready_.notify_one();
}

void WorkPool::run(const std::stop_token& stop) {
  while (true) {
    std::function<void()> work;
    {
      std::unique_lock lock(mutex_);
      if (!is_ready_.wait(lock, stop, [&] { return !waiting_.empty(); })) return;
      if (stop.stop_requested()) return;
      work = std::move(waiting_.front());
      waiting_.pop_front();
    }
    try {
      work();
    } catch (const std::exception& exception) {
      on_exception_(exception.what());
    }
  }
}

}  // namespace katip
