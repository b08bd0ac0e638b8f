#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "base/sha256.h"
#include "http/request.h"
#include "http/route.h"
#include "http/wire/multipart.h"

namespace katip::http {

/// Reads a form: its files go to the disk as they come, with their sum; its fields into memory.
class FormSink final : public BodySink {
 public:
  static constexpr std::size_t kFieldSizeMax =
      4 << 20;  ///< Bytes of one field: a voice as data: URL fits.
  static constexpr std::size_t kFieldsSizeMax = 16 << 20;  ///< Bytes of all fields together.
  static constexpr std::size_t kPartCountMax = 4'096;
  /// Bytes that a form may have besides its file: fields, and the heads of all parts.
  static constexpr std::int64_t kSizeBesidesFile = kFieldsSizeMax + (4 << 20);

  /// `file_size_max`: bytes of one file.
  ///
  /// Errors: kInvalidArgument when the content type has no boundary.
  static Result<std::unique_ptr<FormSink>> open(std::string_view content_type,
                                                std::filesystem::path folder,
                                                std::int64_t file_size_max);
  ~FormSink() override;

  Status write(std::string_view bytes) override;
  /// The form is complete: take() it.
  Answer finish() override;
  Form take() { return std::move(form_); }

 private:
  FormSink(std::string_view boundary, std::filesystem::path folder, std::int64_t file_size_max);
  Status begin(const PartHead& head);
  Status data(std::string_view bytes);
  Status end();
  Status begin_file(const PartHead& head);

  const std::filesystem::path folder_;
  const std::int64_t file_size_max_;
  MultipartParser parser_;
  Form form_;
  std::size_t part_count_ = 0;
  std::size_t fields_size_ = 0;
  int descriptor_ = -1;  // Of the file that is being written.
  std::optional<Sha256> sum_;
};

}  // namespace katip::http
