#pragma once

#include <functional>
#include <stop_token>

namespace katip::cli {

/// Calls work(0) … work(count - 1), at most `parallel` of them at a time, each index once, begun in
/// order. A stop request keeps those that have not begun from beginning.
///
/// Threads: blocks until all have ended; makes min(count, parallel) threads, none for a single one.
void for_each_parallel(int count, int parallel, const std::function<void(int)>& work,
                       std::stop_token stop);

}  // namespace katip::cli
