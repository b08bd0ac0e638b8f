#pragma once

#include <string>
#include <string_view>

/// What is kept of a resumable upload besides its bytes, its size and its name.
namespace katip::app {

struct UploadNotes {
  bool is_part = false;          ///< To be joined with others.
  std::string joined_from = {};  ///< How the client named its parts; empty: it was not joined.
  std::string description = {};  ///< What the client says of it; it gets that back as it was.

  bool operator==(const UploadNotes&) const = default;
};

/// As an object in JSON. The texts are UTF-8 without U+0000.
std::string write_upload_notes(const UploadNotes& notes);

/// Nothing is noted where the text is no such object.
UploadNotes parse_upload_notes(std::string_view text);

}  // namespace katip::app
