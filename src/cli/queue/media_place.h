#pragma once

#include <memory>

#include "app/media_shelf.h"
#include "base/result.h"
#include "cli/session.h"
#include "media/blob_store.h"
#include "media/s3_blobs.h"

namespace katip::cli {

/// The section [storage] as options of a bucket; `url` is that of storage.url.
media::S3Options bucket_options(const Settings& settings);

/// Where recordings lie: the data folder, and the bucket that storage.url names.
struct MediaPlace {
  std::unique_ptr<media::BlobStore> bucket = {};  ///< Null: there is none.
  app::MediaShelf shelf;

  /// Errors: kInvalidArgument, naming the setting. The bucket itself is not asked.
  static Result<MediaPlace> open(const Settings& settings, const Session& session);
};

}  // namespace katip::cli
