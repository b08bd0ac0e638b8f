#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace katip::http {

/// The boundary of a Content-Type "multipart/form-data; boundary=…"; nothing when it is none.
std::optional<std::string> multipart_boundary(std::string_view content_type);

struct PartHead {
  std::string name;
  std::optional<std::string> file_name = {};  ///< Nothing: a field, not a file.
  std::string media_type = {};
};

/// What is done with the parts of a form.
struct PartHandler {
  std::function<Status(const PartHead&)> on_begin;
  std::function<Status(std::string_view)> on_data;
  std::function<Status()> on_end;
};

/// Reads multipart/form-data in pieces of any size, in constant memory.
///
/// Errors:  kInvalidArgument for what is no such form, kTooLarge for heads of more than
///          kHeadSizeMax, and those of the handler. After an error nothing more is read.
/// Threads: one thread.
/// Source:  RFC 7578, RFC 2046 section 5.1.
class MultipartParser {
 public:
  static constexpr std::size_t kHeadSizeMax = 16 << 10;  ///< Bytes, of one part.

  MultipartParser(std::string_view boundary, PartHandler handler);
  Status feed(std::string_view bytes);
  /// kInvalidArgument when the form was cut off.
  Status finish() const;

 private:
  enum class State { kPreamble, kAfterBoundary, kHead, kData, kEpilogue, kFailed };

  Status step(std::string_view& bytes);
  Status read_data(std::string_view& bytes);
  Status read_after_boundary(std::string_view& bytes);
  Status read_head(std::string_view& bytes);
  Status give(std::string_view data);
  Status begin_boundary();

  const std::string delimiter_;  // With the line break before it.
  const PartHandler handler_;
  State state_ = State::kPreamble;
  std::string held_;  // Bytes that may be the begin of a delimiter, or a head that is not complete.
};

}  // namespace katip::http
