#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "media/s3/signature.h"
#include "media/s3/transport.h"
#include "media/s3_blobs.h"

/// A bucket of S3 as requests and answers: addresses, signatures, attempts, what a refusal means.
namespace katip::media {

struct S3Call {
  std::string method = "GET";
  std::string key = {};  ///< Without the prefix; empty: the bucket itself.
  NamesAndValues query = {};
  NamesAndValues headers = {};  ///< In lower case.
  std::string_view body = {};
  /// The body of a success as it comes; empty: it is kept.
  std::function<Status(std::string_view bytes)> on_body = {};
  /// Before that, of a success.
  std::function<Status(const TransportAnswer& head)> on_head = {};
};

struct S3Answer {
  TransportAnswer head = {};
  std::string body = {};
};

/// Why there was no success, and whether the same request may succeed a little later.
struct S3Problem {
  Error error = {};
  bool may_pass = false;
};

/// Where a bucket is.
struct S3Address {
  std::string scheme;  ///< "https"
  std::string host;    ///< With the port; with the bucket before it in virtual style.
  std::string bucket;
  std::string prefix;  ///< "katip/" or empty.
  bool is_path_style = true;

  /// "/bucket/prefix/key", encoded.
  [[nodiscard]] std::string path_of(std::string_view key) const;

  /// Errors: kInvalidArgument, naming the setting.
  static Result<S3Address> from(const S3Options& options, const std::string& endpoint);
};

/// Threads: thread-safe.
class S3Blobs::Bucket {
 public:
  Bucket(S3Options options, S3Address address, S3Address public_address, const Clock& clock,
         Rng& rng);

  /// Again and again while it may pass.
  ///
  /// Errors: those of BlobStore.
  Result<S3Answer> call(const S3Call& call, const std::stop_token& stop);
  /// Once.
  std::expected<S3Answer, S3Problem> call_once(const S3Call& call, const std::stop_token& stop);
  /// Waits before the attempt behind this one of a row; false: there is none, or it was stopped.
  bool wait_after(int attempt, const std::stop_token& stop);

  [[nodiscard]] std::string download_url(std::string_view key, const DownloadLink& link) const;
  [[nodiscard]] std::string download_origin() const;
  [[nodiscard]] const S3Options& options() const { return options_; }
  [[nodiscard]] const S3Address& address() const { return address_; }
  [[nodiscard]] const Clock& clock() const { return clock_; }

 private:
  [[nodiscard]] S3Problem problem_of(const S3Answer& answer, const S3Call& call) const;

  const S3Options options_;
  const S3Address address_;
  const S3Address public_address_;
  const S3Credentials credentials_;
  const Clock& clock_;
  Rng& rng_;
  Transport transport_;
};

}  // namespace katip::media
