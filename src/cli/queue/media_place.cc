#include "cli/queue/media_place.h"

#include "media/s3_blobs.h"

/// Tested by tests/e2e/test_s3.py.
namespace katip::cli {
namespace {

media::S3Options bucket_options(const Settings& settings, std::string_view url_key) {
  media::S3Options options;
  options.url = settings.text(url_key);
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

}  // namespace

Result<std::unique_ptr<media::BlobStore>> open_bucket(const Settings& settings,
                                                      const Session& session,
                                                      std::string_view url_key) {
  if (settings.text(url_key).empty()) return std::unique_ptr<media::BlobStore>();
  auto bucket =
      media::S3Blobs::open(bucket_options(settings, url_key), session.clock, system_rng());
  if (!bucket) return fail(url_key, bucket.error());
  return std::unique_ptr<media::BlobStore>(*std::move(bucket));
}

Result<MediaPlace> MediaPlace::open(const Settings& settings, const Session& session) {
  std::shared_ptr<media::BlobStore> bucket =
      KATIP_TRY(open_bucket(settings, session, "storage.url"));
  if (bucket == nullptr) return MediaPlace{.shelf = settings.data_dir()};
  const app::ShelfOptions options{
      .cache_size_max = std::int64_t{settings.integer("storage.cache_mb")} << 20,
      .delivery = settings.text("storage.downloads") == "redirect"
                      ? app::MediaDelivery::kRedirect
                      : app::MediaDelivery::kThroughUs};
  app::MediaShelf shelf(settings.data_dir(), *bucket, options);
  return MediaPlace{.bucket = std::move(bucket), .shelf = std::move(shelf)};
}

}  // namespace katip::cli
