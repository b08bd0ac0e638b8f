#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace katip::app {

/// Everything that is set has to hold.
struct LogLineQuery {
  std::string channel = "app";  ///< app, api, audit or error: the beginning of the files' names.
  std::optional<std::string> level = {};  ///< DEBUG … CRITICAL: lines of this level and worse.
  std::optional<std::string> request_id = {};
  std::optional<std::string> text = {};    ///< Part of the line, whatever its case.
  std::optional<std::string> cursor = {};  ///< From the page before.
  int count_max = 100;                     ///< 1 to 500.
};

struct LogLinePage {
  std::vector<std::string> lines = {};  ///< As they are written: a JSON object each.
  std::optional<std::string> next_cursor = {};
  bool is_cut = false;  ///< So much was read without finding more; `next_cursor` goes on.
};

/// Reads the files of docs/logging.md from their ends, the newest line first. It opens files of
/// that folder whose names are those of the log, and no links.
///
/// Errors:  kInvalidArgument for a wrong query; kNotFound when there is no such folder.
/// Threads: immutable.
class LogReader {
 public:
  explicit LogReader(std::filesystem::path folder, std::size_t read_size_max = 8 << 20)
      : folder_(std::move(folder)), read_size_max_(read_size_max) {}

  [[nodiscard]] Result<LogLinePage> read(const LogLineQuery& query) const;

 private:
  std::filesystem::path folder_;
  std::size_t read_size_max_;
};

}  // namespace katip::app
