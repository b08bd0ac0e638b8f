#include "audio/decoder/log_capture.h"

#include <array>
#include <cstdarg>
#include <cstdio>
#include <string_view>

extern "C" {
#include <libavutil/log.h>
}

namespace katip::audio {
namespace {

struct Captured {
  std::string last_error;
  bool early_end = false;
};

Captured& captured() {
  static Captured kept;
  return kept;
}

void keep(void* /*context*/, int level, const char* format, va_list arguments) {
  if (level > AV_LOG_ERROR) {
    return;
  }
  std::array<char, 200> text{};
  if (std::vsnprintf(text.data(), text.size(), format, arguments) < 0) {
    return;
  }
  std::string_view line(text.data());
  while (!line.empty() && (line.back() == '\n' || line.back() == ' ')) {
    line.remove_suffix(1);
  }
  captured().last_error = line;
  captured().early_end |= line.find("ended prematurely") != std::string_view::npos ||
                          line.find("partial file") != std::string_view::npos;
}

}  // namespace

void capture_log() {
  captured();  // made now, while memory is plentiful
  av_log_set_level(AV_LOG_ERROR);
  av_log_set_callback(keep);
}

const std::string& last_log_error() { return captured().last_error; }
bool log_tells_of_early_end() { return captured().early_end; }

}  // namespace katip::audio
