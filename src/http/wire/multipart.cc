#include "http/wire/multipart.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "base/utf8.h"
#include "http/headers.h"
#include "http/wire/url_text.h"

/// The data of a part ends at a line break, two dashes and the boundary. A piece may end in the
/// middle of that, so up to the length of the delimiter is held back until the next piece decides.
///
/// Tested by multipart_test.cc; fuzzed by fuzz/fuzz_multipart.cc.
namespace katip::http {
namespace {

std::size_t find(std::string_view text, std::string_view wanted) {
  const void* found = ::memmem(text.data(), text.size(), wanted.data(), wanted.size());
  return found == nullptr ? std::string_view::npos
                          : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

/// How many bytes at the end of the text may be the begin of the delimiter.
std::size_t held_size(std::string_view text, std::string_view delimiter) {
  for (std::size_t size = std::min(text.size(), delimiter.size() - 1); size > 0; --size) {
    if (delimiter.starts_with(text.substr(text.size() - size))) return size;
  }
  return 0;
}

/// `form-data; name="file"; filename="a \"b\".wav"`: the value of a parameter.
std::optional<std::string> parameter(std::string_view value, std::string_view wanted) {
  while (true) {
    const std::size_t semicolon = value.find(';');
    if (semicolon == std::string_view::npos) return std::nullopt;
    value.remove_prefix(semicolon + 1);
    const std::size_t equals = value.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view name = trimmed(value.substr(0, equals));
    value = trimmed(value.substr(equals + 1));
    std::string text;
    if (value.starts_with('"')) {
      std::size_t i = 1;
      while (i < value.size() && value[i] != '"') {
        if (value[i] == '\\' && i + 1 < value.size() &&
            (value[i + 1] == '"' || value[i + 1] == '\\')) {
          ++i;
        }
        text += value[i++];
      }
      value.remove_prefix(std::min(i + 1, value.size()));
    } else {
      const std::size_t end = std::min(value.find(';'), value.size());
      text = trimmed(value.substr(0, end));
      value.remove_prefix(end);
    }
    if (equals_ignoring_case(name, wanted)) return text;
  }
}

/// `filename*=UTF-8''na%C3%AFve.wav`, as some clients write names that are not ASCII.
std::optional<std::string> extended_parameter(std::string_view value, std::string_view wanted) {
  const auto text = parameter(value, wanted);
  if (!text) return std::nullopt;
  const std::size_t begin = text->find('\'', std::min(text->find('\'') + 1, text->size()));
  if (begin == std::string::npos) return text;
  return percent_decoded(std::string_view(*text).substr(begin + 1)).value_or("");
}

Result<PartHead> parse_head(std::string_view text) {
  PartHead head;
  bool has_disposition = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find("\r\n"), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 2, text.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) {
      return fail(ErrorCode::kInvalidArgument, "a part of the form has a head that is none");
    }
    const std::string_view name = trimmed(line.substr(0, colon));
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (equals_ignoring_case(name, "Content-Disposition")) {
      const auto field = parameter(value, "name");
      const std::string_view kind = value.substr(0, std::min(value.find(';'), value.size()));
      if (!equals_ignoring_case(trimmed(kind), "form-data") || !field) {
        return fail(ErrorCode::kInvalidArgument, "a part of the form has no name");
      }
      head.name = *field;
      head.file_name = parameter(value, "filename");
      if (!head.file_name) head.file_name = extended_parameter(value, "filename*");
      has_disposition = true;
    } else if (equals_ignoring_case(name, "Content-Type")) {
      head.media_type = value;
    }
  }
  if (!has_disposition || !is_utf8(head.name) || !is_utf8(head.file_name.value_or(""))) {
    return fail(ErrorCode::kInvalidArgument, "a part of the form has no name in UTF-8");
  }
  return head;
}

}  // namespace

std::optional<std::string> multipart_boundary(std::string_view content_type) {
  const std::size_t end = std::min(content_type.find(';'), content_type.size());
  if (!equals_ignoring_case(trimmed(content_type.substr(0, end)), "multipart/form-data")) {
    return std::nullopt;
  }
  auto boundary = parameter(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > 70) return std::nullopt;
  return boundary;
}

