#pragma once

#include <memory>

#include "store/database_copies.h"

namespace katip::store::sqlite {

/// Copies that lie as `<database>.<name>` beside the database.
Result<std::unique_ptr<DatabaseCopies>> open_copies(const DatabaseUrl& url);

}  // namespace katip::store::sqlite
