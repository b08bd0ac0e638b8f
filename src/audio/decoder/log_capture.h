#pragma once

#include <string>

/// libav explains itself only in its log, so that is where "moov atom not found" must be read.
///
/// Threads: one thread; libav's log callback is a single one for the process.
namespace katip::audio {

/// From now on libav prints nothing, and its last error message is kept.
void capture_log();

/// That message, or "". Foreign text: the file may have had a part in it.
const std::string& last_log_error();

/// libav said that the file ends in the middle of something.
bool log_tells_of_early_end();

}  // namespace katip::audio
