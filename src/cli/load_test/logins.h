#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

namespace katip::cli {

/// Whom a user of a load test logs in as.
struct Login {
  std::string name;
  Secret password;
};

/// Lines "LOGIN:PASSWORD"; empty ones and those that begin with # are skipped.
///
/// Errors: kInvalidArgument, naming the line.
Result<std::vector<Login>> parse_logins(std::string_view text);

/// "loadtest-x7k2-0001" and so on, each with a password of its own. The letters in the middle keep
/// two tests on one server apart.
std::vector<Login> make_logins(std::size_t count, Rng& rng);

}  // namespace katip::cli
