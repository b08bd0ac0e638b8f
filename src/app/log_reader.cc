#include "app/log_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <memory>
#include <string_view>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

/// A file is read backwards in blocks; the piece of a line that a block begins with is kept for the
/// block before it. Lines are filtered as text: that is a hundred times cheaper than JSON, and the
/// fields that are asked for are written in one way only.
///
/// Tested by log_reader_test.cc.
namespace katip::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBlockSize = 256 << 10;
constexpr std::size_t kLineSizeMax = 1 << 20;
constexpr int kCountMax = 500;
constexpr std::array<std::string_view, 4> kChannels = {"app", "api", "audit", "error"};
constexpr std::array<std::string_view, 5> kLevels = {"DEBUG", "INFO", "WARNING", "ERROR",
                                                     "CRITICAL"};

struct Descriptor {
  int number = -1;
  Descriptor() = default;
  explicit Descriptor(int opened) : number(opened) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

/// What a file of the log is called behind its channel: "", "-2026-03-01", "-2026-03-01.2".
bool is_suffix(std::string_view text) {
  if (text.empty()) return true;
  constexpr std::string_view kShape = "-dddd-dd-dd";
  if (text.size() < kShape.size()) return false;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    if (kShape[i] == 'd' ? !is_digit(text[i]) : text[i] != kShape[i]) return false;
  }
  text.remove_prefix(kShape.size());
  if (text.empty()) return true;
  return text.size() >= 2 && text.size() <= 7 && text.front() == '.' &&
         std::ranges::all_of(text.substr(1), is_digit);
}

struct LogFile {
  std::string name;
  std::string day;  ///< Empty for the one that is written now.
  int part = 0;
};

std::optional<LogFile> log_file(const std::string& name, const std::string& channel) {
  std::string_view rest = name;
  if (!rest.starts_with(channel) || !rest.ends_with(".log")) return std::nullopt;
  rest.remove_prefix(channel.size());
  rest.remove_suffix(4);
  if (!is_suffix(rest)) return std::nullopt;
  LogFile file{.name = name, .day = std::string(rest.substr(0, 11)), .part = 0};
  if (rest.size() > 12) {
    std::from_chars(rest.data() + 12, rest.data() + rest.size(), file.part);
  }
  return file;
}

/// The newest first.
Result<std::vector<std::string>> files_of(const fs::path& folder, const std::string& channel) {
  std::vector<LogFile> found;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (auto file = log_file(entry->path().filename().string(), channel)) {
      found.push_back(*std::move(file));
    }
  }
  if (error) {
    return fail(ErrorCode::kNotFound,
                "there are no log files: logging.files is off, or its folder "
                "cannot be read");
  }
  std::ranges::sort(found, [](const LogFile& a, const LogFile& b) {
    if (a.day.empty() != b.day.empty()) return a.day.empty();
    return std::pair(a.day, a.part) > std::pair(b.day, b.part);
  });
  std::vector<std::string> names;
  for (LogFile& file : found) names.push_back(std::move(file.name));
  return names;
}

char lowered(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

class Filter {
 public:
  explicit Filter(const LogLineQuery& query) {
    if (query.request_id) request_ = fmt::format(R"("request_id":"{}")", *query.request_id);
    if (query.level) {
      const auto from = std::ranges::find(kLevels, *query.level);
      for (auto level = from; level != kLevels.end(); ++level) {
        levels_.push_back(fmt::format(R"("level":"{}")", *level));
      }
    }
    if (query.text) {
      text_ = *query.text;
      std::ranges::transform(text_, text_.begin(), lowered);
      searcher_ = std::make_unique<Searcher>(text_.begin(), text_.end(), std::hash<char>(),
                                             std::equal_to<>());
    }
  }

  bool fits(std::string_view line) {
    if (!request_.empty() && !line.contains(request_)) return false;
    // The level stands near the beginning; a message cannot forge it, as quotes are escaped.
    const std::string_view head = line.substr(0, 80);
    const auto is_in_head = [&](const std::string& level) { return head.contains(level); };
    if (!levels_.empty() && std::ranges::none_of(levels_, is_in_head)) return false;
    if (!searcher_) return true;
    low_.resize(line.size());
    std::ranges::transform(line, low_.begin(), lowered);
    return std::search(low_.begin(), low_.end(), *searcher_) != low_.end();
  }

 private:
  using Searcher = std::boyer_moore_horspool_searcher<std::string::const_iterator>;
  std::string request_, text_, low_;
  std::vector<std::string> levels_;
  std::unique_ptr<Searcher> searcher_;
};

/// Where a page goes on: lines that begin before `offset` of this file, then older files.
struct Place {
  std::string file;
  std::int64_t offset = 0;
};

Result<std::optional<Place>> place_of(const LogLineQuery& query) {
  if (!query.cursor) return std::optional<Place>();
  const std::size_t colon = query.cursor->rfind(':');
  Place place;
  if (colon != std::string::npos) {
    place.file = query.cursor->substr(0, colon);
    const char* end = query.cursor->data() + query.cursor->size();
    const auto read = std::from_chars(query.cursor->data() + colon + 1, end, place.offset);
    if (read.ec == std::errc() && read.ptr == end && place.offset >= 0 &&
        log_file(place.file, query.channel)) {
      return std::optional(std::move(place));
    }
  }
  return fail(ErrorCode::kInvalidArgument, "cursor: take next_cursor of the page before");
}

Status check(const LogLineQuery& query) {
  if (std::ranges::find(kChannels, query.channel) == kChannels.end()) {
    return fail(ErrorCode::kInvalidArgument, "the channels are app, api, audit and error");
  }
  if (query.level && std::ranges::find(kLevels, *query.level) == kLevels.end()) {
    return fail(ErrorCode::kInvalidArgument, "level: DEBUG, INFO, WARNING, ERROR or CRITICAL");
  }
  if (query.count_max < 1 || query.count_max > kCountMax) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("limit: 1 to {}", kCountMax));
  }
  return {};
}

