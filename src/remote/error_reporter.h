#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/result.h"
#include "base/secret.h"
#include "remote/http_client.h"
#include "remote/outbox.h"

namespace katip::remote {

/// Something that a person has to look at. Fixed phrases, codes and ids only: never what people
/// said, never a key, never the text of an error, which may quote either.
struct ErrorReport {
  std::string level = "error";  ///< "warning", "error" or "fatal".
  std::string logger = {};
  std::string message = {};  ///< A fixed phrase.
  std::vector<std::pair<std::string, std::string>> tags = {};
  std::chrono::system_clock::time_point at = {};
};

/// Where reports go: "https://PUBLIC_KEY@sentry.example/PROJECT".
struct ErrorReporterOptions {
  Secret dsn = {};
  std::string release = {};      ///< "katip@1.2.3"
  std::string environment = {};  ///< "production"
  std::string host_name = {};
  std::filesystem::path ca_file = {};
  std::size_t queue_size_max = 100;
  int per_minute_max = 20;                     ///< Of all.
  std::chrono::seconds same_again_after{300};  ///< Of the same kind; those between are counted.
};

/// Sends reports to Sentry, or to a server that speaks like it, one envelope each.
///
/// Counts:  error_reports_sent_total, error_reports_dropped_total in base/event_counters.h.
/// Threads: thread-safe.
/// Source:  Sentry's developer documentation, "Envelopes" and "Event payloads".
class ErrorReporter {
 public:
  /// Errors: kInvalidArgument for what is no DSN.
  static Result<std::unique_ptr<ErrorReporter>> create(ErrorReporterOptions options,
                                                       const Clock& clock, Rng& rng);

  void report(ErrorReport report);
  /// Sends until it is stopped, and then what is left.
  void run(std::stop_token stop);

 private:
  struct Target {
    std::string url;
    std::string key;
  };
  struct Limits {
    std::deque<std::chrono::steady_clock::time_point> recent;
    std::map<std::string, std::pair<std::chrono::steady_clock::time_point, int>> same;
  };
  struct Parts {
    ErrorReporterOptions options;
    Target target;
    const Clock& clock;
    Rng& rng;
  };
  explicit ErrorReporter(Parts parts);
  bool is_allowed(const ErrorReport& report, int& left_out_count);
  std::string envelope_of(const ErrorReport& report);
  static Result<Target> target_of(const std::string& dsn);

  const ErrorReporterOptions options_;
  const Target target_;
  const Clock& clock_;
  Rng& rng_;
  HttpClient client_;
  Outbox<ErrorReport> outbox_;
  Guarded<Limits> limits_;
};

}  // namespace katip::remote
