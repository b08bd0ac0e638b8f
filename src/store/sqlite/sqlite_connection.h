#pragma once

#include <memory>

#include "base/result.h"
#include "store/connection.h"

namespace katip::store::sqlite {

/// Opens a SQLite file with a write-ahead log, flushed at each commit, and foreign keys enforced.
Result<std::unique_ptr<Connection>> open_connection(const DatabaseUrl& url,
                                                    const ConnectionOptions& options);

}  // namespace katip::store::sqlite
