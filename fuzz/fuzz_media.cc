#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "audio/decoder/decode_run.h"
#include "audio/decoder/frame_sink.h"
#include "audio/protocol/frame.h"

using namespace katip::audio;

namespace {

constexpr std::int64_t kDurationMsMax = 10'000;
constexpr std::int64_t kSampleCountMax = kDurationMsMax * 16;

/// What katip does with the answer: it must be one that katip would believe, whatever the file.
void check_answer(int socket) {
  FrameReader reader(kSampleCountMax);
  while (!reader.ended()) {
    auto frame = reader.next();
    if (!frame) std::abort();
    if (*frame) continue;
    const std::span<std::byte> room = reader.room();
    const ssize_t count = read(socket, room.data(), room.size());
    if (count <= 0) std::abort();  // it went away without a last frame
    reader.added(static_cast<std::size_t>(count));
  }
}

/// A recording in memory, as a descriptor.
int file_of(std::span<const std::uint8_t> bytes) {
  const int file = memfd_create("recording", MFD_CLOEXEC);
  if (file < 0 || write(file, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
    std::abort();
  }
  return file;
}

}  // namespace

/// The bytes are a recording: WAV or any other container that is let in. The decoder runs here in
/// the process, without its sandbox, so that the fuzzer sees into it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  int sockets[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0) std::abort();
  const DecodeRequest request{.input_size = static_cast<std::int64_t>(size),
                              .input_size_max = 1 << 20,
                              .spool_size_max = 1 << 20,
                              .duration_ms_max = kDurationMsMax,
                              .input_wait_ms_max = 1000};
  const RequestFiles files{.input = file_of({data, size})};
  {
    const std::jthread parent([&] { check_answer(sockets[0]); });
    FrameSink sink(sockets[1], kSampleCountMax);
    run_decoder(request, files, sink);
    shutdown(sockets[1], SHUT_WR);
  }
  close(files.input);
  close(sockets[0]);
  close(sockets[1]);
  return 0;
}
