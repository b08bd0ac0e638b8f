#pragma once

#include <memory>
#include <string>
#include <utility>

#include "base/guarded.h"
#include "http/exchange.h"

namespace katip::http {

/// A stream for news that may come before it is open: whether there is anything to follow is known
/// only when somebody listens already.
///
/// Threads: thread-safe.
class EarlyStream {
 public:
  void write(std::string bytes) {
    state_.with_lock([&](State& state) {
      if (state.stream) {
        state.stream->write(std::move(bytes));
      } else {
        state.early += bytes;
      }
    });
  }
  /// The last bytes.
  void finish(std::string bytes) {
    write(std::move(bytes));
    state_.with_lock([](State& state) {
      state.is_done = true;
      if (state.stream) state.stream->finish();
    });
  }
  /// What has come so far is sent.
  void open(std::shared_ptr<ResponseStream> stream) {
    state_.with_lock([&](State& state) {
      state.stream = std::move(stream);
      if (!state.early.empty()) state.stream->write(std::exchange(state.early, {}));
      if (state.is_done) state.stream->finish();
    });
  }

 private:
  struct State {
    std::shared_ptr<ResponseStream> stream = {};
    std::string early = {};
    bool is_done = false;
  };
  Guarded<State> state_;
};

}  // namespace katip::http
