#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "text/transcript.h"

namespace katip::text {

/// One segment as two, cut at a byte of its text. Each word goes to the side on which it stands;
/// the first part ends with its last word and the second begins with its first one, so that a pause
/// between them belongs to neither. A word that is cut becomes two, which share its time by their
/// length; so do the parts of a segment without word times. What the model said of its tokens is of
/// the whole and goes; its figures (probabilities and the like) stay with both.
///
/// Threads: pure; safe from any thread.
/// Errors:  kInvalidArgument when the place is inside a character or nothing would be left on one
///          side, and when the segment is too short to last on both.
Result<std::pair<Segment, Segment>> split_segment(const Segment& segment, std::size_t at,
                                                  std::string_view language);

/// Two that follow each other as one, joined as full_text() joins them. It lasts from the earlier
/// beginning to the later end, is spoken by the first one's speaker, and its figures are the means
/// of both by their duration.
///
/// Threads: pure; safe from any thread.
Segment merged_segment(const Segment& first, const Segment& second);

}  // namespace katip::text
