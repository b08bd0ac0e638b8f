#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace katip::remote {

struct SseEvent {
  std::string type = "message";
  std::string data;  ///< Its lines, joined by line feeds.
  std::string id;    ///< The last one that was given.
};

/// Server-sent events out of bytes as they come, cut wherever the network cut them.
///
///   SseReader reader([&](const SseEvent& event) -> Result<bool> { …; return true; });
///   client.send(request, [&](int, std::string_view bytes) { return reader.feed(bytes); }, stop);
///
/// Threads: one thread.
/// Source:  HTML Living Standard, 9.2.6 "Interpreting an event stream".
class SseReader {
 public:
  /// False: this is enough.
  using OnEvent = std::function<Result<bool>(const SseEvent&)>;

  explicit SseReader(OnEvent on_event, std::size_t event_size_max = 1 << 20)
      : on_event_(std::move(on_event)), event_size_max_(event_size_max) {}

  /// What the last event said, false after it was enough.
  ///
  /// Errors: those of the callback; kTooLarge for an event above the limit.
  Result<bool> feed(std::string_view bytes);

 private:
  Result<bool> take_line(std::string_view line);

  OnEvent on_event_;
  std::size_t event_size_max_;
  std::string line_;
  SseEvent event_;
  bool has_data_ = false;
  bool was_return_ = false;  ///< The last byte was \r, which a \n may complete.
  bool is_first_ = true;     ///< A byte order mark may stand at the beginning.
};

}  // namespace katip::remote
