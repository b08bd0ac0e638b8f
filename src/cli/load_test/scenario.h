#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "cli/load_test/logins.h"
#include "cli/load_test/phase_figures.h"

namespace katip::cli {

/// Who the users are. A login keeps a limited number of sessions, so each user has one of its own.
enum class LoadUsers {
  kKey,       ///< All come with the key; without one nobody says who they are.
  kOwn,       ///< Those of `logins`.
  kPrepared,  ///< Made first and removed at the end, with the key of an administrator.
};

struct LoadOptions {
  std::string url = "http://127.0.0.1:8002";
  std::filesystem::path file = {};  ///< What each user uploads.
  int user_count = 1'000;
  int concurrency = 50;
  LoadUsers users = LoadUsers::kKey;
  std::vector<Login> logins = {};  ///< Of kOwn: at least as many as users.
  Secret key = {};
  std::chrono::seconds completion_max{3'600};  ///< For all jobs together.
};

/// Users who log in, upload a recording, wait for its transcript and fetch it. The phases come one
/// after the other, so that each is measured by itself.
///
/// Errors: kUnavailable when the server does not answer at all.
Result<std::vector<PhaseFigures>> run_load(const LoadOptions& options,
                                           const std::function<void(const std::string&)>& on_status,
                                           std::stop_token stop);

}  // namespace katip::cli
