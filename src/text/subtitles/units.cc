#include "text/subtitles/units.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <unicode/brkiter.h>
#include <unicode/locid.h>
#include <unicode/unistr.h>

#include "text/unicode/characters.h"

// ICU says where a line may break; of those places only spaces and places in scripts without spaces
// count, so that well-known and and/or stay whole. Times: the text of a segment without its spaces
// is a ruler, on which each word (or the whole segment, when words have no times) is a span from
// one time to another; a unit looks its two ends up on that ruler.
// Tested by units_test.cc.
namespace katip::text {
namespace {

/// A stretch of the ruler with known times.
struct Span {
  std::int32_t begin = 0;  ///< UTF-16 units that are not white space, from the segment's start.
  std::int32_t end = 0;
  std::int64_t start_ms = 0;
  std::int64_t end_ms = 0;
  std::string_view speaker;

  [[nodiscard]] std::int64_t time_at(std::int32_t place) const {
    return start_ms + (end_ms - start_ms) * (place - begin) / std::max(1, end - begin);
  }
};

bool is_space_at(const icu::UnicodeString& text, std::int32_t at) {
  return is_space(static_cast<char32_t>(text.char32At(at)));
}

icu::UnicodeString without_spaces(const icu::UnicodeString& text) {
  icu::UnicodeString squeezed;
  for (std::int32_t at = 0; at < text.length(); ++at) {
    if (!is_space_at(text, at)) {
      squeezed.append(text.charAt(at));
    }
  }
  return squeezed;
}

/// The segment's ruler: its words when they have times and spell its text, else one span.
std::vector<Span> make_ruler(const Segment& segment, const icu::UnicodeString& text) {
  const icu::UnicodeString squeezed = without_spaces(text);
  std::vector<Span> ruler;
  icu::UnicodeString spelled;
  bool has_times = false;
  for (const Word& word : segment.words) {
    const std::int32_t begin = spelled.length();
    spelled += without_spaces(icu::UnicodeString::fromUTF8(word.text));
    const std::string& speaker = word.speaker.empty() ? segment.speaker : word.speaker;
    ruler.push_back({begin, spelled.length(), word.start_ms, word.end_ms, speaker});
    has_times = has_times || word.end_ms > word.start_ms;
  }
  if (!has_times || spelled != squeezed) {
    return {{0, squeezed.length(), segment.start_ms, segment.end_ms, segment.speaker}};
  }
  return ruler;
}

class Splitter {
 public:
  Splitter(std::unique_ptr<icu::BreakIterator> lines, std::unique_ptr<icu::BreakIterator> words,
           int line_width_max)
      : lines_(std::move(lines)), words_(std::move(words)), line_width_max_(line_width_max) {}

  void add(const Segment& segment) {
    const icu::UnicodeString text = icu::UnicodeString::fromUTF8(segment.text);
    const std::vector<Span> ruler = make_ruler(segment, text);
    span_ = ruler.data();
    ruler_end_ = ruler.data() + ruler.size();
    place_ = 0;
    lines_->setText(text);
    words_->setText(text);
    std::int32_t begin = 0;
    for (std::int32_t end = lines_->next(); end != icu::BreakIterator::DONE; end = lines_->next()) {
      if (end == text.length() || may_break(text, end)) {
        add_piece(text, begin, end);
        begin = end;
      }
    }
  }

  std::vector<Unit> take() { return std::move(units_); }

 private:
  static bool may_break(const icu::UnicodeString& text, std::int32_t at) {
    const auto before = static_cast<char32_t>(text.char32At(text.moveIndex32(at, -1)));
    const auto after = static_cast<char32_t>(text.char32At(at));
    return is_space(before) || is_written_without_spaces(before) ||
           is_written_without_spaces(after);
  }

