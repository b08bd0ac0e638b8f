#include "app/records/former_segments.h"

#include <algorithm>
#include <vector>

#include "store/transcript_store.h"

/// Tested by transcript_edits_test.cc.
namespace katip::app {
namespace {

// Who undoes one step after the other makes a version by each.
constexpr int kVersionsBack = 20;
// Of changes, in JSON: one speaker renamed in a recording of hours has a megabyte or two.
constexpr std::size_t kSizeMax = 4 << 20;

bool reads_the_same(const text::Segment& a, const text::Segment& b) {
  return a.start_ms == b.start_ms && a.end_ms == b.end_ms && a.text == b.text &&
         a.speaker == b.speaker;
}

std::vector<text::Segment*> changed_ones(const Segments& before, Segments& after) {
  std::vector<text::Segment*> changed;
  for (const SegmentChange& change : changes_between(before, after)) {
    for (std::size_t i = 0; i < change.after.size(); ++i) {
      changed.push_back(&after[static_cast<std::size_t>(change.index) + i]);
    }
  }
  return changed;
}

}  // namespace

Result<Segments> with_former_segments(store::Connection& sql, const std::string& job_row_id,
                                      int version, const Segments& before, Segments after) {
  if (version <= 1) return after;
  std::vector<text::Segment*> searched = changed_ones(before, after);
  std::size_t size = 0;
  for (const store::TranscriptEdit& edit : KATIP_TRY(
           store::list_transcript_edits(sql, job_row_id, version - kVersionsBack, kVersionsBack))) {
    size += edit.changes.size();
    if (searched.empty() || size > kSizeMax) break;
    const auto changes = parse_changes(edit.changes);
    if (!changes) break;
    for (const SegmentChange& change : *changes) {
      for (const text::Segment& former : change.before) {
        std::erase_if(searched, [&](text::Segment* segment) {
          if (!reads_the_same(*segment, former)) return false;
          *segment = former;
          return true;
        });
      }
    }
  }
  return after;
}

}  // namespace katip::app
