#pragma once

#include <cstdint>

#include "base/result.h"

/// The walls around foreign bytes. Both steps are one-way, and the second comes before the first
/// byte of the input is read.
///
/// Threads: call them while the process has one thread.
namespace katip::audio {

/// Right after start: nothing inherited but the socket and what is already open, no new rights, no
/// capabilities, no files to open (Landlock, where the kernel has it), limits on memory (1 GiB of
/// address space; not in sanitizer builds, which reserve terabytes), descriptors, processes and
/// core dumps.
///
/// Errors:  kUnavailable: the kernel refuses one of them.
Status enter_sandbox();

struct WorkLimits {
  uint32_t cpu_seconds_max = 60;
  int64_t file_size_max = 0;  ///< Bytes of the temporary file.
};

/// When the work is known: its limits, and a list of the only system calls that remain. Any other
/// one ends the process with SIGSYS.
Status seal_sandbox(const WorkLimits& limits);

}  // namespace katip::audio
