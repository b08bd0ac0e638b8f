#include "http/server/form_sink.h"

#include <cerrno>
#include <cstdlib>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/atomic_file.h"

/// Tested by form_sink_test.cc.
namespace katip::http {

Result<std::unique_ptr<FormSink>> FormSink::open(std::string_view content_type,
                                                 std::filesystem::path folder,
                                                 std::int64_t file_size_max) {
  const auto boundary = multipart_boundary(content_type);
  if (!boundary) {
    return fail(ErrorCode::kInvalidArgument,
                "the Content-Type of a form is `multipart/form-data; boundary=…`");
  }
  return std::unique_ptr<FormSink>(new FormSink(*boundary, std::move(folder), file_size_max));
}

FormSink::FormSink(std::string_view boundary, std::filesystem::path folder,
                   std::int64_t file_size_max)
    : folder_(std::move(folder)),
      file_size_max_(file_size_max),
      parser_(boundary, {.on_begin = [this](const PartHead& head) { return begin(head); },
                         .on_data = [this](std::string_view bytes) { return data(bytes); },
                         .on_end = [this] { return end(); }}) {}

FormSink::~FormSink() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Status FormSink::write(std::string_view bytes) { return parser_.feed(bytes); }

Answer FormSink::finish() {
  if (const Status status = parser_.finish(); !status) return std::unexpected(status.error());
  return Response{};
}

Status FormSink::begin(const PartHead& head) {
  if (++part_count_ > kPartCountMax) {
    return fail(ErrorCode::kTooLarge, fmt::format("a form may have {} parts", kPartCountMax));
  }
  if (head.file_name) return begin_file(head);
  form_.fields.emplace_back(head.name, "");
  return {};
}

Status FormSink::begin_file(const PartHead& head) {
  std::string path = (folder_ / "form-XXXXXX").string();
  descriptor_ = ::mkostemp(path.data(), O_CLOEXEC);
  if (descriptor_ < 0) return std::unexpected(own_file_error("create a file in", folder_, errno));
  form_.files.emplace_back(head.name, UploadedFile(path, *head.file_name, head.media_type));
  sum_.emplace();
  return {};
}

Status FormSink::data(std::string_view bytes) {
  if (descriptor_ < 0) {
    fields_size_ += bytes.size();
    std::string& value = form_.fields.back().second;
    value += bytes;
    if (value.size() > kFieldSizeMax || fields_size_ > kFieldsSizeMax) {
      return fail(ErrorCode::kTooLarge,
                  fmt::format("the field `{}` is too large", form_.fields.back().first));
    }
    return {};
  }
  std::int64_t& size = form_.files.back().second.size;
  size += static_cast<std::int64_t>(bytes.size());
  if (size > file_size_max_) {
    return fail(ErrorCode::kTooLarge,
                fmt::format("Maximum content size limit ({}) exceeded ({} bytes read)",
                            file_size_max_, size));
  }
  sum_->update(bytes);
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return std::unexpected(own_file_error("write to", folder_, errno));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Status FormSink::end() {
  if (descriptor_ < 0) return {};
  const int closed = ::close(descriptor_);
  descriptor_ = -1;
  if (closed != 0) return std::unexpected(own_file_error("write to", folder_, errno));
  form_.files.back().second.sha256 = sum_->finish();
  return {};
}

}  // namespace katip::http
