#pragma once

#include <memory>

#include "store/database_copies.h"

namespace katip::store::postgres {

/// Copies that are databases `<database>_<name>` on the same server, made by pg_restore from what
/// pg_dump wrote.
Result<std::unique_ptr<DatabaseCopies>> open_copies(const DatabaseUrl& url,
                                                    const DatabaseCopyOptions& options);

}  // namespace katip::store::postgres
