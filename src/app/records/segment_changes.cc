#include "app/records/segment_changes.h"

#include <algorithm>
#include <set>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "text/segment_parts.h"
#include "text/transcript_json.h"
#include "text/word_times.h"

/// Tested by transcript_edits_test.cc.
namespace katip::app {
namespace {

namespace json = boost::json;

constexpr std::size_t kEditCountMax = 10'000;
constexpr std::size_t kTextSizeMax = 20'000;
constexpr std::size_t kSpeakerSizeMax = 200;

std::unexpected<Error> bad(std::int64_t index, const std::string& what) {
  return fail(ErrorCode::kInvalidArgument, fmt::format("segment {}: {}", index, what));
}

Status check_index(std::int64_t index, std::size_t segment_count) {
  if (index >= 0 && static_cast<std::size_t>(index) < segment_count) return {};
  return bad(index, fmt::format("the transcript has the segments 0 to {}",
                                static_cast<std::int64_t>(segment_count) - 1));
}

Status check(const SegmentEdit& edit, std::size_t segment_count) {
  KATIP_TRY(check_index(edit.index, segment_count));
  if (edit.text && edit.text->size() > kTextSizeMax) {
    return bad(edit.index, fmt::format("its text is longer than {} bytes", kTextSizeMax));
  }
  if (edit.speaker && edit.speaker->size() > kSpeakerSizeMax) {
    return bad(edit.index,
               fmt::format("its speaker's name is longer than {} bytes", kSpeakerSizeMax));
  }
  return {};
}

/// Where a segment ends that the machine let end behind the recording, it may stay.
Status check_times(const text::Segment& before, const text::Segment& after, const SegmentEdit& edit,
                   std::int64_t duration_ms) {
  if (!edit.start_ms && !edit.end_ms) return {};
  if (after.start_ms < 0 || after.end_ms <= after.start_ms) {
    return bad(edit.index,
               fmt::format("it cannot last from {} to {} ms", after.start_ms, after.end_ms));
  }
  if (duration_ms > 0 && after.end_ms > std::max(duration_ms, before.end_ms)) {
    return bad(edit.index, fmt::format("it would end at {} ms, behind the recording, which has {}",
                                       after.end_ms, duration_ms));
  }
  return {};
}

Result<text::Segment> edited(const text::Segment& segment, const SegmentEdit& edit,
                             const text::Transcript& transcript) {
  text::Segment result = segment;
  result.start_ms = edit.start_ms.value_or(segment.start_ms);
  result.end_ms = edit.end_ms.value_or(segment.end_ms);
  KATIP_TRY(check_times(segment, result, edit, transcript.duration_ms));
  if (edit.speaker && *edit.speaker != segment.speaker) {
    result.speaker = *edit.speaker;
    for (text::Word& word : result.words) word.speaker.clear();
  }
  if (edit.text && *edit.text != segment.text) {
    result.words = text::realigned_words(result, *edit.text, transcript.language);
    result.text = *edit.text;
    result.tokens.clear();  // They were those of the old text.
    result.scored_tokens.clear();
  }
  text::clamp_words(result);
  return result;
}

/// The edits of one request must not depend on their order. Only times that somebody sets are
/// looked at: what the machine left out of order can still be corrected.
Status check_order(const Segments& segments, const std::set<std::int64_t>& moved) {
  for (std::size_t i = 1; i < segments.size(); ++i) {
    const auto index = static_cast<std::int64_t>(i);
    if (!moved.contains(index) && !moved.contains(index - 1)) continue;
    if (segments[i].start_ms < segments[i - 1].start_ms) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("segment {} would begin before the one before it", i));
    }
  }
  return {};
}

bool is_same(const text::Segment& a, const text::Segment& b) {
  return text::segments_to_json(std::span(&a, 1)) == text::segments_to_json(std::span(&b, 1));
}

Segments part(const Segments& segments, std::size_t begin, std::size_t end) {
  return {segments.begin() + static_cast<std::ptrdiff_t>(begin),
          segments.begin() + static_cast<std::ptrdiff_t>(end)};
}

std::vector<SegmentChange> changes_in_place(const Segments& before, const Segments& after) {
  std::vector<SegmentChange> changes;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (is_same(before[i], after[i])) continue;
    const bool joins =
        !changes.empty() &&
        static_cast<std::size_t>(changes.back().index) + changes.back().before.size() == i;
    if (!joins) changes.push_back({.index = static_cast<std::int64_t>(i)});
    changes.back().before.push_back(before[i]);
    changes.back().after.push_back(after[i]);
  }
  return changes;
}

Result<Segments> segments_of(const json::object& change, std::string_view field) {
  const json::value* list = change.if_contains(field);
  if (list == nullptr) return fail(ErrorCode::kCorruptData, "a stored change has no segments");
  return text::parse_segments(json::serialize(*list));
}

}  // namespace

