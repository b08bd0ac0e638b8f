#include "audio/child/input_file.h"

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

// Tested by integration/hostile_input_test.cc.
namespace katip::audio {
namespace {

std::unexpected<Error> open_failure(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return fail(ErrorCode::kNotFound, "no such file");
    case EACCES:
    case EPERM:
      return fail(ErrorCode::kPermissionDenied, "this user may not read the file");
    default:
      return fail(ErrorCode::kInvalidArgument,
                  std::string("the file cannot be opened: ") + std::strerror(error));
  }
}

/// Unnamed from the start where the file system can do that, else unlinked at once.
OwnedFd make_spool(const std::filesystem::path& wanted) {
  std::error_code error;
  const auto dir = wanted.empty() ? std::filesystem::temp_directory_path(error) : wanted;
  if (error) {
    return {};
  }
  OwnedFd unnamed(::open(dir.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (unnamed.is_open()) {
    return unnamed;
  }
  std::string name = (dir / "katip-spool-XXXXXX").string();
  OwnedFd named(mkostemp(name.data(), O_CLOEXEC));
  if (named.is_open()) {
    unlink(name.c_str());
  }
  return named;
}

Result<InputFile> describe_file(InputFile input, const struct stat& facts,
                                const DecodeOptions& options) {
  const off_t position = lseek(input.fd.get(), 0, SEEK_CUR);
  input.kind = InputKind::kFile;
  input.begin = position > 0 ? position : 0;
  input.size = facts.st_size - input.begin;
  if (input.size <= 0) {
    return fail(ErrorCode::kInvalidArgument,
                "the file is empty (0 bytes); was the recording or the copy interrupted?");
  }
  if (input.size > options.input_size_max) {
    return fail(ErrorCode::kTooLarge, "the file has " + std::to_string(input.size) +
                                          " bytes; the limit is " +
                                          std::to_string(options.input_size_max));
  }
  return input;
}

Result<InputFile> describe(OwnedFd fd, const DecodeOptions& options) {
  struct stat facts{};
  if (fstat(fd.get(), &facts) != 0) {
    return open_failure(errno);
  }
  InputFile input;
  input.fd = std::move(fd);
  if (S_ISREG(facts.st_mode)) {
    return describe_file(std::move(input), facts, options);
  }
  if (S_ISDIR(facts.st_mode)) {
    return fail(ErrorCode::kInvalidArgument, "this is a folder, not a recording");
  }
  if (isatty(input.fd.get()) != 0) {
    return fail(ErrorCode::kInvalidArgument,
                "this is a terminal; pipe a recording into it, as in `katip … - < talk.mp3`");
  }
  if (!S_ISFIFO(facts.st_mode) && !S_ISSOCK(facts.st_mode)) {
    return fail(ErrorCode::kInvalidArgument, "this is a device, not a recording");
  }
  input.kind = InputKind::kStream;
  input.spool = make_spool(options.spool_dir);
  return input;
}

}  // namespace

Result<InputFile> open_input(const std::filesystem::path& path, const DecodeOptions& options) {
  // Non-blocking, or opening a named pipe that nobody writes to would wait for ever.
  OwnedFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!fd.is_open()) {
    return open_failure(errno);
  }
  return describe(std::move(fd), options);
}

Result<InputFile> adopt_input(int fd, const DecodeOptions& options) {
  OwnedFd copy(fcntl(fd, F_DUPFD_CLOEXEC, 3));
  if (!copy.is_open()) {
    return fail(ErrorCode::kInvalidArgument, "it is not open");
  }
  return describe(std::move(copy), options);
}

}  // namespace katip::audio
