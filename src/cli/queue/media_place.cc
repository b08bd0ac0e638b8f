#include "cli/queue/media_place.h"

/// Tested by tests/e2e/test_s3.py.
namespace katip::cli {

media::S3Options bucket_options(const Settings& settings) {
  media::S3Options options;
  options.url = settings.text("storage.url");
  options.endpoint = settings.text("storage.endpoint");
  options.is_secure = settings.is_on("storage.secure");
  options.public_endpoint = settings.text("storage.public_endpoint");
  options.region = settings.text("storage.region");
  options.access_key = settings.text("storage.access_key");
  options.secret_key = settings.secret("storage.secret_key");
  options.session_token = settings.secret("storage.session_token");
  options.is_path_style = settings.is_on("storage.path_style");
  options.ca_file = settings.text("remote.ca_file");
  return options;
}

Result<MediaPlace> MediaPlace::open(const Settings& settings, const Session& session) {
  if (settings.text("storage.url").empty()) return MediaPlace{.shelf = settings.data_dir()};
  std::unique_ptr<media::BlobStore> bucket =
      KATIP_TRY(media::S3Blobs::open(bucket_options(settings), session.clock, system_rng()));
  const app::ShelfOptions options{
      .cache_size_max = std::int64_t{settings.integer("storage.cache_mb")} << 20,
      .delivery = settings.text("storage.downloads") == "redirect"
                      ? app::MediaDelivery::kRedirect
                      : app::MediaDelivery::kThroughUs};
  app::MediaShelf shelf(settings.data_dir(), *bucket, options);
  return MediaPlace{.bucket = std::move(bucket), .shelf = std::move(shelf)};
}

}  // namespace katip::cli
