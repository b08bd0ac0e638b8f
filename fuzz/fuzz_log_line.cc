#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "base/log/log_line.h"

using namespace katip;

namespace {

/// One line, no character that a terminal obeys.
void check_plain(std::string_view line) {
  for (const char c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) std::abort();
  }
}

}  // namespace

/// Any bytes as message, names, values and ids give one JSON object and one line of text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string_view front = bytes.substr(0, size / 2);
  const std::string_view back = bytes.substr(size / 2);
  const LogField fields[] = {{front, back}, {back, static_cast<double>(size)}, {bytes, bytes}};
  const LogContext context{.request_id = std::string(front), .job_id = {}, .task_id = "t"};
  const log::Line line{.time = {},
                       .level = LogLevel::kError,
                       .logger = back,
                       .message = bytes,
                       .context = &context,
                       .fields = fields,
                       .pid = 1};
  const std::string json = log::json_line(line);
  check_plain(json);
  check_plain(log::text_line(line, false));
  boost::system::error_code wrong;
  const auto value = boost::json::parse(json, wrong);
  if (wrong || !value.is_object()) std::abort();
  return 0;
}
