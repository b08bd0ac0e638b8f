#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>

#include "base/result.h"
#include "store/connection.h"

/// Whole copies of a SQLite database as files.
namespace katip::store::sqlite {

/// Where the database of a connection lies; nothing: in memory.
Result<std::optional<std::filesystem::path>> file_of(Connection& connection);

/// What a copy of it takes, about. Units: bytes.
Result<std::int64_t> copy_size(Connection& connection);

/// Writes the database into a new file, which its owner alone may read, as it is at one moment:
/// after every commit that was acknowledged before the call. Nobody has to stop writing. It is on
/// the disk when this returns; after an error nothing of it is left.
///
/// Errors: kConflict when there is such a file; kUnavailable when the disk is full; kCancelled;
///         those of Connection.
Status copy_to(const std::filesystem::path& database, const std::filesystem::path& target,
               std::stop_token stop);

/// Looks through all pages of a copy, and whether it has as many tables and indexes as the
/// database.
///
/// Errors: kCorruptData for what is not sound; kCancelled; those of Connection.
Status check_copy(Connection& database, const std::filesystem::path& copy, std::stop_token stop);

/// Removes a database with its log. One that is not there: nothing.
///
/// Errors: those of the files.
Status remove_database(const std::filesystem::path& database);

}  // namespace katip::store::sqlite
