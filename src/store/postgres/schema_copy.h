#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "store/database_url.h"

namespace katip::store::postgres {

struct CopiedDatabase {
  DatabaseUrl from;
  DatabaseUrl to;  ///< Of the same server, and empty.
};

struct DatabaseCopySettings {
  std::string version_table;
  std::int64_t rows_size_max = 0;  ///< One that takes more on its disk comes without rows.
  std::filesystem::path scratch_dir;
  std::filesystem::path postgres_programs;
  std::chrono::milliseconds lock_timeout{0};  ///< For tables that somebody has locked.
  std::stop_token stop = {};
};

/// Fills one database with another, as it is at one moment, by pg_dump and pg_restore; owners and
/// rights do not come along. Whether its rows came too: those of the tables of migrations always
/// do.
///
/// Errors: kNotFound with what to install; kInternal with the end of what a program said;
///         kCancelled; those of Connection.
Result<bool> copy_database(const CopiedDatabase& databases, const DatabaseCopySettings& settings);

}  // namespace katip::store::postgres
