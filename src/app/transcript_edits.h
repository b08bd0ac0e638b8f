#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "app/principal.h"
#include "base/result.h"
#include "base/uuid.h"
#include "store/pool.h"
#include "store/transcript_store.h"
#include "text/byte_list.h"
#include "text/transcript.h"

/// People correct transcripts. Nothing is lost by it: every version can be had back.
///
/// Errors: kNotFound for a job that is not there or not theirs; kConflict for one without a
///         transcript, and when the transcript is no longer of the version that was edited; those
///         of the database.
namespace katip::app {

using EditKind = store::EditKind;
using ScoredToken = text::ScoredToken;
using text::byte_list;
using Segment = text::Segment;
using Word = text::Word;

/// What becomes of one segment. Members that are not set stay as they are.
struct SegmentEdit {
  std::int64_t index = 0;                ///< Of the version that is edited; from 0.
  std::optional<std::string> text = {};  ///< Empty: the segment goes.
  std::optional<std::string> speaker = {};
  std::optional<std::int64_t> start_ms = {};
  std::optional<std::int64_t> end_ms = {};
};

/// Where one segment becomes two.
struct SegmentCut {
  std::int64_t index = 0;  ///< Of the version that is edited; from 0.
  std::size_t at = 0;      ///< In bytes of its text.
};

/// Segments that were replaced by others, at one place.
struct SegmentChange {
  std::int64_t index = 0;  ///< Of the first of `before`, in the version before.
  std::vector<text::Segment> before = {};
  std::vector<text::Segment> after = {};
};

struct TranscriptVersion {
  int version = 1;
  text::Transcript transcript = {};
};

/// One line of the history.
struct EditRecord {
  int version = 1;  ///< That it led to.
  store::EditKind kind = store::EditKind::kEdit;
  std::optional<int> restored_version = {};
  std::optional<std::string> editor = {};
  store::Timestamp created_at = {};
  std::vector<SegmentChange> changes = {};
};

/// Threads:  thread-safe.
/// Lifetime: pool, clock and rng outlive it.
class TranscriptEdits {
 public:
  TranscriptEdits(store::Pool& pool, const Clock& clock, Rng& rng)
      : pool_(pool), clock_(clock), ids_(clock, rng) {}

  /// As it is now.
  Result<TranscriptVersion> read(const Principal& principal, std::string_view job_id,
                                 std::stop_token stop);
  /// All edits or none. Words whose segment's text changes are laid over the audio anew: those that
  /// are still there keep their times (text/word_times.h). What is searched follows.
  ///
  /// Errors: kInvalidArgument for an index that is not there or comes twice, for a text over 20,000
  ///         bytes, for more than 10,000 edits at once, and for times that end before they begin,
  ///         lie outside of the recording or begin before those of the segment before.
  Result<TranscriptVersion> edit(const Principal& principal, std::string_view job_id,
                                 std::span<const SegmentEdit> edits, int expected_version,
                                 std::stop_token stop);
  /// One segment becomes two; its words go along by where they stand, and give the times.
  ///
  /// Errors: kInvalidArgument for a segment that is not there, and where text::split_segment() has
  ///         it.
  Result<TranscriptVersion> split(const Principal& principal, std::string_view job_id,
                                  const SegmentCut& cut, int expected_version,
                                  std::stop_token stop);
  /// A segment and the one behind it become one (text::merged_segment()).
  ///
  /// Errors: kInvalidArgument when either is not there, and when their text is over 20,000 bytes.
  Result<TranscriptVersion> merge(const Principal& principal, std::string_view job_id,
                                  std::int64_t index, int expected_version, std::stop_token stop);
  /// The words of that version become a new version.
  ///
  /// Errors: kInvalidArgument when there is no such version before this one.
  Result<TranscriptVersion> restore(const Principal& principal, std::string_view job_id,
                                    int version, int expected_version, std::stop_token stop);
  /// The last edits first; at most `count_max`, 1 to 200.
  Result<std::vector<EditRecord>> history(const Principal& principal, std::string_view job_id,
                                          int count_max, std::stop_token stop);

 private:
  struct Opened;
  Result<Opened> open(store::Connection& sql, const Principal& principal, std::string_view job_id,
                      int expected_version);
  /// `change`: Result<std::vector<Segment>>(const text::Transcript&).
  template <typename Change>
  Result<TranscriptVersion> change(const Principal& principal, std::string_view job_id,
                                   int expected_version, std::stop_token stop, Change change);
  Result<TranscriptVersion> save(store::Connection& sql, const Principal& principal,
                                 const Opened& opened, text::Transcript changed,
                                 std::optional<int> restored_version);

  store::Pool& pool_;
  const Clock& clock_;
  UuidSource ids_;
};

}  // namespace katip::app
