#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <string>

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "audio/decoder/frame_sink.h"
#include "audio/decoder/nursery_loop.h"
#include "audio/decoder/sandbox.h"
#include "audio/protocol/request.h"

// A decoder that was taken over, from a nursery like that of katip-decoder. It raises the same
// walls, reads one word from its input and then tries what the word says. It stands in for
// katip-decoder in sandbox_test.cc and nursery_test.cc and is no part of the product.
namespace {

using katip::audio::FrameSink;

constexpr int kSocket = 3;

void say(FrameSink& sink, const std::string& text) {
  sink.end({katip::audio::EndState::kFailed, katip::ErrorCode::kInternal, text});
}

void describe(FrameSink& sink) {
  sink.info({.media = {.container = "x", .codec = "y", .sample_rate = 16000, .channel_count = 1}});
}

/// Tries to leave the sandbox. Returns when it was not ended for it.
const std::map<std::string, std::function<void()>>& escapes() {
  static const std::map<std::string, std::function<void()>> tricks{
      {"socket", [] { socket(AF_INET, SOCK_STREAM, 0); }},
      {"connect", [] { connect(kSocket, nullptr, 0); }},
      {"sendmsg", [] { sendmsg(kSocket, nullptr, 0); }},
      {"open", [] { syscall(SYS_open, "/etc/passwd", O_RDONLY); }},
      {"creat", [] { syscall(SYS_creat, "/tmp/katip-escape", 0600); }},
      {"execve", [] { execl("/bin/sh", "sh", nullptr); }},
      {"fork", [] { syscall(SYS_fork); }},
      {"clone", [] { syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, 0); }},
      {"ptrace", [] { ptrace(PTRACE_ATTACH, getppid(), nullptr, nullptr); }},
      {"kill", [] { kill(1, 0); }},
      {"tgkill", [] { syscall(SYS_tgkill, 1, 1, SIGTERM); }},
      {"unlink", [] { unlink("/tmp/katip-nothing"); }},
      {"ioctl", [] { syscall(SYS_ioctl, 0, 0x5412, "x"); }},
      {"process_vm_readv", [] { syscall(SYS_process_vm_readv, 1, nullptr, 0, nullptr, 0, 0); }},
      {"setrlimit", [] { syscall(SYS_setrlimit, RLIMIT_AS, nullptr); }},
      {"mmap_exec",
       [] { mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }},
      {"io_uring_setup", [] { syscall(SYS_io_uring_setup, 1, nullptr); }},
  };
  return tricks;
}

/// Misbehaves within the rules of the kernel.
const std::map<std::string, std::function<void(FrameSink&)>>& antics() {
  static const std::map<std::string, std::function<void(FrameSink&)>> tricks{
      {"openat",
       [](FrameSink& sink) {
         const long fd = syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY);
         say(sink, fd < 0 && errno == EACCES ? "openat was refused" : "openat worked");
       }},
      {"memory",
       [](FrameSink& sink) {
         void* volatile block = std::malloc(size_t{1100} << 20);  // volatile: not optimised away
         say(sink, block == nullptr ? "no memory" : "memory was given");
         std::free(block);
       }},
      {"abort", [](FrameSink&) { std::abort(); }},
      {"exit", [](FrameSink&) { _exit(9); }},
      {"spin",
       [](FrameSink&) {
         for (volatile unsigned i = 0;; i = i + 1) {
         }
       }},
      {"hang", [](FrameSink&) { poll(nullptr, 0, -1); }},
      {"alive",
       [](FrameSink& sink) {
         while (true) {
           sink.alive();
           poll(nullptr, 0, 50);
         }
       }},
      {"nonsense",
       [](FrameSink&) { (void)!write(kSocket, "GET / HTTP/1.1\r\nHost: katip\r\n\r\n", 32); }},
      {"half",
       [](FrameSink& sink) {
         describe(sink);
         (void)!write(kSocket, "\2\0\0\0\0\1", 6);
       }},
      {"flood",
       [](FrameSink& sink) {
         describe(sink);
         while (sink.silence(16'000)) {
         }
       }},
  };
  return tricks;
}

int serve(int socket) {
  if (!katip::audio::enter_sandbox()) {
    return 1;
  }
  const auto received = katip::audio::receive_request(socket);
  FrameSink sink(socket, INT64_MAX / 2);
  // One second, so that a test need not wait for the minute that real work has.
  if (!received || !*received || !katip::audio::seal_sandbox({.cpu_seconds_max = 1})) {
    say(sink, "the probe could not start");
    return 1;
  }
  std::array<char, 64> word{};
  (void)!pread((*received)->files.input, word.data(), word.size() - 1, 0);
  if (const auto escape = escapes().find(word.data()); escape != escapes().end()) {
    errno = 0;
    escape->second();
    say(sink, "escaped: " + std::string(std::strerror(errno)));
  } else if (const auto antic = antics().find(word.data()); antic != antics().end()) {
    antic->second(sink);
  } else {
    say(sink, "unknown word");
  }
  return 0;
}

}  // namespace

int main() { _exit(katip::audio::run_nursery(kSocket, serve)); }
