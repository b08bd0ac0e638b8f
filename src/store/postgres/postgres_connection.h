#pragma once

#include <memory>

#include "base/result.h"
#include "store/connection.h"

namespace katip::store::postgres {

/// Connects to the first host of the URL that answers.
Result<std::unique_ptr<Connection>> open_connection(const DatabaseUrl& url,
                                                    const ConnectionOptions& options);

}  // namespace katip::store::postgres
