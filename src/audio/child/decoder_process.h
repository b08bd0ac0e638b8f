#pragma once

#include <filesystem>

#include <sys/types.h>

#include "audio/child/owned_fd.h"
#include "base/result.h"

namespace katip::audio {

/// What a katip-decoder is started as.
enum class DecoderRole {
  kDecoder,  ///< Serves one request and ends.
  kNursery,  ///< Brings forth decoders: nursery.h.
};

/// A running katip-decoder and the socket that leads to it.
///
/// Threads: one thread.
class DecoderProcess {
 public:
  /// Starts one that loads its libraries and waits for a request or a call. It inherits nothing but
  /// its socket: no descriptor, no environment but where libraries are, no terminal.
  ///
  /// Errors:  kUnavailable: the program is not there or cannot be started; the message says where
  ///          it was looked for.
  static Result<DecoderProcess> start(const std::filesystem::path& program, DecoderRole role);

  /// Takes over a child of this process that somebody else started.
  static DecoderProcess adopt(pid_t pid, OwnedFd socket, std::filesystem::path program);

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
  [[nodiscard]] pid_t pid() const { return pid_; }
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

}  // namespace katip::audio
