#include "base/log.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cctype>
#include <condition_variable>
#include <mutex>
#include <shared_mutex>
#include <vector>

#include <fmt/format.h>
#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include "base/log/log_file.h"
#include "base/log/log_line.h"

/// The caller makes the line, as JSON and, if the console wants it, as text; spdlog carries both in
/// one message (JSON has no raw newline, so one divides them) through its queue to its thread,
/// where sinks of ours write them. spdlog's own formatter does not escape, and its files do not
/// survive a full disk, a foreign clock or a second process.
///
/// Tested by log_test.cc, log/log_line_test.cc and log/log_file_test.cc.
namespace katip {
namespace {

constexpr std::array<std::string_view, 5> kLevelNames = {"DEBUG", "INFO", "WARNING", "ERROR",
                                                         "CRITICAL"};
constexpr std::chrono::seconds kComplainEvery{60};

thread_local LogContext current_context;

using NullMutex = spdlog::details::null_mutex;  // Sinks run on the one thread of the queue.

/// Everything, or as much as goes: what a console does not take is nobody's to complain to.
void write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

std::string_view payload_of(const spdlog::details::log_msg& message) {
  return {message.payload.data(), message.payload.size()};
}

class ConsoleSink final : public spdlog::sinks::base_sink<NullMutex> {
 public:
  explicit ConsoleSink(const LogOptions& options)
      : console_(options.console), descriptor_(options.console_descriptor) {}

  void show(const log::Line& line) const {
    const bool is_json = console_ == LogConsole::kJson || console_ == LogConsole::kOff;
    write_all(descriptor_, (is_json ? log::json_line(line)
                                    : log::text_line(line, console_ == LogConsole::kColoredText)) +
                               "\n");
  }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    const std::string_view payload = payload_of(message);
    const std::size_t newline = payload.find('\n');
    const std::string_view line =
        console_ == LogConsole::kJson ? payload.substr(0, newline) : payload.substr(newline + 1);
    write_all(descriptor_, std::string(line) + "\n");
  }
  void flush_() override {}

  LogConsole console_;
  int descriptor_;
};

/// A file, and what is done when it cannot be written: the console is told, once a minute at most,
/// and the file itself when it can be written again.
class FileSink final : public spdlog::sinks::base_sink<NullMutex> {
 public:
  FileSink(log::LogFile file, std::shared_ptr<ConsoleSink> console, const Clock& clock)
      : file_(std::move(file)), console_(std::move(console)), clock_(clock) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    const std::string_view payload = payload_of(message);
    const std::string_view line = payload.substr(0, payload.find('\n'));
    if (lost_count_ > 0 && !tell_of_lost()) {
      ++lost_count_;
      return;
    }
    if (const Status status = file_.write(line); !status) {
      ++lost_count_;
      complain(status.error());
    }
  }
  void flush_() override {}

  /// Whether the file takes lines again.
  bool tell_of_lost() {
    const LogField fields[] = {{"count", lost_count_}};
    if (!file_.write(
            log::json_line(own_line(LogLevel::kWarning, "log lines are missing", fields)))) {
      return false;
    }
    lost_count_ = 0;
    return true;
  }

  void complain(const Error& error) {
    const auto now = clock_.now();
    if (complained_at_ && now - *complained_at_ < kComplainEvery) return;
    complained_at_ = now;
    const LogField fields[] = {{"error", error.message}};
    console_->show(own_line(LogLevel::kError, "log file cannot be written", fields));
  }

  log::Line own_line(LogLevel level, std::string_view message, std::span<const LogField> fields) {
    return {.time = clock_.calendar(),
            .level = level,
            .logger = "log",
            .message = message,
            .context = nullptr,
            .fields = fields,
            .pid = ::getpid()};
  }

  log::LogFile file_;
  std::shared_ptr<ConsoleSink> console_;
  const Clock& clock_;
  std::int64_t lost_count_ = 0;
  std::optional<std::chrono::steady_clock::time_point> complained_at_;
};

