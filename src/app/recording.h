#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "app/principal.h"
#include "app/submit.h"
#include "app/transcription_args.h"
#include "base/result.h"

namespace katip::app {

inline constexpr double kKeepDaysMax = 36'500;

/// How long a job with its recording and transcript stays, as people say it: 0 days are for ever,
/// and so is what is no number of days. A part of a day is allowed.
std::optional<std::chrono::seconds> keep_for_days(double days);

/// What is known of a recording besides its bytes.
struct Recording {
  std::string name = {};
  std::string media_type = {};
  std::string sha256 = {};
  TranscriptionArgs args = {};
  std::string request_id = {};
  std::optional<int> priority = {};  ///< 0 to 10; else that of the principal, else of the queue.
  std::optional<std::chrono::seconds> keep_for = {};  ///< Nothing: for ever.
  std::vector<std::string> tags = {};                 ///< As of checked_tags().
};

/// The highest that everybody may ask for, that of the queue "high". Above it are the slots that
/// workers keep free for what somebody waits for.
inline constexpr int kPriorityForAll = 7;

/// Whether they may ask for this priority: more than kPriorityForAll is for those who operate.
///
/// Errors: kPermissionDenied, with what is allowed.
Status check_priority(const Principal& principal, std::optional<int> priority);

/// In the name of whoever sends it. Its file is still to be named; it will be moved.
Submission submission_of(const Principal& principal, const Recording& recording);

}  // namespace katip::app
