#include "text/transcript_json.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>

#include <boost/json.hpp>

#include "base/utf8.h"
#include "text/byte_list.h"
#include "text/unicode/characters.h"
#include "text/writers/json_text.h"

// Words are laid over the segments' texts in order: between the end of one word and the beginning
// of the next there are only blanks and signs, and the blank is where the next word begins.
// Tested by transcript_json_test.cc.
namespace katip::text {
namespace {

namespace json = boost::json;

constexpr double kSecondsMax = 3.6e9;  // A million hours, as cleaned() has it.

std::unexpected<Error> bad(std::string_view field) {
  return fail(ErrorCode::kCorruptData,
              "the stored transcript has no good `" + std::string(field) + "`");
}

Result<double> number_of(const json::object& object, std::string_view field) {
  const json::value* value = object.if_contains(field);
  if (value == nullptr || value->is_null()) return 0.0;
  if (!value->is_number()) return bad(field);
  const double number = value->to_number<double>();
  return std::isfinite(number) ? Result<double>(number) : Result<double>(bad(field));
}

Result<std::int64_t> milliseconds_of(const json::object& object, std::string_view field) {
  const double seconds = KATIP_TRY(number_of(object, field));
  if (seconds < 0 || seconds > kSecondsMax) return bad(field);
  return std::llround(seconds * 1000);
}

Result<float> float_of(const json::object& object, std::string_view field) {
  return static_cast<float>(KATIP_TRY(number_of(object, field)));
}

/// Empty when there is none.
Result<std::string> text_of(const json::object& object, std::string_view field) {
  const json::value* value = object.if_contains(field);
  if (value == nullptr || value->is_null()) return std::string();
  if (!value->is_string()) return bad(field);
  return std::string(value->get_string());
}

/// Null when there is none.
Result<const json::array*> array_of(const json::object& object, std::string_view field) {
  const json::value* value = object.if_contains(field);
  if (value == nullptr) return nullptr;
  if (!value->is_array()) return bad(field);
  return &value->get_array();
}

Result<Word> parse_word(const json::value& value, std::string_view text_field) {
  if (!value.is_object()) return bad("words");
  const json::object& object = value.get_object();
  Word word;
  word.start_ms = KATIP_TRY(milliseconds_of(object, "start"));
  word.end_ms = KATIP_TRY(milliseconds_of(object, "end"));
  word.text = KATIP_TRY(text_of(object, text_field));
  word.probability = KATIP_TRY(float_of(object, "probability"));
  word.speaker = KATIP_TRY(text_of(object, "speaker"));
  return word;
}

Result<std::vector<Word>> parse_words(const json::object& object, std::string_view text_field) {
  std::vector<Word> words;
  const json::array* list = KATIP_TRY(array_of(object, "words"));
  if (list == nullptr) return words;
  for (const json::value& value : *list) words.push_back(KATIP_TRY(parse_word(value, text_field)));
  return words;
}

Result<std::vector<int>> parse_tokens(const json::object& object) {
  std::vector<int> tokens;
  const json::array* list = KATIP_TRY(array_of(object, "tokens"));
  if (list == nullptr) return tokens;
  for (const json::value& value : *list) {
    if (!value.is_int64() || value.get_int64() < 0 || value.get_int64() > INT32_MAX) {
      return bad("tokens");
    }
    tokens.push_back(static_cast<int>(value.get_int64()));
  }
  return tokens;
}

Result<std::vector<ScoredToken>> parse_scored_tokens(const json::object& object) {
  std::vector<ScoredToken> tokens;
  const json::array* list = KATIP_TRY(array_of(object, "scored_tokens"));
  if (list == nullptr) return tokens;
  for (const json::value& value : *list) {
    if (!value.is_object()) return bad("scored_tokens");
    ScoredToken token{.log_probability = KATIP_TRY(float_of(value.get_object(), "logprob"))};
    const json::array* bytes = KATIP_TRY(array_of(value.get_object(), "bytes"));
    auto text = bytes == nullptr ? std::nullopt : bytes_in(*bytes);
    if (!text) return bad("bytes");
    token.bytes = *std::move(text);
    tokens.push_back(std::move(token));
  }
  return tokens;
}

Result<Segment> parse_segment(const json::value& value) {
  if (!value.is_object()) return bad("segments");
  const json::object& object = value.get_object();
  Segment segment;
  segment.start_ms = KATIP_TRY(milliseconds_of(object, "start"));
  segment.end_ms = KATIP_TRY(milliseconds_of(object, "end"));
  segment.text = KATIP_TRY(text_of(object, "text"));
  segment.tokens = KATIP_TRY(parse_tokens(object));
  segment.temperature = KATIP_TRY(float_of(object, "temperature"));
  segment.average_log_probability = KATIP_TRY(float_of(object, "avg_logprob"));
  segment.compression_ratio = KATIP_TRY(float_of(object, "compression_ratio"));
  segment.no_speech_probability = KATIP_TRY(float_of(object, "no_speech_prob"));
  const double frames = KATIP_TRY(number_of(object, "seek"));
  if (frames < 0 || frames > kSecondsMax * 100) return bad("seek");
  segment.window_start_ms = std::llround(frames) * 10;
  segment.words = KATIP_TRY(parse_words(object, "text"));
  segment.speaker = KATIP_TRY(text_of(object, "speaker"));
  segment.scored_tokens = KATIP_TRY(parse_scored_tokens(object));
  return segment;
}

bool has_word_character(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = first_character(text.substr(at));
    if (is_word_character(c)) return true;
    at = character_end(text, at);
  }
  return false;
}

/// Where white space begins; the size when there is none.
std::size_t first_space(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); at = character_end(text, at)) {
    if (is_space(first_character(text.substr(at)))) return at;
  }
  return text.size();
}

