#pragma once

#include <filesystem>
#include <string>

#include "audio/audio_stream.h"
#include "audio/child/owned_fd.h"
#include "audio/protocol/request.h"
#include "base/result.h"

/// What is handed to a decoder: an input that was looked at from outside (kind, size, rights), and
/// the temporary file that a stream may need. Not a byte is read here.
namespace katip::audio {

struct InputFile {
  OwnedFd fd;
  OwnedFd spool;  ///< Open for a stream, when a temporary file could be made.
  InputKind kind = InputKind::kFile;
  int64_t begin = 0;
  int64_t size = -1;
};

/// Errors:  kNotFound, kPermissionDenied; kInvalidArgument: a folder, an empty file, a terminal or
///          a device; kTooLarge: more bytes than options.input_size_max.
Result<InputFile> open_input(const std::filesystem::path& path, const DecodeOptions& options);

/// The same for an open descriptor, which is copied.
Result<InputFile> adopt_input(int fd, const DecodeOptions& options);

}  // namespace katip::audio
