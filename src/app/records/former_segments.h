#pragma once

#include <string>

#include "app/records/segment_changes.h"
#include "base/result.h"
#include "store/connection.h"

namespace katip::app {

/// The segments after an edit; one that got the text, speaker and times that it had in one of the
/// versions before is as it was then, words and all. An edit cuts words at the limits of a segment
/// and times those of another text anew, so undoing it by a second edit would leave what the first
/// one had lost.
///
/// Only the last versions are looked at, and none where the history cannot be read: the edit itself
/// is good then.
///
/// Errors: those of the database.
Result<Segments> with_former_segments(store::Connection& sql, const std::string& job_row_id,
                                      int version, const Segments& before, Segments after);

}  // namespace katip::app