/// Where the word stands in the text behind `from`, when only blanks and signs are passed over.
std::optional<std::size_t> find_next(std::string_view text, std::size_t from,
                                     std::string_view word) {
  if (word.empty()) return std::nullopt;
  const std::size_t found = text.find(word, from);
  if (found == text.npos || has_word_character(text.substr(from, found - from))) {
    return std::nullopt;
  }
  return found;
}

struct PlacedWord {
  std::size_t begin = 0;  ///< Of the segment's text.
  Word word;
};

/// The words of one segment, and those that belong to it by their time only.
struct SegmentWords {
  std::vector<PlacedWord> placed;
  std::vector<Word> strays;
};

std::size_t segment_at(const std::vector<Segment>& segments, std::int64_t time_ms) {
  const auto found = std::ranges::find_if(
      segments, [&](const Segment& segment) { return time_ms < segment.end_ms; });
  return found == segments.end() ? segments.size() - 1
                                 : static_cast<std::size_t>(found - segments.begin());
}

/// Never goes back, so that the order of the words stays.
std::vector<SegmentWords> distribute(const std::vector<Segment>& segments,
                                     std::vector<Word> words) {
  std::vector<SegmentWords> places(segments.size());
  std::size_t current = 0;
  std::size_t at = 0;
  for (Word& word : words) {
    std::size_t next = current;
    std::optional<std::size_t> found;
    for (; next < segments.size() && !found; ++next) {
      found = find_next(segments[next].text, next == current ? at : 0, word.text);
    }
    if (!found) {
      places[segment_at(segments, word.start_ms)].strays.push_back(std::move(word));
      continue;
    }
    current = next - 1;
    at = *found + word.text.size();
    places[current].placed.push_back({.begin = *found, .word = std::move(word)});
  }
  return places;
}

