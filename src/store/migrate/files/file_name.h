#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/migrate/files/local_time.h"

namespace katip::store::migrate {

inline constexpr std::string_view kFileTemplate = "%(rev)s_%(slug)s";
inline constexpr std::size_t kSlugSizeMax = 40;

/// The words of a message in lower case with "_" between them, cut at a word when it is longer than
/// `size_max`: "Add users' table!" -> "add_users_table".
///
/// Source: alembic/script/base.py `ScriptDirectory._rev_path`.
std::string slug_of(std::string_view message, std::size_t size_max = kSlugSizeMax);

struct FileNameParts {
  std::string revision_id;
  std::string slug;
  LocalTime time;
};

/// The path below the version folder, without ".sql". Templates are written as for Alembic:
/// %(rev)s %(slug)s %(epoch)s %(year)d %(month).2d %(day)02d %(hour)s %(minute)s %(second)s, %% for
/// a percent sign, "/" for sub-folders.
///
/// Errors: kInvalidArgument for anything else behind a "%", and for a path that leaves the folder.
Result<std::string> file_name(std::string_view file_template, const FileNameParts& parts);

}  // namespace katip::store::migrate