/// Lines that are given and not yet written.
class Pending {
 public:
  void add() {
    const std::scoped_lock lock(mutex_);
    ++count_;
  }
  void remove() {
    const std::scoped_lock lock(mutex_);
    if (--count_ == 0) none_.notify_all();
  }
  /// False, and nothing is added, when there are so many already.
  bool try_add(std::int64_t count_max) {
    const std::scoped_lock lock(mutex_);
    if (count_ >= count_max) return false;
    ++count_;
    return true;
  }
  bool wait_for_none(std::chrono::milliseconds wait) {
    std::unique_lock lock(mutex_);
    return none_.wait_for(lock, wait, [&] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable none_;
  std::int64_t count_ = 0;
};

/// The last sink of each channel.
class CountingSink final : public spdlog::sinks::base_sink<NullMutex> {
 public:
  explicit CountingSink(Pending& pending) : pending_(pending) {}

 private:
  void sink_it_(const spdlog::details::log_msg&) override { pending_.remove(); }
  void flush_() override {}
  Pending& pending_;
};

}  // namespace

std::string_view name(LogLevel level) { return kLevelNames[static_cast<std::size_t>(level)]; }

std::optional<LogLevel> parse_log_level(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  const auto found = std::ranges::find(kLevelNames, upper);
  if (found == kLevelNames.end()) return std::nullopt;
  return static_cast<LogLevel>(found - kLevelNames.begin());
}

LogScope::LogScope(LogContext context) : outer_(current_context) {
  if (!context.request_id.empty()) current_context.request_id = std::move(context.request_id);
  if (!context.job_id.empty()) current_context.job_id = std::move(context.job_id);
  if (!context.task_id.empty()) current_context.task_id = std::move(context.task_id);
}

LogScope::~LogScope() { current_context = std::move(outer_); }

const LogContext& LogScope::current() { return current_context; }

Status LogOptions::validate() const {
  const auto refuse = [](std::string_view field, std::string_view limits) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("LogOptions.{} {}", field, limits));
  };
  if (keep_days < 0 || keep_days > 36'500) return refuse("keep_days", "is 0 to 36500");
  if (file_size_max < 0) return refuse("file_size_max", "is 0 or more");
  if (queue_length < 1 || queue_length > 1'000'000) {
    return refuse("queue_length", "is 1 to 1000000");
  }
  if (clock == nullptr) return refuse("clock", "is missing");
  return {};
}

struct Log::Writer {
  using Sinks = std::vector<spdlog::sink_ptr>;

  explicit Writer(const LogOptions& given)
      : options(given),
        console(std::make_shared<ConsoleSink>(given)),
        counting(std::make_shared<CountingSink>(pending)) {}

  Result<std::shared_ptr<FileSink>> open_file(std::string_view file_name) const {
    log::LogFile file = KATIP_TRY(log::LogFile::open(
        options.folder / file_name,
        {.keep_days = options.keep_days, .file_size_max = options.file_size_max}, *options.clock));
    return std::make_shared<FileSink>(std::move(file), console, *options.clock);
  }

  /// The console comes first: a line that no file takes has been shown.
  void add_channel(LogChannel channel, const std::shared_ptr<FileSink>& file,
                   const std::shared_ptr<FileSink>& errors) {
    Sinks sinks;
    if (options.console != LogConsole::kOff) sinks.push_back(console);
    if (file) sinks.push_back(file);
    if (errors) sinks.push_back(errors);
    sinks.push_back(counting);
    auto logger = std::make_shared<spdlog::async_logger>(
        "katip", sinks.begin(), sinks.end(), threads, spdlog::async_overflow_policy::block);
    logger->set_level(spdlog::level::trace);
    channels[static_cast<std::size_t>(channel)] = std::move(logger);
  }

  /// Whether the queue takes a line of this channel. Those of requests come from threads that must
  /// not wait for a disk: they have seven eighths of the queue, and behind that they are counted.
  bool admit(LogChannel channel) {
    if (channel != LogChannel::kApi) {
      pending.add();
      return true;
    }
    const auto length = static_cast<std::int64_t>(options.queue_length);
    if (pending.try_add(std::max<std::int64_t>(1, length - length / 8))) return true;
    ++dropped_count;
    return false;
  }

  LogOptions options;
  std::shared_mutex observer_mutex;  // Of observer; many lines may be told of at once.
  LogObserver observer;
  std::atomic<bool> has_observer = false;
  Pending pending;
  std::atomic<std::int64_t> dropped_count = 0;
  std::shared_ptr<ConsoleSink> console;
  std::shared_ptr<CountingSink> counting;
  std::array<std::shared_ptr<spdlog::async_logger>, 3> channels;
  /// Last: its end writes what is in the queue, for which the loggers have to be there.
  std::shared_ptr<spdlog::details::thread_pool> threads =
      std::make_shared<spdlog::details::thread_pool>(options.queue_length, 1);
};

