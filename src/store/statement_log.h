#pragma once

#include <chrono>
#include <string_view>

#include "base/log.h"
#include "store/connection.h"

namespace katip::store {

struct StatementLogOptions {
  /// A statement that took so long is a warning; 0: none is.
  std::chrono::milliseconds slow_after{500};
  /// Every statement, at DEBUG.
  bool logs_every = false;

  /// kInvalidArgument, naming the field and its limits.
  [[nodiscard]] Status validate() const;
};

/// Writes statements to the log: their text in single blanks, cut after 1,000 bytes, how long they
/// took, and the code of their error. Never parameters, and not the message of an error, in which
/// PostgreSQL may quote a value.
///
///   StatementLog statements(Logger(log, "store"), {});
///   auto connection = Connection::open(url, {.observer = &statements});
///
/// Threads: thread-safe.
class StatementLog final : public StatementObserver {
 public:
  StatementLog(Logger logger, const StatementLogOptions& options)
      : logger_(std::move(logger)), options_(options) {}

  void on_statement(std::string_view sql, std::chrono::microseconds duration,
                    const Error* error) override;

 private:
  Logger logger_;
  StatementLogOptions options_;
};

}  // namespace katip::store
