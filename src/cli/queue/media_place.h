#pragma once

#include <memory>
#include <string_view>

#include "app/media_shelf.h"
#include "base/result.h"
#include "cli/session.h"
#include "media/blob_store.h"

namespace katip::cli {

/// The bucket that the setting `url_key` names, opened with the rest of the section [storage].
/// Null: the setting is empty.
///
/// Errors: kInvalidArgument, naming the setting. The bucket itself is not asked.
Result<std::unique_ptr<media::BlobStore>> open_bucket(const Settings& settings,
                                                      const Session& session,
                                                      std::string_view url_key);

/// Where recordings lie: the data folder, and the bucket that storage.url names.
struct MediaPlace {
  std::shared_ptr<media::BlobStore> bucket = {};  ///< Null: there is none.
  app::MediaShelf shelf;

  /// Errors: those of open_bucket().
  static Result<MediaPlace> open(const Settings& settings, const Session& session);
};

}  // namespace katip::cli