MultipartParser::MultipartParser(std::string_view boundary, PartHandler handler)
    : delimiter_(fmt::format("\r\n--{}", boundary)),
      handler_(std::move(handler)),
      held_("\r\n") {}  // The first delimiter needs no line break before it.

Status MultipartParser::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    if (Status status = step(bytes); !status) {
      state_ = State::kFailed;
      return status;
    }
  }
  return {};
}

Status MultipartParser::finish() const {
  if (state_ == State::kEpilogue) return {};
  return fail(ErrorCode::kInvalidArgument, "the form is cut off before its end");
}

Status MultipartParser::step(std::string_view& bytes) {
  switch (state_) {
    case State::kPreamble:
    case State::kData:
      return read_data(bytes);
    case State::kAfterBoundary:
      return read_after_boundary(bytes);
    case State::kHead:
      return read_head(bytes);
    case State::kEpilogue:
      bytes = {};
      return {};
    case State::kFailed:
      break;
  }
  return fail(ErrorCode::kInvalidArgument, "the form could not be read");
}

Status MultipartParser::give(std::string_view data) {
  return state_ == State::kData && !data.empty() ? handler_.on_data(data) : Status{};
}

Status MultipartParser::begin_boundary() {
  const bool was_data = state_ == State::kData;
  held_.clear();
  state_ = State::kAfterBoundary;
  return was_data ? handler_.on_end() : Status{};
}

Status MultipartParser::read_data(std::string_view& bytes) {
  if (!held_.empty()) {
    // Only as much is joined to what is held as decides about it.
    const std::size_t held = held_.size();
    const std::size_t taken = std::min(bytes.size(), delimiter_.size());
    held_ += bytes.substr(0, taken);
    if (const std::size_t at = find(held_, delimiter_); at != std::string_view::npos) {
      if (Status status = give(std::string_view(held_).substr(0, at)); !status) return status;
      bytes.remove_prefix(at + delimiter_.size() - held);
      return begin_boundary();
    }
    if (taken == bytes.size()) {
      const std::size_t kept = held_size(held_, delimiter_);
      const std::string data = held_.substr(0, held_.size() - kept);
      held_.erase(0, data.size());
      bytes = {};
      return give(data);
    }
    const std::string data = held_.substr(0, held);
    held_.clear();
    return give(data);
  }
  const std::size_t at = find(bytes, delimiter_);
  if (at == std::string_view::npos) {
    const std::size_t kept = held_size(bytes, delimiter_);
    const std::string_view data = bytes.substr(0, bytes.size() - kept);
    held_ = bytes.substr(data.size());
    bytes = {};
    return give(data);
  }
  if (Status status = give(bytes.substr(0, at)); !status) return status;
  bytes.remove_prefix(at + delimiter_.size());
  return begin_boundary();
}

Status MultipartParser::read_after_boundary(std::string_view& bytes) {
  held_ += bytes.front();
  bytes.remove_prefix(1);
  if (held_ == "--") {
    held_.clear();
    state_ = State::kEpilogue;
  } else if (held_.ends_with("\r\n")) {
    held_.clear();
    state_ = State::kHead;
  } else if (held_.size() > 64 ||
             (held_ != "-" && held_.find_first_not_of(" \t\r") != held_.npos)) {
    return fail(ErrorCode::kInvalidArgument, "the form has a boundary that is none");
  }
  return {};
}

Status MultipartParser::read_head(std::string_view& bytes) {
  const std::size_t before = held_.size();
  held_ += bytes.substr(0, kHeadSizeMax + 4);
  if (held_.starts_with("\r\n")) {
    return fail(ErrorCode::kInvalidArgument, "a part of the form has no head");
  }
  const std::size_t end = held_.find("\r\n\r\n");
  if (end == std::string::npos) {
    if (held_.size() > kHeadSizeMax) {
      return fail(ErrorCode::kTooLarge, "a part of the form has too large a head");
    }
    bytes = {};
    return {};
  }
  bytes.remove_prefix(end + 4 - before);
  const auto head = parse_head(std::string_view(held_).substr(0, end));
  if (!head) return std::unexpected(head.error());
  held_.clear();
  state_ = State::kData;
  return handler_.on_begin(*head);
}

}  // namespace katip::http
