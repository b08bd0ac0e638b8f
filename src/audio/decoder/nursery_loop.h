#pragma once

namespace katip::audio {

/// Makes a child of katip for every socket that comes over `control`, until katip is gone: the
/// whole life of a nursery, a katip-decoder that has its libraries loaded and reads nothing else.
/// A child has the descriptors of a decoder that was started alone: its socket takes the place of
/// `control`. It calls `serve` with it and ends with the exit code that this gives.
///
/// Returns: the exit code: 0 when katip is gone, 1 when this process cannot be a nursery.
/// Threads: call it while the process has one thread; with more it refuses.
int run_nursery(int control, int (*serve)(int socket));

}  // namespace katip::audio