/// One reading: what may still be read, and what was found.
class Reading {
 public:
  Reading(const LogLineQuery& query, std::size_t size_max)
      : filter_(query), count_max_(static_cast<std::size_t>(query.count_max)), left_(size_max) {}

  /// False: the page is done.
  bool read(const fs::path& folder, const std::string& name, std::optional<std::int64_t> offset) {
    // O_NOFOLLOW: whoever may write into the folder cannot make us show another file.
    const Descriptor file(::open((folder / name).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    struct stat facts{};
    if (file.number < 0 || ::fstat(file.number, &facts) != 0 || !S_ISREG(facts.st_mode))
      return true;
    end_ = std::min<std::int64_t>(offset.value_or(facts.st_size), facts.st_size);
    std::string tail;  // The end of a line whose beginning is in the block before.
    while (end_ > 0) {
      if (left_ == 0) return stop_at(name, end_ + std::ssize(tail), true);
      const auto size = static_cast<std::size_t>(std::min<std::int64_t>(end_, kBlockSize));
      std::string block(size, '\0');
      const ssize_t got = ::pread(file.number, block.data(), size, end_ - static_cast<off_t>(size));
      if (got != static_cast<ssize_t>(size)) return true;  // It was emptied meanwhile.
      left_ -= std::min(left_, size);
      end_ -= static_cast<std::int64_t>(size);
      block += tail;
      if (!take_lines(name, block)) return false;
      tail = block.substr(0, std::min(block.size(), kLineSizeMax));
    }
    return true;
  }

  LogLinePage take() { return std::move(page_); }

 private:
  bool stop_at(const std::string& name, std::int64_t offset, bool is_cut) {
    page_.next_cursor = fmt::format("{}:{}", name, offset);
    page_.is_cut = is_cut;
    return false;
  }

  /// Takes whole lines from the end of `block`, and leaves what is before the first line break; at
  /// the beginning of the file that is a line as well.
  bool take_lines(const std::string& name, std::string& block) {
    while (!block.empty()) {
      std::size_t size = block.size();
      while (size > 0 && block[size - 1] == '\n') --size;
      const std::size_t before = size == 0 ? std::string::npos : block.rfind('\n', size - 1);
      if (before == std::string::npos && end_ > 0) return true;
      const std::size_t begin = before == std::string::npos ? 0 : before + 1;
      const std::string_view line(block.data() + begin, size - begin);
      if (!line.empty() && filter_.fits(line)) {
        page_.lines.emplace_back(line);
        if (page_.lines.size() == count_max_) {
          return stop_at(name, end_ + static_cast<std::int64_t>(begin), false);
        }
      }
      block.resize(begin);
    }
    return true;
  }

  Filter filter_;
  const std::size_t count_max_;
  std::size_t left_;
  std::int64_t end_ = 0;
  LogLinePage page_;
};

}  // namespace

Result<LogLinePage> LogReader::read(const LogLineQuery& query) const {
  KATIP_TRY(check(query));
  const std::optional<Place> place = KATIP_TRY(place_of(query));
  const std::vector<std::string> names = KATIP_TRY(files_of(folder_, query.channel));
  auto name = names.begin();
  // A file of the page before that is gone was the oldest: those behind it are gone as well.
  if (place) name = std::ranges::find(names, place->file);
  Reading reading(query, read_size_max_);
  for (bool is_first = place.has_value(); name != names.end(); ++name, is_first = false) {
    if (!reading.read(folder_, *name, is_first ? std::optional(place->offset) : std::nullopt)) {
      break;
    }
  }
  return reading.take();
}

}  // namespace katip::app
