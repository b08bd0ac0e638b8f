#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/database_url.h"

namespace katip::store::postgres {

/// "pg_dump (PostgreSQL) 15.18 (Debian …)" -> 15; nothing of a version: 0.
int major_version(std::string_view text);

/// A program of PostgreSQL that is not older than the server: in `folder` if that is named, else
/// the oldest such one of /usr/lib/postgresql, else that of the search path.
///
/// Errors: kNotFound, with what to install.
Result<std::string> find_program(std::string_view name, int server_major,
                                 const std::filesystem::path& folder, std::stop_token stop);

/// Runs it on a database. How to connect goes into a file of its own for this run and the password
/// into the environment, so that neither is seen in the list of processes.
///
/// Errors: kInternal with the end of what the program said; kCancelled.
Status run_program(const std::vector<std::string>& arguments, const DatabaseUrl& url,
                   const std::filesystem::path& scratch_dir, std::stop_token stop);

}  // namespace katip::store::postgres
