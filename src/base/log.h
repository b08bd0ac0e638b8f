#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

/// The log of the program: JSON lines in files, and lines on the console.
///
///   const auto log = KATIP_TRY(Log::open({.folder = data / "logs"}));      // in cli, once
///   const Logger logger(*log, "jobs");
///   const LogScope scope({.request_id = request, .task_id = task.id});
///   logger.warning("task failed", {{"error", name(error.code)}, {"attempt", 2}});
///
///   {"ts":"2026-03-01T12:00:00.123Z","level":"WARNING","logger":"jobs","message":"task failed",
///    "request_id":"…","task_id":"…","pid":4711,"error":"TIMEOUT","attempt":2}
///
/// The message is a fixed phrase, so that lines can be counted by it; what changes is a field.
/// Keys, tokens and what people said are never logged: a Secret does not compile, the rest is up to
/// you. The module base itself logs nothing.
namespace katip {

enum class LogLevel {
  kDebug,     ///< Everything else.
  kInfo,      ///< Life cycle: started, stopped, done.
  kWarning,   ///< Something is wrong and was dealt with.
  kError,     ///< A person has to act.
  kCritical,  ///< The program cannot go on.
};

/// "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL".
std::string_view name(LogLevel level);
/// The same in any case; nothing for other texts.
std::optional<LogLevel> parse_log_level(std::string_view text);

/// A named value of a line. Texts are escaped, and cut when they are longer than 8 KiB.
///
/// Lifetime: key and text are read during the call that gets the field.
class LogField {
 public:
  LogField(std::string_view key, bool value) : key_(key), value_(value) {}
  template <std::signed_integral T>
  LogField(std::string_view key, T value) : key_(key), value_(static_cast<std::int64_t>(value)) {}
  template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>)
  LogField(std::string_view key, T value) : key_(key), value_(static_cast<std::uint64_t>(value)) {}
  LogField(std::string_view key, double value) : key_(key), value_(value) {}
  LogField(std::string_view key, std::string_view value) : key_(key), value_(value) {}
  LogField(std::string_view key, const std::string& value)
      : key_(key), value_(std::string_view(value)) {}
  LogField(std::string_view key, const char* value) : key_(key), value_(std::string_view(value)) {}
  LogField(std::string_view key, const Secret& value) = delete;

  [[nodiscard]] std::string_view key() const { return key_; }
  [[nodiscard]] const auto& value() const { return value_; }

 private:
  std::string_view key_;
  std::variant<bool, std::int64_t, std::uint64_t, double, std::string_view> value_;
};

/// What lines belong to; empty: nothing.
struct LogContext {
  std::string request_id = {};
  std::string job_id = {};
  std::string task_id = {};
};

/// Adds a context to all lines of this thread for as long as it lives; what is empty in it stays as
/// it was outside. A coroutine may wake up on another thread: it gives ids as fields instead, which
/// come before those of the thread.
///
/// Threads: belongs to the thread that made it.
class LogScope {
 public:
  explicit LogScope(LogContext context);
  ~LogScope();
  LogScope(const LogScope&) = delete;
  LogScope& operator=(const LogScope&) = delete;

  static const LogContext& current();

 private:
  LogContext outer_;
};

/// Which file a line is for. What is ERROR or worse goes to error.log too.
enum class LogChannel {
  kApp,    ///< app.log
  kApi,    ///< api.log: a line for each request.
  kAudit,  ///< audit.log: who did what. Written whatever the level.
};

enum class LogConsole {
  kOff,
  kText,         ///< For people.
  kColoredText,  ///< For people at a terminal.
  kJson,         ///< For systemd, docker and their like.
};

/// A line as it is given to the log.
struct LogEvent {
  LogLevel level;
  std::string_view logger;
  std::string_view message;
  const LogContext& context;
  std::span<const LogField> fields;
};
using LogObserver = std::function<void(const LogEvent&)>;

struct LogOptions {
  std::filesystem::path folder = {};  ///< Created when missing; empty: no files.
  LogLevel level = LogLevel::kInfo;
  LogConsole console = LogConsole::kJson;
  int console_descriptor = 2;
  int keep_days = 30;  ///< How long yesterday's files stay; 0: for ever.
  /// A file that grows beyond this is rotated before midnight, bytes; 0: no limit.
  std::int64_t file_size_max = 0;
  /// Lines in memory; when they are full, callers wait, but for those of kApi, which are dropped.
  std::size_t queue_length = 8'192;
  const Clock* clock = &system_clock();

  /// kInvalidArgument, naming the field and its limits.
  [[nodiscard]] Status validate() const;
};

/// Lines are written by a thread of their own, in the order in which they came. At midnight UTC a
/// file is renamed to "app-2026-03-01.log" and a new one begun; several processes may share the
/// folder. When a disk is full, lines still reach the console; when there is room again the file
/// goes on with a line that says how many are missing. A file that was renamed or deleted by
/// somebody else is noticed within a second.
///
/// Threads: thread-safe.
class Log {
 public:
  /// Errors: kInvalidArgument; kPermissionDenied and the like, naming the folder or file.
  static Result<std::unique_ptr<Log>> open(const LogOptions& options);
  ~Log();  ///< Writes what is left.
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  [[nodiscard]] bool is_on(LogLevel level) const;
  /// Never fails and never throws: a log that cannot be written is no reason to stop working.
  void write(LogChannel channel, LogLevel level, std::string_view logger, std::string_view message,
             std::span<const LogField> fields);
  /// Is told of each line of WARNING and worse, on the thread that writes it; it must not wait, and
  /// writes no lines itself. Empty: nobody is told any more, when this returns.
  void set_observer(LogObserver observer);
  /// Waits until everything given so far is written; false when that took longer.
  bool flush(std::chrono::milliseconds wait);

 private:
  struct Writer;
  explicit Log(std::unique_ptr<Writer> writer);
  void push(LogChannel channel, LogLevel level, std::string_view logger, std::string_view message,
            std::span<const LogField> fields);
  void tell_of_dropped();
  std::unique_ptr<Writer> writer_;
};

/// Writes lines under a name. Made without a Log it writes nothing.
///
/// Threads:  thread-safe.
/// Lifetime: the Log outlives it.
class Logger {
 public:
  using Fields = std::initializer_list<LogField>;

  Logger() = default;
  Logger(Log& log, std::string name, LogChannel channel = LogChannel::kApp)
      : log_(&log), name_(std::move(name)), channel_(channel) {}

  void debug(std::string_view message, Fields fields = {}) const {
    write(LogLevel::kDebug, message, fields);
  }
  void info(std::string_view message, Fields fields = {}) const {
    write(LogLevel::kInfo, message, fields);
  }
  void warning(std::string_view message, Fields fields = {}) const {
    write(LogLevel::kWarning, message, fields);
  }
  void error(std::string_view message, Fields fields = {}) const {
    write(LogLevel::kError, message, fields);
  }
  void critical(std::string_view message, Fields fields = {}) const {
    write(LogLevel::kCritical, message, fields);
  }
  void write(LogLevel level, std::string_view message, std::span<const LogField> fields) const {
    if (log_ != nullptr) log_->write(channel_, level, name_, message, fields);
  }
  [[nodiscard]] bool is_on(LogLevel level) const { return log_ != nullptr && log_->is_on(level); }

 private:
  Log* log_ = nullptr;
  std::string name_;
  LogChannel channel_ = LogChannel::kApp;
};

}  // namespace katip