  /// One unit, or one for each of its parts between spaces when it is too wide for a line.
  void add_piece(const icu::UnicodeString& text, std::int32_t begin, std::int32_t end) {
    std::string utf8;
    text.tempSubStringBetween(begin, end).toUTF8String(utf8);
    if (display_width(trimmed(utf8)) <= line_width_max_) {
      add_unit(text, begin, end);
      return;
    }
    std::int32_t part = begin;
    for (std::int32_t at = begin; at < end; ++at) {
      if (is_space_at(text, at)) {
        add_unit(text, part, at + 1);
        part = at + 1;
      }
    }
    add_unit(text, part, end);
  }

  void add_unit(const icu::UnicodeString& text, std::int32_t begin, std::int32_t end) {
    const bool after_space = begin > 0 && is_space_at(text, text.moveIndex32(begin, -1));
    while (begin < end && is_space_at(text, begin)) {
      ++begin;
    }
    while (begin < end && is_space_at(text, end - 1)) {
      --end;
    }
    if (begin == end) {
      return;
    }
    Unit unit;
    text.tempSubStringBetween(begin, end).toUTF8String(unit.text);
    unit.width = display_width(unit.text);
    const bool first_of_segment = place_ == 0;
    unit.space_before = first_of_segment
                            ? !units_.empty() && joint(units_.back().text, unit.text) == " "
                            : after_space;
    unit.cuts_word = !first_of_segment && !after_space && !words_->isBoundary(begin);
    set_times(unit, without_spaces(text.tempSubStringBetween(begin, end)).length());
    units_.push_back(std::move(unit));
  }

  /// Looks the next `length` places of the ruler up.
  void set_times(Unit& unit, std::int32_t length) {
    const std::int64_t earliest = units_.empty() ? 0 : units_.back().start_ms;
    advance_to(place_);
    unit.speaker = span_->speaker;
    unit.start_ms = std::max(earliest, span_->time_at(place_));
    place_ += length;
    advance_to(place_ - 1);
    unit.end_ms = std::max(unit.start_ms, span_->time_at(place_));
  }

  void advance_to(std::int32_t place) {
    while (span_->end <= place && span_ + 1 < ruler_end_) {
      ++span_;
    }
  }

  std::unique_ptr<icu::BreakIterator> lines_;
  std::unique_ptr<icu::BreakIterator> words_;
  int line_width_max_ = 0;
  const Span* span_ = nullptr;       ///< Where we are on the ruler of the segment in hand …
  const Span* ruler_end_ = nullptr;  ///< … and its end.
  std::int32_t place_ = 0;
  std::vector<Unit> units_;
};

}  // namespace

Result<std::vector<Unit>> split_units(const Transcript& transcript, int line_width_max) {
  const icu::Locale locale(transcript.language.c_str());
  UErrorCode status = U_ZERO_ERROR;
  std::unique_ptr<icu::BreakIterator> lines(icu::BreakIterator::createLineInstance(locale, status));
  std::unique_ptr<icu::BreakIterator> words(icu::BreakIterator::createWordInstance(locale, status));
  if (U_FAILURE(status)) {
    return fail(ErrorCode::kInternal, std::string("ICU cannot break lines (") +
                                          u_errorName(status) +
                                          "): install the data files of the ICU library");
  }
  Splitter splitter(std::move(lines), std::move(words), line_width_max);
  for (const Segment& segment : transcript.segments) {
    splitter.add(segment);
  }
  return splitter.take();
}

int width_of(std::span<const Unit> units) {
  int width = 0;
  for (const Unit& unit : units) {
    width += unit.width + (unit.space_before && &unit != units.data() ? 1 : 0);
  }
  return width;
}

std::vector<Unit> with_speaker_labels(std::vector<Unit> units) {
  std::vector<Unit> labelled;
  labelled.reserve(units.size());
  std::string speaker;
  for (Unit& unit : units) {
    if (!unit.speaker.empty() && unit.speaker != speaker) {
      speaker = unit.speaker;
      Unit label{.text = speaker + ":", .is_label = true};
      label.width = display_width(label.text);
      label.space_before = unit.space_before;
      label.start_ms = label.end_ms = unit.start_ms;
      label.speaker = speaker;
      unit.space_before = true;
      labelled.push_back(std::move(label));
    }
    labelled.push_back(std::move(unit));
  }
  return labelled;
}

}  // namespace katip::text
