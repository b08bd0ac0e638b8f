#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <sys/types.h>

#include "audio/child/owned_fd.h"
#include "audio/protocol/request.h"
#include "base/result.h"

namespace katip::audio {

/// A running katip-decoder and the socket that leads to it.
///
/// Threads: one thread.
class DecoderProcess {
 public:
  /// Starts one that loads its libraries and waits for a request. It inherits nothing but its
  /// socket: no descriptor, no environment but where libraries are, no terminal.
  ///
  /// Errors:  kUnavailable: the program is not there or cannot be started; the message says where
  ///          it was looked for.
  static Result<DecoderProcess> start(const std::filesystem::path& program);

  /// Where the decoder is: `program` itself, or when that is empty beside the running program, else
  /// in ../libexec/katip/ from there.
  ///
  /// Errors:  kUnavailable: in none of them.
  static Result<std::filesystem::path> locate(const std::filesystem::path& program);

  DecoderProcess(DecoderProcess&& other) noexcept;
  DecoderProcess& operator=(DecoderProcess&& other) noexcept;
  /// Kills and reaps.
  ~DecoderProcess();

  [[nodiscard]] int socket() const { return socket_.get(); }
  [[nodiscard]] const std::filesystem::path& program() const { return program_; }

  /// Ends the child, if it still runs, and says in a few words how it died when that was not our
  /// doing: the error to report when the socket closed too early.
  Error reap();

 private:
  DecoderProcess(pid_t pid, OwnedFd socket, std::filesystem::path program);

  pid_t pid_ = -1;
  OwnedFd socket_;
  std::filesystem::path program_;
};

/// Keeps one started decoder for the next take_decoder(), which then need not wait for it.
///
/// Threads: both are safe from any thread.
Status prestart_decoder(const std::filesystem::path& program);
Result<DecoderProcess> take_decoder(const std::filesystem::path& program);

}  // namespace katip::audio
