#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/log.h"

/// One line of the log as text. Nothing that anybody wrote into a field can end the line, begin
/// another one or speak to a terminal.
namespace katip::log {

struct Line {
  std::chrono::system_clock::time_point time;
  LogLevel level = LogLevel::kInfo;
  std::string_view logger;
  std::string_view message;
  const LogContext* context = nullptr;
  std::span<const LogField> fields;
  std::int64_t pid = 0;
};

/// "2026-03-01T12:00:00.123Z".
std::string timestamp(std::chrono::system_clock::time_point time);

/// One JSON object without its newline. It begins with the ts, whose place is fixed. A field named
/// as one of katip's own (request_id, job_id, task_id) takes its place; one that would hide ts,
/// level, logger, message or pid gets "field_" in front. Of two with one name the first counts.
///
/// Threads: pure.
std::string json_line(const Line& line);

/// "12:00:00.123 WARNING jobs: task failed  attempt=2 error=TIMEOUT (request_id=…)".
///
/// Threads: pure.
std::string text_line(const Line& line, bool is_colored);

/// Adds `text` in quotes. Control characters, those that turn the direction of writing, and line
/// separators are escaped; bytes that are not UTF-8 become U+FFFD; beyond 8 KiB it is cut, and says
/// so.
void append_quoted(std::string& target, std::string_view text);

}  // namespace katip::log
