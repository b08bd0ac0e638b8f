#include "cli/transcribe/batch.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace katip::cli {

void for_each_parallel(int count, int parallel, const std::function<void(int)>& work,
                       std::stop_token stop) {
  std::atomic<int> next = 0;
  const auto run = [&] {
    for (int index = next++; index < count && !stop.stop_requested(); index = next++) {
      work(index);
    }
  };
  const int thread_count = std::min(count, parallel);
  if (thread_count <= 1) {
    run();
    return;
  }
  std::vector<std::jthread> threads;
  for (int i = 0; i < thread_count; ++i) {
    threads.emplace_back(run);
  }
}

}  // namespace katip::cli
