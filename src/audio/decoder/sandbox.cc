#include "audio/decoder/sandbox.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include <linux/capability.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

// Layers, each of which would do alone: descriptors are handed in and paths cannot be opened; the
// system calls that could reach anything else are fatal; and what remains, memory and time, is
// limited. Memory cannot become executable. Tested by integration/sandbox_test.cc, whose child
// tries to break out.
namespace katip::audio {
namespace {

[[maybe_unused]] constexpr rlim_t kAddressSpaceMax = rlim_t{1} << 30;
constexpr rlim_t kOpenFilesMax = 16;
constexpr unsigned kFirstUnusedFd = 4;  // 3 is the socket

std::unexpected<Error> refused(const char* what, int error) {
  return fail(ErrorCode::kUnavailable, std::string("the sandbox of the decoder failed at ") + what +
                                           ": " + std::strerror(error));
}

/// `slack` is how far the hard limit lies above: where the soft one has a signal of its own, which
/// tells what happened, and the hard one just kills.
Status limit(__rlimit_resource resource, rlim_t value, const char* name, rlim_t slack = 0) {
  rlimit limits{.rlim_cur = value, .rlim_max = value + slack};
  rlimit inherited{};
  // A stricter limit of the surroundings stays.
  if (getrlimit(resource, &inherited) == 0) {
    limits.rlim_max = std::min(limits.rlim_max, inherited.rlim_max);
    limits.rlim_cur = std::min(limits.rlim_cur, limits.rlim_max);
  }
  return setrlimit(resource, &limits) == 0 ? Status{} : refused(name, errno);
}

/// Even root keeps no right beyond those of its user.
Status drop_capabilities() {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
  return syscall(SYS_capset, &header, none) == 0 ? Status{} : refused("capset", errno);
}

// Landlock by its numbers: the headers of older systems lack the later fields.
constexpr long kLandlockCreateRuleset = 444;
constexpr long kLandlockRestrictSelf = 446;
constexpr unsigned kLandlockVersionFlag = 1;

struct LandlockRuleset {
  uint64_t handled_access_fs;
  uint64_t handled_access_net;  // since ABI 4
  uint64_t scoped;              // since ABI 6
};

/// A ruleset that handles every access and allows none. Kernels before 5.13, or started without
/// Landlock, have none; the list of system calls forbids the same.
Status forbid_paths() {
  const long abi = syscall(kLandlockCreateRuleset, nullptr, 0, kLandlockVersionFlag);
  if (abi < 1) {
    return {};
  }
  const int fs_right_count = abi >= 5 ? 16 : abi >= 3 ? 15 : abi >= 2 ? 14 : 13;
  LandlockRuleset rules{};
  rules.handled_access_fs = (uint64_t{1} << fs_right_count) - 1;
  rules.handled_access_net = abi >= 4 ? 3 : 0;  // bind and connect
  rules.scoped = abi >= 6 ? 3 : 0;              // abstract sockets and signals
  const size_t size = abi >= 6   ? sizeof rules
                      : abi >= 4 ? offsetof(LandlockRuleset, scoped)
                                 : offsetof(LandlockRuleset, handled_access_net);
  const long ruleset = syscall(kLandlockCreateRuleset, &rules, size, 0);
  if (ruleset < 0) {
    return refused("landlock_create_ruleset", errno);
  }
  const long result = syscall(kLandlockRestrictSelf, ruleset, 0);
  const int error = errno;
  close(static_cast<int>(ruleset));
  return result == 0 ? Status{} : refused("landlock_restrict_self", error);
}

struct FilterDeleter {
  void operator()(void* filter) const { seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, FilterDeleter>;

constexpr int kAllowed[] = {
    // The input, the temporary file and the answer, all of them open already.
    SCMP_SYS(read),
    SCMP_SYS(pread64),
    SCMP_SYS(write),
    SCMP_SYS(pwrite64),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(close),
    // Memory. mmap and mprotect have rules of their own.
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(brk),
    SCMP_SYS(madvise),
    SCMP_SYS(getrandom),
    // One thread with itself; the clock; the end.
    SCMP_SYS(futex),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
#if defined(KATIP_SANITIZED)  // what the run-time of a sanitizer calls to watch and to report
    SCMP_SYS(sigaltstack),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(sched_yield),
    SCMP_SYS(prctl),
    SCMP_SYS(nanosleep),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(getuid),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(lseek),
    SCMP_SYS(mincore),
    SCMP_SYS(readlink),
    SCMP_SYS(newfstatat),
    SCMP_SYS(getrlimit),
    SCMP_SYS(prlimit64),
#endif
};

/// Refused without an end: the C library looks for a table when a broadcast (MPEG-TS) names its
/// stations in an old character set, and lives without it. Nothing is opened.
constexpr int kRefused[] = {SCMP_SYS(openat), SCMP_SYS(newfstatat)};

int fill(scmp_filter_ctx filter) {
  int result = 0;
  for (const int call : kAllowed) {
    result = std::min(result, seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0));
  }
  for (const int call : kRefused) {
    result = std::min(result, seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), call, 0));
  }
  // Memory that is never executable.
  const scmp_arg_cmp no_exec{
      .arg = 2, .op = SCMP_CMP_MASKED_EQ, .datum_a = PROT_EXEC, .datum_b = 0};
  for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)}) {
    result = std::min(result, seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1, no_exec));
  }
  // abort() may send a signal, to this process alone.
  const scmp_arg_cmp self{
      .arg = 0, .op = SCMP_CMP_EQ, .datum_a = static_cast<scmp_datum_t>(getpid()), .datum_b = 0};
  return std::min(result, seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, self));
}

Status allow_only_listed_calls() {
  const Filter filter(seccomp_init(SCMP_ACT_KILL_PROCESS));
  if (filter == nullptr) {
    return refused("seccomp_init", ENOMEM);
  }
  if (const int result = fill(filter.get()); result < 0) {
    return refused("seccomp_rule_add", -result);
  }
  const int result = seccomp_load(filter.get());
  return result == 0 ? Status{} : refused("seccomp_load", -result);
}

}  // namespace

Status enter_sandbox() {
  // The kernel may be too old for it; then the parent's close-on-exec has to do.
  syscall(SYS_close_range, kFirstUnusedFd, ~0U, 0);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return refused("no_new_privs", errno);
  }
#if !defined(KATIP_SANITIZED)
  if (Status status = limit(RLIMIT_AS, kAddressSpaceMax, "RLIMIT_AS"); !status) {
    return status;
  }
  if (Status status = limit(RLIMIT_NPROC, 0, "RLIMIT_NPROC"); !status) {
    return status;
  }
#endif
  if (Status status = limit(RLIMIT_NOFILE, kOpenFilesMax, "RLIMIT_NOFILE"); !status) {
    return status;
  }
  if (Status status = limit(RLIMIT_CORE, 0, "RLIMIT_CORE"); !status) {
    return status;
  }
  if (Status status = forbid_paths(); !status) {
    return status;
  }
  return drop_capabilities();
}

Status seal_sandbox(const WorkLimits& limits) {
  if (Status status = limit(RLIMIT_CPU, limits.cpu_seconds_max, "RLIMIT_CPU", 2); !status) {
    return status;
  }
  const auto file_size = static_cast<rlim_t>(std::max<int64_t>(limits.file_size_max, 0));
  if (Status status = limit(RLIMIT_FSIZE, file_size, "RLIMIT_FSIZE"); !status) {
    return status;
  }
  return allow_only_listed_calls();
}

}  // namespace katip::audio
