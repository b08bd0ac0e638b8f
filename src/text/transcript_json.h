#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "text/transcript.h"

/// Transcripts back from the JSON that write() makes, so that a stored one can be changed and
/// written in any format.
namespace katip::text {

/// The inverse of write(transcript, Format::kJson, {}): writing again gives the same bytes.
///
/// That JSON has words without their punctuation and not inside of segments; both are found again
/// in the segments' texts. Words that stand in no segment's text go to the segment of their time.
///
/// Errors:  kCorruptData, naming the field.
/// Threads: pure; safe from any thread.
Result<Transcript> parse_transcript(std::string_view json);

/// Segments with all that belongs to them, words as they stand in the text included.
///
/// Threads: pure; safe from any thread.
std::string segments_to_json(std::span<const Segment> segments);

/// The inverse.
///
/// Errors: kCorruptData, naming the field.
Result<std::vector<Segment>> parse_segments(std::string_view json);

}  // namespace katip::text
