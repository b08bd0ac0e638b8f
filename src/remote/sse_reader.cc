#include "remote/sse_reader.h"

#include <fmt/format.h>

/// Tested by sse_reader_test.cc.
namespace katip::remote {

Result<bool> SseReader::feed(std::string_view bytes) {
  for (const char c : bytes) {
    if (c == '\n' && was_return_) {
      was_return_ = false;
      continue;
    }
    was_return_ = c == '\r';
    if (c == '\n' || c == '\r') {
      const bool goes_on = KATIP_TRY(take_line(line_));
      line_.clear();
      if (!goes_on) return false;
    } else if (line_.size() + event_.data.size() >= event_size_max_) {
      return fail(ErrorCode::kTooLarge,
                  fmt::format("an event of the answer is larger than {} bytes", event_size_max_));
    } else {
      line_ += c;
    }
  }
  return true;
}

Result<bool> SseReader::take_line(std::string_view line) {
  if (is_first_ && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  is_first_ = false;
  if (line.empty()) {
    const bool is_event = has_data_;
    SseEvent event = event_;
    event_ = {.data = {}, .id = event.id};
    has_data_ = false;
    return is_event ? on_event_(event) : Result<bool>(true);
  }
  const std::size_t colon = line.find(':');
  const std::string_view field = line.substr(0, colon);
  std::string_view value = colon == line.npos ? "" : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "data") {
    if (has_data_) event_.data += '\n';
    event_.data += value;
    has_data_ = true;
  } else if (field == "event") {
    event_.type = value;
  } else if (field == "id" && !value.contains('\0')) {
    event_.id = value;
  }
  return true;
}

}  // namespace katip::remote
