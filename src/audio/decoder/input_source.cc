#include "audio/decoder/input_source.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <poll.h>
#include <unistd.h>

// Every read counts: a small hostile file can send a demuxer round and round in it, so the sum of
// all reads is bounded by a multiple of the size. Tested by input_source_test.cc.
extern "C" {
#include <libavformat/avio.h>
#include <libavutil/error.h>
}

namespace katip::audio {
namespace {

constexpr int64_t kAliveSize = 8 << 20;
constexpr int64_t kReadSizeSlack = 256 << 20;
constexpr int64_t kReadTimesMax = 8;
constexpr int kSliceMs = 1000;
constexpr int kCopySize = 64 * 1024;

}  // namespace

InputSource::InputSource(const DecodeRequest& request, const RequestFiles& files,
                         std::function<void()> on_wait)
    : request_(request),
      files_(files),
      on_wait_(std::move(on_wait)),
      spooling_(request.input_kind == InputKind::kStream && files.spool >= 0) {}

int InputSource::refuse(ErrorCode code, std::string message) {
  if (!failure_) {
    failure_ = Error{code, std::move(message)};
  }
  return AVERROR(EIO);
}

int InputSource::read(uint8_t* data, int size) {
  if (failure_) {
    return AVERROR(EIO);
  }
  const int count = request_.input_kind == InputKind::kFile ? read_file(data, size)
                    : spooling_                             ? read_spooled(data, size)
                                                            : read_stream(data, size);
  if (count <= 0) {
    return count == 0 ? AVERROR_EOF : count;
  }
  position_ += count;
  if (read_size_ / kAliveSize != (read_size_ + count) / kAliveSize) {
    on_wait_();
  }
  read_size_ += count;
  const int64_t size_known =
      request_.input_kind == InputKind::kFile ? request_.input_size : received_size_;
  if (read_size_ / kReadTimesMax > size_known + kReadSizeSlack / kReadTimesMax) {
    return refuse(ErrorCode::kInvalidArgument,
                  "the file's index leads in circles; it is damaged or hostile");
  }
  return count;
}

int InputSource::read_file(uint8_t* data, int size) {
  const int64_t left = std::max<int64_t>(request_.input_size - position_, 0);
  return static_cast<int>(read_at(position_, data, std::min<int64_t>(size, left)));
}

int64_t InputSource::read_at(int64_t position, uint8_t* data, int64_t size) const {
  ssize_t count = 0;
  do {
    count = pread(files_.input, data, static_cast<size_t>(size), request_.input_begin + position);
  } while (count < 0 && errno == EINTR);
  return count < 0 ? AVERROR(errno) : count;
}

bool InputSource::wait_for_stream() {
  pollfd waited{.fd = files_.input, .events = POLLIN, .revents = 0};
  if (poll(&waited, 1, 0) != 0) {
    return true;
  }
  for (int64_t waited_ms = 0; waited_ms < request_.input_wait_ms_max; waited_ms += kSliceMs) {
    on_wait_();
    const auto left_ms = std::min<int64_t>(kSliceMs, request_.input_wait_ms_max - waited_ms);
    if (poll(&waited, 1, static_cast<int>(left_ms)) != 0) {
      return true;
    }
  }
  refuse(ErrorCode::kTimeout, "the input delivered nothing for " +
                                  std::to_string(request_.input_wait_ms_max / 1000) +
                                  " s (option input_wait_ms_max)");
  return false;
}

int InputSource::read_stream(uint8_t* data, int size) {
  if (at_end_) {
    return 0;
  }
  ssize_t count = 0;
  do {
    if (!wait_for_stream()) {
      return AVERROR(EIO);
    }
    count = ::read(files_.input, data, static_cast<size_t>(size));
  } while (count < 0 && (errno == EINTR || errno == EAGAIN));
  if (count < 0) {
    return AVERROR(errno);
  }
  at_end_ = count == 0;
  received_size_ += count;
  if (received_size_ > request_.input_size_max) {
    return refuse(ErrorCode::kTooLarge, "the input has more than " +
                                            std::to_string(request_.input_size_max) +
                                            " bytes, which is the limit");
  }
  return static_cast<int>(count);
}

bool InputSource::spool(const uint8_t* data, int64_t size) {
  if (received_size_ > request_.spool_size_max) {
    refuse(ErrorCode::kTooLarge,
           "this container must be kept in a temporary file when it comes "
           "through a pipe, and has more than " +
               std::to_string(request_.spool_size_max) +
               " bytes; give the file by its name instead");
    return false;
  }
  for (int64_t done = 0; done < size;) {
    const ssize_t count = pwrite(files_.spool, data + done, static_cast<size_t>(size - done),
                                 received_size_ - size + done);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      refuse(ErrorCode::kUnavailable,
             std::string("the temporary file for piped input cannot be written: ") +
                 std::strerror(errno));
      return false;
    }
    done += count;
  }
  return true;
}

int InputSource::read_spooled(uint8_t* data, int size) {
  std::array<uint8_t, kCopySize> skipped;
  while (position_ > received_size_) {  // a seek forwards: what lies between is kept on the way
    const int count = read_stream(skipped.data(), kCopySize);
    if (count <= 0) {
      return count;
    }
    if (!spool(skipped.data(), count)) {
      return AVERROR(EIO);
    }
    if (received_size_ / kAliveSize != (received_size_ - count) / kAliveSize) {
      on_wait_();
    }
  }
  if (position_ < received_size_) {
    const int64_t kept = std::min<int64_t>(size, received_size_ - position_);
    const ssize_t count = pread(files_.spool, data, static_cast<size_t>(kept), position_);
    return count < 0 ? AVERROR(errno) : static_cast<int>(count);
  }
  const int count = read_stream(data, size);
  if (count > 0 && !spool(data, count)) {
    return AVERROR(EIO);
  }
  return count;
}

int64_t InputSource::size() const {
  if (request_.input_kind == InputKind::kFile) {
    return request_.input_size;
  }
  return at_end_ ? received_size_ : -1;
}

int64_t InputSource::seek(int64_t offset, int whence) {
  whence &= ~AVSEEK_FORCE;
  if (whence == AVSEEK_SIZE) {
    return size() >= 0 ? size() : unknown_size_.value_or(AVERROR(ENOSYS));
  }
  if (!is_seekable()) {
    return AVERROR(ESPIPE);
  }
  int64_t base = 0;
  if (whence == SEEK_CUR) {
    base = position_;
  } else if (whence == SEEK_END) {
    base = size();
  }
  int64_t target = 0;
  if (base < 0 || __builtin_add_overflow(base, offset, &target) || target < 0) {
    return AVERROR(EINVAL);
  }
  return position_ = target;
}

bool InputSource::is_seekable() const {
  return request_.input_kind == InputKind::kFile || spooling_;
}

void InputSource::stop_spooling() {
  // Bytes that were read ahead of the demuxer are in its own buffer, so nothing is lost.
  if (position_ == received_size_) {
    spooling_ = false;
  }
}

}  // namespace katip::audio
