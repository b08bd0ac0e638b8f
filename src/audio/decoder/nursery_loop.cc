#include "audio/decoder/nursery_loop.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "audio/child/owned_fd.h"
#include "audio/protocol/nursery_call.h"

// A copy of a process with its libraries loaded costs a small part of loading them. CLONE_PARENT
// makes the copy a child of katip, which then ends and reaps it like one that it started itself;
// the C library has no function for that, so it is the bare system call. That skips what libraries
// want done around fork(), which is about locks of other threads: there are none.
// Tested by integration/nursery_test.cc.
namespace katip::audio {
namespace {

/// Another thread could hold a lock while a child is made, and the child would wait for ever. The
/// kernel counts the folder's links: itself, its parent and one for each thread.
bool has_one_thread() {
  std::error_code error;
  return std::filesystem::hard_link_count("/proc/self/task", error) == 3 && !error;
}

/// The child's socket takes the place, and the number, of the control socket.
[[noreturn]] void live_as_child(int control, OwnedFd socket, int (*serve)(int socket)) {
  setpgid(0, 0);  // as katip does with what it starts
  if (dup2(socket.get(), control) != control) {
    _exit(1);
  }
  socket = OwnedFd();
  if (!send_birth(control, getpid())) {
    _exit(0);  // katip is gone
  }
  _exit(serve(control));
}

}  // namespace

int run_nursery(int control, int (*serve)(int socket)) {
  // What katip's surroundings left open would stay open as long as the nursery lives.
  syscall(SYS_close_range, static_cast<unsigned>(control) + 1, ~0U, 0);
  if (!has_one_thread() || !send_ready(control)) {
    return 1;
  }
  while (auto socket = receive_call(control)) {
    if (syscall(SYS_clone, CLONE_PARENT | SIGCHLD, nullptr, nullptr, nullptr, nullptr) == 0) {
      live_as_child(control, std::move(*socket), serve);
    }
    // Here the socket is closed: when there is no child, katip sees its end.
  }
  return 0;
}

}  // namespace katip::audio