Log::Log(std::unique_ptr<Writer> writer) : writer_(std::move(writer)) {}

Log::~Log() = default;

Result<std::unique_ptr<Log>> Log::open(const LogOptions& options) {
  KATIP_TRY(options.validate());
  auto writer = std::make_unique<Writer>(options);
  std::shared_ptr<FileSink> app, api, audit, errors;
  if (!options.folder.empty()) {
    std::error_code code;
    std::filesystem::create_directories(options.folder, code);
    if (code) {
      return fail(ErrorCode::kPermissionDenied, "cannot create the folder of the log, " +
                                                    options.folder.string() + ": " +
                                                    code.message());
    }
    app = KATIP_TRY(writer->open_file("app.log"));
    api = KATIP_TRY(writer->open_file("api.log"));
    audit = KATIP_TRY(writer->open_file("audit.log"));
    errors = KATIP_TRY(writer->open_file("error.log"));
    errors->set_level(spdlog::level::err);
  }
  writer->add_channel(LogChannel::kApp, app, errors);
  writer->add_channel(LogChannel::kApi, api, errors);
  writer->add_channel(LogChannel::kAudit, audit, errors);
  return std::unique_ptr<Log>(new Log(std::move(writer)));
}

bool Log::is_on(LogLevel level) const { return level >= writer_->options.level; }

void Log::set_observer(LogObserver observer) {
  const std::unique_lock lock(writer_->observer_mutex);
  writer_->observer = std::move(observer);
  writer_->has_observer = static_cast<bool>(writer_->observer);
}

void Log::write(LogChannel channel, LogLevel level, std::string_view logger,
                std::string_view message, std::span<const LogField> fields) {
  if (level >= LogLevel::kWarning && writer_->has_observer) {
    const std::shared_lock lock(writer_->observer_mutex);
    if (writer_->observer) {
      writer_->observer({level, logger, message, LogScope::current(), fields});
    }
  }
  if (!is_on(level) && channel != LogChannel::kAudit) return;
  if (!writer_->admit(channel)) return;
  push(channel, level, logger, message, fields);
  if (channel == LogChannel::kApi && writer_->dropped_count > 0) tell_of_dropped();
}

/// What admit() has let in.
void Log::push(LogChannel channel, LogLevel level, std::string_view logger,
               std::string_view message, std::span<const LogField> fields) {
  constexpr std::array kSpdlogLevels = {spdlog::level::debug, spdlog::level::info,
                                        spdlog::level::warn, spdlog::level::err,
                                        spdlog::level::critical};
  try {
    const log::Line line{.time = writer_->options.clock->calendar(),
                         .level = level,
                         .logger = logger,
                         .message = message,
                         .context = &LogScope::current(),
                         .fields = fields,
                         .pid = ::getpid()};
    std::string payload = log::json_line(line) + "\n";
    const LogConsole console = writer_->options.console;
    if (console == LogConsole::kText || console == LogConsole::kColoredText) {
      payload += log::text_line(line, console == LogConsole::kColoredText);
    }
    writer_->channels[static_cast<std::size_t>(channel)]->log(
        kSpdlogLevels[static_cast<std::size_t>(level)],
        spdlog::string_view_t(payload.data(), payload.size()));
  } catch (const std::exception&) {
    // No memory for a line. The program is about to learn that elsewhere.
    writer_->pending.remove();
    write_all(2, "katip: no memory for a line of the log\n");
  }
}

void Log::tell_of_dropped() {
  const auto half = static_cast<std::int64_t>(writer_->options.queue_length / 2);
  if (!writer_->pending.try_add(std::max<std::int64_t>(1, half))) return;  // It still stands still.
  const LogField fields[] = {{"count", writer_->dropped_count.exchange(0)}};
  push(LogChannel::kApi, LogLevel::kWarning, "log", "log lines are missing", fields);
}

bool Log::flush(std::chrono::milliseconds wait) { return writer_->pending.wait_for_none(wait); }

}  // namespace katip
