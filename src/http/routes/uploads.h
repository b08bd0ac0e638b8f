#pragma once

#include "app/uploads.h"
#include "http/route.h"

namespace katip::http {

/// /api/v1/uploads: resumable uploads by tus 1.0.0, with its extensions creation,
/// creation-with-upload, creation-defer-length, expiration, checksum, termination and
/// concatenation.
///
/// Lifetime: uploads outlives the table.
void add_upload_routes(RouteTable& table, app::Uploads& uploads);

}  // namespace katip::http