Result<Segments> edited_segments(const text::Transcript& transcript,
                                 std::span<const SegmentEdit> edits) {
  if (edits.empty()) return fail(ErrorCode::kInvalidArgument, "there is nothing to change");
  if (edits.size() > kEditCountMax) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("at most {} segments are changed at once", kEditCountMax));
  }
  Segments result = transcript.segments;
  std::set<std::int64_t> seen;
  std::set<std::int64_t> moved;
  for (const SegmentEdit& edit : edits) {
    KATIP_TRY(check(edit, result.size()));
    if (!seen.insert(edit.index).second) return bad(edit.index, "it is changed twice");
    const auto index = static_cast<std::size_t>(edit.index);
    result[index] = KATIP_TRY(edited(transcript.segments[index], edit, transcript));
    if (edit.start_ms) moved.insert(edit.index);
  }
  KATIP_TRY(check_order(result, moved));
  // Those without text are what cleaned() takes away, but for the writers only.
  return text::cleaned({.segments = std::move(result)}).segments;
}

Result<Segments> split_segments(const text::Transcript& transcript, const SegmentCut& cut) {
  KATIP_TRY(check_index(cut.index, transcript.segments.size()));
  Segments result = transcript.segments;
  const auto place = result.begin() + static_cast<std::ptrdiff_t>(cut.index);
  auto parts = text::split_segment(*place, cut.at, transcript.language);
  if (!parts) return bad(cut.index, parts.error().message);
  *place = std::move(parts->first);
  result.insert(place + 1, std::move(parts->second));
  return result;
}

Result<Segments> merged_segments(const Segments& segments, std::int64_t index) {
  KATIP_TRY(check_index(index, segments.size()));
  if (static_cast<std::size_t>(index) + 1 == segments.size()) {
    return bad(index, "it is the last one: there is none behind it to join it with");
  }
  Segments result = segments;
  const auto place = result.begin() + static_cast<std::ptrdiff_t>(index);
  *place = text::merged_segment(*place, *(place + 1));
  if (place->text.size() > kTextSizeMax) {
    return bad(index, fmt::format("joined with the next one its text is longer than {} bytes",
                                  kTextSizeMax));
  }
  result.erase(place + 1);
  return result;
}

std::vector<SegmentChange> changes_between(const Segments& before, const Segments& after) {
  if (before.size() == after.size()) return changes_in_place(before, after);
  std::size_t begin = 0;
  const std::size_t shorter = std::min(before.size(), after.size());
  while (begin < shorter && is_same(before[begin], after[begin])) ++begin;
  std::size_t tail = 0;
  while (tail < shorter - begin &&
         is_same(before[before.size() - 1 - tail], after[after.size() - 1 - tail])) {
    ++tail;
  }
  return {{.index = static_cast<std::int64_t>(begin),
           .before = part(before, begin, before.size() - tail),
           .after = part(after, begin, after.size() - tail)}};
}

Result<Segments> without_changes(Segments segments, std::span<const SegmentChange> changes) {
  // From the front: what came before is as it was, so each index fits.
  for (const SegmentChange& change : changes) {
    const auto index = static_cast<std::size_t>(std::max<std::int64_t>(0, change.index));
    if (change.index < 0 || index + change.after.size() > segments.size()) {
      return fail(ErrorCode::kCorruptData, "the history does not fit to the transcript");
    }
    const auto begin = segments.begin() + static_cast<std::ptrdiff_t>(index);
    segments.erase(begin, begin + static_cast<std::ptrdiff_t>(change.after.size()));
    segments.insert(segments.begin() + static_cast<std::ptrdiff_t>(index), change.before.begin(),
                    change.before.end());
  }
  return segments;
}

Result<text::Transcript> transcript_at(store::Connection& sql, const std::string& job_row_id,
                                       text::Transcript current, int current_version, int version) {
  if (version >= current_version) return current;
  const auto edits =
      KATIP_TRY(store::list_transcript_edits(sql, job_row_id, version, current_version - version));
  for (const store::TranscriptEdit& edit : edits) {
    const auto changes = KATIP_TRY(parse_changes(edit.changes));
    current.segments = KATIP_TRY(without_changes(std::move(current.segments), changes));
  }
  return current;
}

std::string to_json(std::span<const SegmentChange> changes) {
  json::array list;
  for (const SegmentChange& change : changes) {
    list.push_back({{"index", change.index},
                    {"before", json::parse(text::segments_to_json(change.before))},
                    {"after", json::parse(text::segments_to_json(change.after))}});
  }
  return json::serialize(list);
}

Result<std::vector<SegmentChange>> parse_changes(std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  if (error || !value.is_array()) {
    return fail(ErrorCode::kCorruptData, "stored changes of a transcript are no list");
  }
  std::vector<SegmentChange> changes;
  for (const json::value& item : value.get_array()) {
    const json::object* object = item.if_object();
    const json::value* index = object == nullptr ? nullptr : object->if_contains("index");
    if (index == nullptr || !index->is_int64()) {
      return fail(ErrorCode::kCorruptData, "a stored change has no index");
    }
    SegmentChange change{.index = index->get_int64()};
    change.before = KATIP_TRY(segments_of(*object, "before"));
    change.after = KATIP_TRY(segments_of(*object, "after"));
    changes.push_back(std::move(change));
  }
  return changes;
}

}  // namespace katip::app
