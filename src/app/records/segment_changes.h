#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/transcript_edits.h"
#include "base/result.h"
#include "text/transcript.h"

namespace katip::app {

using Segments = std::vector<text::Segment>;

/// A copy of the segments with the edits applied.
///
/// Errors: those of TranscriptEdits::edit().
Result<Segments> edited_segments(const text::Transcript& transcript,
                                 std::span<const SegmentEdit> edits);
/// Errors: those of TranscriptEdits::split().
Result<Segments> split_segments(const text::Transcript& transcript, const SegmentCut& cut);
/// Errors: those of TranscriptEdits::merge().
Result<Segments> merged_segments(const Segments& segments, std::int64_t index);

/// Which segments differ, place by place where their number is the same, else between what both
/// have in common at the beginning and at the end.
std::vector<SegmentChange> changes_between(const Segments& before, const Segments& after);

/// The version before the changes.
///
/// Errors: kCorruptData when they are not changes of these segments.
Result<Segments> without_changes(Segments segments, std::span<const SegmentChange> changes);

/// The transcript of a completed job as it was at an earlier version.
///
/// Errors: kCorruptData when the history does not lead there; those of the database.
Result<text::Transcript> transcript_at(store::Connection& sql, const std::string& job_row_id,
                                       text::Transcript current, int current_version, int version);

/// As the database keeps them: [{"index": 0, "before": […], "after": […]}].
std::string to_json(std::span<const SegmentChange> changes);
/// Errors: kCorruptData.
Result<std::vector<SegmentChange>> parse_changes(std::string_view json);

}  // namespace katip::app
