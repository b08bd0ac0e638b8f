#include "app/transcription/window_checkpoints.h"

#include <algorithm>
#include <limits>
#include <map>
#include <type_traits>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "text/byte_list.h"

// The texts of a model are bytes: a segment may end inside a character, and JSON, and PostgreSQL
// even more, take characters only. A window with such a text writes all of its texts as lists of
// bytes; nothing may be mended, as the words of a transcript are cut from the same bytes.
// Tested by window_checkpoints_test.cc.
namespace katip::app {
namespace {

namespace json = boost::json;
using engine::ResumePoint;
using engine::ScoredToken;
using engine::Segment;
using engine::WindowDone;
using engine::Word;

constexpr int kWindowsOfChannelMax = 10'000'000;
constexpr int kChannelsMax = 8;

enum class Texts { kPlain, kBytes };

// ---- Writing.

json::value text_json(const std::string& bytes, Texts texts) {
  if (texts == Texts::kPlain) return json::string(bytes);
  return text::byte_list(bytes);
}

json::object word_json(const Word& word, Texts texts) {
  return {{"start_ms", word.start_ms},
          {"end_ms", word.end_ms},
          {"text", text_json(word.text, texts)},
          {"probability", word.probability}};
}

json::array token_json(const ScoredToken& token, Texts texts) {
  return {text_json(token.bytes, texts), token.log_probability};
}

json::object segment_json(const Segment& segment, Texts texts) {
  json::array words;
  for (const Word& word : segment.words) words.push_back(word_json(word, texts));
  json::array scored;
  for (const ScoredToken& token : segment.scored_tokens) scored.push_back(token_json(token, texts));
  return {{"start_ms", segment.start_ms},
          {"end_ms", segment.end_ms},
          {"text", text_json(segment.text, texts)},
          {"tokens", json::value_from(segment.tokens)},
          {"temperature", segment.temperature},
          {"average_log_probability", segment.average_log_probability},
          {"compression_ratio", segment.compression_ratio},
          {"no_speech_probability", segment.no_speech_probability},
          {"window_start_ms", segment.window_start_ms},
          {"words", std::move(words)},
          {"scored_tokens", std::move(scored)}};
}

json::object point_json(const ResumePoint& point) {
  return {{"window_count", point.window_count},
          {"window_end_ms", point.window_end_ms},
          {"segment_count", point.segment_count},
          {"segment_end_ms", point.segment_end_ms},
          {"language", point.language},
          {"language_probability", point.language_probability},
          {"previous_tokens", json::value_from(point.previous_tokens)}};
}

std::string checkpoint_json(const WindowCheckpoint& checkpoint, Texts texts) {
  json::array segments;
  for (const Segment& segment : checkpoint.window.segments) {
    segments.push_back(segment_json(segment, texts));
  }
  return json::serialize(json::object{{"fingerprint", checkpoint.fingerprint},
                                      {"run", checkpoint.run},
                                      {"processing_ms", checkpoint.processing_ms},
                                      {"channel", checkpoint.channel},
                                      {"index", checkpoint.window.index},
                                      {"segments", std::move(segments)},
                                      {"next", point_json(checkpoint.window.next)}});
}

// The parser refuses bytes that are not UTF-8; PostgreSQL refuses U+0000 as well.
bool can_be_stored(const std::string& text) {
  boost::system::error_code error;
  static_cast<void>(json::parse(text, error));
  return !error && !text.contains("\\u0000");
}

// ---- Reading. Nothing is trusted: whoever writes to the database may have written anything.

std::unexpected<Error> corrupt(std::string_view name) {
  return fail(ErrorCode::kCorruptData, fmt::format("`{}` is missing or wrong", name));
}

Result<const json::value*> value_at(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr) return corrupt(name);
  return value;
}

template <typename T>
Result<T> number_at(const json::object& object, std::string_view name) {
  const json::value* value = KATIP_TRY(value_at(object, name));
  boost::system::error_code error;
  if constexpr (std::is_same_v<T, float>) {
    const auto number = value->to_number<double>(error);
    constexpr double kLimit = std::numeric_limits<float>::max();
    if (error || !(number >= -kLimit && number <= kLimit)) return corrupt(name);
    return static_cast<float>(number);
  } else {
    const T number = value->to_number<T>(error);
    if (error) return corrupt(name);
    return number;
  }
}

Result<const json::array*> array_at(const json::object& object, std::string_view name) {
  const json::array* array = KATIP_TRY(value_at(object, name))->if_array();
  if (array == nullptr) return corrupt(name);
  return array;
}

Result<std::string> name_at(const json::object& object, std::string_view name) {
  const json::value* value = KATIP_TRY(value_at(object, name));
  if (!value->is_string()) return corrupt(name);
  return std::string(value->get_string());
}

Result<std::string> text_of(const json::value& value, std::string_view name) {
  if (value.is_string()) return std::string(value.get_string());
  auto bytes = value.is_array() ? text::bytes_in(value.get_array()) : std::nullopt;
  if (!bytes) return corrupt(name);
  return *std::move(bytes);
}

Result<std::string> text_at(const json::object& object, std::string_view name) {
  return text_of(*KATIP_TRY(value_at(object, name)), name);
}

Result<std::vector<int>> tokens_at(const json::object& object, std::string_view name) {
  std::vector<int> tokens;
  for (const json::value& token : *KATIP_TRY(array_at(object, name))) {
    boost::system::error_code error;
    tokens.push_back(token.to_number<int>(error));
    if (error) return corrupt(name);
  }
  return tokens;
}

Result<Word> parse_word(const json::value& value) {
  const json::object* object = value.if_object();
  if (object == nullptr) return corrupt("words");
  Word word;
  word.start_ms = KATIP_TRY(number_at<std::int64_t>(*object, "start_ms"));
  word.end_ms = KATIP_TRY(number_at<std::int64_t>(*object, "end_ms"));
  word.text = KATIP_TRY(text_at(*object, "text"));
  word.probability = KATIP_TRY(number_at<float>(*object, "probability"));
  return word;
}

Result<ScoredToken> parse_scored_token(const json::value& value) {
  constexpr std::string_view kName = "scored_tokens";
  const json::array* pair = value.if_array();
  if (pair == nullptr || pair->size() != 2) return corrupt(kName);
  boost::system::error_code error;
  ScoredToken token{.bytes = KATIP_TRY(text_of((*pair)[0], kName))};
  token.log_probability = static_cast<float>((*pair)[1].to_number<double>(error));
  if (error) return corrupt(kName);
  return token;
}

Result<Segment> parse_segment(const json::value& value) {
  const json::object* object = value.if_object();
  if (object == nullptr) return corrupt("segments");
  Segment segment;
  segment.start_ms = KATIP_TRY(number_at<std::int64_t>(*object, "start_ms"));
  segment.end_ms = KATIP_TRY(number_at<std::int64_t>(*object, "end_ms"));
  segment.text = KATIP_TRY(text_at(*object, "text"));
  segment.tokens = KATIP_TRY(tokens_at(*object, "tokens"));
  segment.temperature = KATIP_TRY(number_at<float>(*object, "temperature"));
  segment.average_log_probability = KATIP_TRY(number_at<float>(*object, "average_log_probability"));
  segment.compression_ratio = KATIP_TRY(number_at<float>(*object, "compression_ratio"));
  segment.no_speech_probability = KATIP_TRY(number_at<float>(*object, "no_speech_probability"));
  segment.window_start_ms = KATIP_TRY(number_at<std::int64_t>(*object, "window_start_ms"));
  for (const json::value& word : *KATIP_TRY(array_at(*object, "words"))) {
    segment.words.push_back(KATIP_TRY(parse_word(word)));
  }
  if (!object->contains("scored_tokens")) return segment;  // Of an older version.
  for (const json::value& token : *KATIP_TRY(array_at(*object, "scored_tokens"))) {
    segment.scored_tokens.push_back(KATIP_TRY(parse_scored_token(token)));
  }
  return segment;
}

Result<ResumePoint> parse_point(const json::value& value) {
  const json::object* object = value.if_object();
  if (object == nullptr) return corrupt("next");
  ResumePoint point;
  point.window_count = KATIP_TRY(number_at<int>(*object, "window_count"));
  point.window_end_ms = KATIP_TRY(number_at<std::int64_t>(*object, "window_end_ms"));
  point.segment_count = KATIP_TRY(number_at<std::int64_t>(*object, "segment_count"));
  point.segment_end_ms = KATIP_TRY(number_at<std::int64_t>(*object, "segment_end_ms"));
  point.language = KATIP_TRY(name_at(*object, "language"));
  point.language_probability = KATIP_TRY(number_at<float>(*object, "language_probability"));
  point.previous_tokens = KATIP_TRY(tokens_at(*object, "previous_tokens"));
  return point;
}

// ---- Choosing.

// Adds the window when it follows those that are there.
bool append(FinishedWindows& all, std::vector<WindowDone>& channel, std::int64_t segment_count,
            WindowCheckpoint checkpoint) {
  const auto index = static_cast<int>(channel.size());
  const ResumePoint& next = checkpoint.window.next;
  const bool is_first = all.window_count() == 0 && channel.empty();
  if (checkpoint.window.index != index || next.window_count != index + 1 ||
      next.segment_count !=
          segment_count + static_cast<std::int64_t>(checkpoint.window.segments.size()) ||
      checkpoint.processing_ms < 0 || (!is_first && checkpoint.run != all.run)) {
    return false;
  }
  all.run = checkpoint.run;
  all.processing_ms = std::max(all.processing_ms, checkpoint.processing_ms);
  channel.push_back(std::move(checkpoint.window));
  return true;
}

}  // namespace