/// The text of the segment is cut where the words begin: at the blank behind the word before.
std::vector<Word> whole_words(const Segment& segment, SegmentWords words) {
  std::vector<Word> whole;
  const std::string_view text = segment.text;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < words.placed.size(); ++i) {
    const std::size_t end_of_word = words.placed[i].begin + words.placed[i].word.text.size();
    std::size_t end = text.size();
    if (i + 1 < words.placed.size()) {
      const std::size_t next = words.placed[i + 1].begin;
      end = end_of_word + first_space(text.substr(end_of_word, next - end_of_word));
    }
    Word word = std::move(words.placed[i].word);
    word.text =
        std::string(i == 0 ? joint("a", text) : "") + std::string(text.substr(begin, end - begin));
    begin = end;
    whole.push_back(std::move(word));
  }
  for (Word& word : words.strays) {
    word.text.insert(0, " ");
    whole.push_back(std::move(word));
  }
  for (Word& word : whole) {
    if (word.speaker == segment.speaker) word.speaker.clear();
  }
  return whole;
}

double seconds(std::int64_t time_ms) { return static_cast<double>(time_ms) / 1000; }

json::object to_json(const Segment& segment) {
  json::array words;
  for (const Word& word : segment.words) {
    words.push_back({{"text", word.text},
                     {"start", seconds(word.start_ms)},
                     {"end", seconds(word.end_ms)},
                     {"probability", double{word.probability}},
                     {"speaker", word.speaker}});
  }
  json::object object{{"start", seconds(segment.start_ms)},
                      {"end", seconds(segment.end_ms)},
                      {"text", segment.text},
                      {"speaker", segment.speaker},
                      {"seek", segment.window_start_ms / 10},
                      {"tokens", json::array(segment.tokens.begin(), segment.tokens.end())},
                      {"temperature", double{segment.temperature}},
                      {"avg_logprob", double{segment.average_log_probability}},
                      {"compression_ratio", double{segment.compression_ratio}},
                      {"no_speech_prob", double{segment.no_speech_probability}},
                      {"words", std::move(words)}};
  if (!segment.scored_tokens.empty()) {
    object["scored_tokens"] = scored_tokens_json(segment.scored_tokens);
  }
  return object;
}

Result<json::value> parse(std::string_view text) {
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  if (error) {
    return fail(ErrorCode::kCorruptData, "a stored transcript is no JSON: " + error.message());
  }
  return value;
}

}  // namespace

Result<Transcript> parse_transcript(std::string_view text) {
  const json::value value = KATIP_TRY(parse(text));
  if (!value.is_object()) return fail(ErrorCode::kCorruptData, "a stored transcript is no object");
  const json::object& object = value.get_object();
  Transcript transcript;
  if (KATIP_TRY(text_of(object, "task")) == "translate") transcript.task = Task::kTranslate;
  transcript.language = KATIP_TRY(text_of(object, "language_code"));
  transcript.language_probability = KATIP_TRY(float_of(object, "language_probability"));
  transcript.duration_ms = KATIP_TRY(milliseconds_of(object, "duration"));
  const std::string warning = KATIP_TRY(text_of(object, "warning"));
  if (!warning.empty()) transcript.warning = warning;
  const json::array* segments = KATIP_TRY(array_of(object, "segments"));
  if (segments == nullptr) return transcript;
  for (const json::value& segment : *segments) {
    transcript.segments.push_back(KATIP_TRY(parse_segment(segment)));
  }
  if (transcript.segments.empty()) return transcript;
  auto places = distribute(transcript.segments, KATIP_TRY(parse_words(object, "word")));
  for (std::size_t i = 0; i < places.size(); ++i) {
    transcript.segments[i].words = whole_words(transcript.segments[i], std::move(places[i]));
  }
  return transcript;
}

std::string segments_to_json(std::span<const Segment> segments) {
  json::array list;
  for (const Segment& segment : segments) list.push_back(to_json(segment));
  return json::serialize(list);
}

Result<std::vector<Segment>> parse_segments(std::string_view text) {
  const json::value value = KATIP_TRY(parse(text));
  if (!value.is_array()) return bad("segments");
  std::vector<Segment> segments;
  for (const json::value& segment : value.get_array()) {
    segments.push_back(KATIP_TRY(parse_segment(segment)));
  }
  return segments;
}

}  // namespace katip::text
