#include "audio/child/nursery.h"

#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "audio/child/socket_pair.h"
#include "audio/protocol/nursery_call.h"
#include "base/guarded.h"

// Each caller sends the nursery one end of a new socket pair and waits on the other for the number
// of the child that holds it. No answer is for anybody else, so callers do not wait for each other.
// Whatever happens to the nursery, the end of that socket comes instead. Tested by
// integration/nursery_test.cc.
namespace katip::audio {
namespace {

constexpr int kSliceMs = 100;
constexpr int kWaitMsMax = 20'000;  // a cold disk under load; then it is stuck
constexpr int kTriesMax = 2;
/// So many failures and never a child: this machine forbids it. Do not start another in vain.
constexpr int kFailureCountMax = 4;

/// Where the one nursery lives.
struct Home {
  std::filesystem::path program;
  std::optional<DecoderProcess> nursery;
  bool had_child = false;
  int failure_count = 0;
};

Guarded<Home>& home() {
  static Guarded<Home> kept;
  return kept;
}

/// A way to a nursery that stays open when another thread replaces it.
struct Contact {
  OwnedFd control;
  pid_t nursery = -1;
};

/// Holds the lock while a program is started (not while it loads), so that many callers at once
/// start one nursery and not many.
Result<Contact> reach_nursery(const std::filesystem::path& program) {
  std::optional<DecoderProcess> other;  // ends when the lock is free again
  return home().with_lock([&](Home& here) -> Result<Contact> {
    if (here.program != program) {
      other = std::exchange(here.nursery, std::nullopt);
      here = Home();
      here.program = program;
    }
    if (!here.nursery) {
      here.nursery = KATIP_TRY(DecoderProcess::start(program, DecoderRole::kNursery));
    }
    OwnedFd control(fcntl(here.nursery->socket(), F_DUPFD_CLOEXEC, 3));
    if (!control.is_open()) {
      return fail(ErrorCode::kUnavailable,
                  std::string("no descriptor for the decoder: ") + std::strerror(errno));
    }
    return Contact{.control = std::move(control), .nursery = here.nursery->pid()};
  });
}

/// Ends a nursery that is dead already or of no use, unless another caller did.
void end_nursery(pid_t nursery) {
  std::optional<DecoderProcess> ended;  // is reaped when the lock is free again
  home().with_lock([&](Home& here) {
    if (here.nursery && here.nursery->pid() == nursery) {
      ended = std::exchange(here.nursery, std::nullopt);
      ++here.failure_count;
    }
  });
}

/// Waits until there is something to read.
///
/// Errors:  kUnavailable: the other side is gone. kTimeout. kCancelled.
Status wait_for(int socket, const std::stop_token& stop) {
  for (int waited_ms = 0; waited_ms < kWaitMsMax;) {
    if (stop.stop_requested()) {
      return fail(ErrorCode::kCancelled, "stopped");
    }
    pollfd waited{.fd = socket, .events = POLLIN, .revents = 0};
    const int ready = poll(&waited, 1, kSliceMs);
    if (ready > 0) {
      return (waited.revents & (POLLHUP | POLLERR)) == 0
                 ? Status{}
                 : fail(ErrorCode::kUnavailable, "the nursery is gone");
    }
    waited_ms += ready == 0 ? kSliceMs : 0;
  }
  return fail(ErrorCode::kTimeout, "the nursery is stuck");
}

/// False where CLONE_PARENT does not do what it should.
bool is_own_child(pid_t pid) {
  siginfo_t state{};
  return pid > 0 && waitid(P_PID, static_cast<id_t>(pid), &state, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/// The number of the child that was called for on `socket`. Not to be interrupted, or it would stay
/// unknown and could not be reaped; it takes a millisecond.
std::optional<pid_t> await_birth(int socket, pid_t nursery) {
  const auto is_late = [socket] {
    const Status came = wait_for(socket, {});
    return !came && came.error().code == ErrorCode::kTimeout;
  };
  if (is_late()) {
    end_nursery(nursery);  // with it ends the socket, or its last child is on the way
    if (is_late()) {
      return std::nullopt;
    }
  }
  const auto child = receive_birth(socket);
  return child && is_own_child(*child) ? child : std::nullopt;
}

Result<DecoderProcess> call_decoder(const Contact& contact, SocketPair sockets,
                                    const std::filesystem::path& program,
                                    const std::stop_token& stop) {
  if (Status ready = wait_for(contact.control.get(), stop); !ready) {
    return std::unexpected(std::move(ready).error());
  }
  if (Status called = send_call(contact.control.get(), sockets.theirs.get()); !called) {
    return std::unexpected(std::move(called).error());
  }
  sockets.theirs = OwnedFd();  // now only the nursery and its child keep it open
  const auto child = await_birth(sockets.ours.get(), contact.nursery);
  if (!child) {
    return fail(ErrorCode::kUnavailable, "the nursery gave no decoder");
  }
  return DecoderProcess::adopt(*child, std::move(sockets.ours), program);
}

bool is_worth_trying(const std::filesystem::path& program) {
  return home().with_lock([&](const Home& here) {
    return here.program != program || here.had_child || here.failure_count < kFailureCountMax;
  });
}

}  // namespace

Status prestart_nursery(const std::filesystem::path& program) {
  const auto path = KATIP_TRY(DecoderProcess::locate(program));
  if (is_worth_trying(path)) {
    KATIP_TRY(reach_nursery(path));
  }
  return {};
}

Result<DecoderProcess> take_decoder(const std::filesystem::path& program,
                                    const std::stop_token& stop) {
  const auto path = KATIP_TRY(DecoderProcess::locate(program));
  for (int i = 0; i < kTriesMax && is_worth_trying(path); ++i) {
    const Contact contact = KATIP_TRY(reach_nursery(path));
    auto sockets = KATIP_TRY(make_socket_pair(SOCK_STREAM));
    auto decoder = call_decoder(contact, std::move(sockets), path, stop);
    if (decoder) {
      home().with_lock([](Home& here) { here.had_child = true; });
      return decoder;
    }
    if (decoder.error().code == ErrorCode::kCancelled) {
      return decoder;
    }
    end_nursery(contact.nursery);
  }
  return DecoderProcess::start(path, DecoderRole::kDecoder);
}

std::optional<pid_t> nursery_pid() {
  return home().with_lock([](const Home& here) {
    return here.nursery ? std::optional(here.nursery->pid()) : std::nullopt;
  });
}

}  // namespace katip::audio