store::Checkpoint to_row(const WindowCheckpoint& checkpoint) {
  std::string data = checkpoint_json(checkpoint, Texts::kPlain);
  if (!can_be_stored(data)) data = checkpoint_json(checkpoint, Texts::kBytes);
  return {.position = checkpoint.channel * kWindowsOfChannelMax + checkpoint.window.index,
          .data = std::move(data)};
}

Result<WindowCheckpoint> parse_window_checkpoint(std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  const json::object* object = error ? nullptr : value.if_object();
  if (object == nullptr) return fail(ErrorCode::kCorruptData, "the checkpoint is no JSON object");
  WindowCheckpoint checkpoint;
  checkpoint.fingerprint = KATIP_TRY(name_at(*object, "fingerprint"));
  checkpoint.run = KATIP_TRY(number_at<std::int64_t>(*object, "run"));
  checkpoint.processing_ms = KATIP_TRY(number_at<std::int64_t>(*object, "processing_ms"));
  checkpoint.channel = KATIP_TRY(number_at<int>(*object, "channel"));
  checkpoint.window.index = KATIP_TRY(number_at<int>(*object, "index"));
  if (checkpoint.channel < 0 || checkpoint.channel >= kChannelsMax) return corrupt("channel");
  if (checkpoint.window.index < 0 || checkpoint.window.index >= kWindowsOfChannelMax) {
    return corrupt("index");
  }
  for (const json::value& segment : *KATIP_TRY(array_at(*object, "segments"))) {
    checkpoint.window.segments.push_back(KATIP_TRY(parse_segment(segment)));
  }
  const json::value* next = KATIP_TRY(value_at(*object, "next"));
  checkpoint.window.next = KATIP_TRY(parse_point(*next));
  return checkpoint;
}

std::size_t FinishedWindows::window_count() const {
  std::size_t count = 0;
  for (const std::vector<WindowDone>& channel : channels) count += channel.size();
  return count;
}

FinishedWindows finished_windows(std::span<const store::Checkpoint> rows,
                                 const std::string& fingerprint) {
  std::map<int, std::string_view> data;
  for (const store::Checkpoint& row : rows) data[row.position] = row.data;
  FinishedWindows all;
  for (int channel = 0; channel < kChannelsMax; ++channel) {
    std::vector<WindowDone> windows;
    std::int64_t segment_count = 0;
    for (auto row = data.find(channel * kWindowsOfChannelMax); row != data.end(); ++row) {
      Result<WindowCheckpoint> checkpoint = parse_window_checkpoint(row->second);
      if (!checkpoint || checkpoint->fingerprint != fingerprint || checkpoint->channel != channel ||
          !append(all, windows, segment_count, *std::move(checkpoint))) {
        break;
      }
      segment_count = windows.back().next.segment_count;
    }
    if (windows.empty()) break;
    all.channels.push_back(std::move(windows));
  }
  return all;
}

}  // namespace katip::app
