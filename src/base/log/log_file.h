#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace katip::log {

struct LogFileOptions {
  int keep_days = 30;              ///< 0: for ever.
  std::int64_t file_size_max = 0;  ///< Bytes; 0: no limit.
};

/// A file of lines that is renamed at midnight UTC: app.log -> app-2026-03-01.log, and when there
/// is such a one already, app-2026-03-01.1.log. The day of a line is that of its ts; the day of a
/// file is that of its first line, whoever wrote it and whenever.
///
/// Several processes may write to one file: lines are added whole (O_APPEND), and who renames holds
/// a lock on `.rotate.lock` of the folder; the others see that the file is another one and follow.
///
/// Threads: one thread.
class LogFile {
 public:
  /// Errors: those of the file system, naming the file.
  static Result<LogFile> open(const std::filesystem::path& path, const LogFileOptions& options,
                              const Clock& clock);
  ~LogFile();
  LogFile(LogFile&& other) noexcept;
  LogFile& operator=(LogFile&& other) = delete;

  /// Adds a line of JSON, whose newline is added here. After an error nothing of the line is in the
  /// file, and the next one may be tried.
  Status write(std::string_view line);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  LogFile(std::filesystem::path path, const LogFileOptions& options, const Clock& clock)
      : path_(std::move(path)), options_(options), clock_(&clock) {}
  Status reopen();
  void follow_rename();
  void rotate(std::string_view today);
  [[nodiscard]] bool is_replaced() const;
  [[nodiscard]] std::string day_of_first_line() const;
  [[nodiscard]] std::filesystem::path free_name() const;
  void delete_old(std::string_view today) const;
  Status append(const std::string& bytes);

  std::filesystem::path path_;
  LogFileOptions options_;
  const Clock* clock_;
  int descriptor_ = -1;
  std::string day_;  // "2026-03-01"; empty: the file has no line yet.
  std::chrono::steady_clock::time_point looked_at_;
};

}  // namespace katip::log
