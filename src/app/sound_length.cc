#include "app/sound_length.h"

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

#include "audio/audio_stream.h"
#include "base/atomic_file.h"

/// Tested by tests/e2e/test_speakers.py with the real decoder.
namespace katip::app {
namespace {

constexpr std::int64_t kSamplesPerMs = 16;

Result<std::int64_t> length_ms(audio::AudioStream audio, std::int64_t ms_max) {
  std::vector<float> block(16'000);
  std::int64_t sample_count = 0;
  while (sample_count <= ms_max * kSamplesPerMs) {
    const std::size_t count = KATIP_TRY(audio.read(block));
    if (count == 0) break;
    sample_count += static_cast<std::int64_t>(count);
  }
  // Rounded up: one sample more than the limit is more.
  return (sample_count + kSamplesPerMs - 1) / kSamplesPerMs;
}

/// A file without a name, which goes with its descriptor.
class MemoryFile {
 public:
  static Result<MemoryFile> create(std::string_view bytes) {
    MemoryFile file(::memfd_create("recording", MFD_CLOEXEC));
    if (file.fd_ < 0) return std::unexpected(file_error("create", "a file in memory", errno));
    while (!bytes.empty()) {
      const ssize_t written = ::write(file.fd_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return std::unexpected(file_error("write", "a file in memory", errno));
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::lseek(file.fd_, 0, SEEK_SET) != 0) {
      return std::unexpected(file_error("rewind", "a file in memory", errno));
    }
    return file;
  }
  MemoryFile(MemoryFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  MemoryFile& operator=(MemoryFile&&) = delete;
  ~MemoryFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int fd() const { return fd_; }

 private:
  explicit MemoryFile(int fd) : fd_(fd) {}
  int fd_;
};

audio::DecodeOptions options_with(std::stop_token stop) {
  audio::DecodeOptions options;
  options.stop = std::move(stop);
  return options;
}

}  // namespace

Result<std::int64_t> sound_length_ms(const std::filesystem::path& file, std::int64_t ms_max,
                                     std::stop_token stop) {
  return length_ms(KATIP_TRY(audio::AudioStream::open(file, options_with(std::move(stop)))),
                   ms_max);
}

Result<std::int64_t> sound_length_ms(std::string_view bytes, std::string_view name,
                                     std::int64_t ms_max, std::stop_token stop) {
  const MemoryFile file = KATIP_TRY(MemoryFile::create(bytes));
  return length_ms(KATIP_TRY(audio::AudioStream::open_fd(file.fd(), std::string(name),
                                                         options_with(std::move(stop)))),
                   ms_max);
}

}  // namespace katip::app
