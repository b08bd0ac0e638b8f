#pragma once

#include <memory>
#include <stop_token>
#include <thread>

namespace katip::cli {

/// Ctrl-C and SIGTERM as a stop request. The first asks everybody to stop and keep what is done;
/// the second ends the program at once.
///
/// Threads: one object in the program, made before any other thread.
class SignalStop {
 public:
  SignalStop();
  ~SignalStop();
  SignalStop(const SignalStop&) = delete;
  SignalStop& operator=(const SignalStop&) = delete;

  [[nodiscard]] std::stop_token token() const { return source_.get_token(); }
  /// For results that nobody reads any more.
  void request_stop() { source_.request_stop(); }

  /// While one of these lives there is nothing to keep, and something that cannot be interrupted
  /// (a model that loads) may take long: the first signal ends the program.
  class Uninterruptible {
   public:
    Uninterruptible();
    ~Uninterruptible();
    Uninterruptible(const Uninterruptible&) = delete;
    Uninterruptible& operator=(const Uninterruptible&) = delete;
  };

 private:
  void watch();

  std::stop_source source_;
  std::jthread watcher_;
};

}  // namespace katip::cli
