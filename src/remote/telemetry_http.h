#pragma once

#include <chrono>
#include <filesystem>

#include "base/clock.h"
#include "remote/http_client.h"

namespace katip::remote {

/// How traces and errors are sent: quickly or not at all, and only where the operator said.
/// `clock`: must outlive the client.
inline HttpOptions telemetry_http(const std::filesystem::path& ca_file, const Clock& clock) {
  HttpOptions options;
  options.connect_timeout = std::chrono::seconds(3);
  options.total_timeout = std::chrono::seconds(10);
  options.redirect_count_max = 0;
  options.ca_file = ca_file;
  options.clock = &clock;
  return options;
}

}  // namespace katip::remote
