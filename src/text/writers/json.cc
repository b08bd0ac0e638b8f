#include <algorithm>
#include <cstdint>

#include <boost/json/value.hpp>

#include "text/byte_list.h"
#include "text/languages.h"
#include "text/unicode/characters.h"
#include "text/writers/formats.h"
#include "text/writers/json_text.h"

// docs/formats/transcript-json.md describes every field.
// Tested by writers_test.cc.
namespace katip::text {
namespace {

namespace json = boost::json;

double seconds(std::int64_t time_ms) { return static_cast<double>(time_ms) / 1000; }

}  // namespace

json::array scored_tokens_json(std::span<const ScoredToken> tokens) {
  json::array all;
  for (const ScoredToken& token : tokens) {
    all.push_back({{"bytes", byte_list(token.bytes)}, {"logprob", double{token.log_probability}}});
  }
  return all;
}

namespace {

json::object segment_json(const Segment& segment, std::size_t index) {
  json::object object{
      {"id", index},
      {"seek", segment.window_start_ms / 10},  // In mel frames, as the model counts.
      {"start", seconds(segment.start_ms)},
      {"end", seconds(segment.end_ms)},
      {"text", segment.text},
      {"tokens", json::array(segment.tokens.begin(), segment.tokens.end())},
      {"temperature", double{segment.temperature}},
      {"avg_logprob", double{segment.average_log_probability}},
      {"compression_ratio", double{segment.compression_ratio}},
      {"no_speech_prob", double{segment.no_speech_probability}},
  };
  if (!segment.speaker.empty()) {
    object["speaker"] = segment.speaker;
  }
  if (!segment.scored_tokens.empty()) {
    object["scored_tokens"] = scored_tokens_json(segment.scored_tokens);
  }
  return object;
}

json::object word_json(const Word& word, const Segment& segment) {
  const std::string_view bare = without_outer_punctuation(word.text);
  json::object object{
      {"word", bare.empty() ? trimmed(word.text) : bare},
      {"start", seconds(word.start_ms)},
      {"end", seconds(word.end_ms)},
      {"probability", double{word.probability}},
  };
  const std::string& speaker = word.speaker.empty() ? segment.speaker : word.speaker;
  if (!speaker.empty()) {
    object["speaker"] = speaker;
  }
  return object;
}

json::array segments_json(const Transcript& transcript) {
  json::array segments;
  for (const Segment& segment : transcript.segments) {
    segments.push_back(segment_json(segment, segments.size()));
  }
  return segments;
}

json::array words_json(const Transcript& transcript) {
  json::array words;
  for (const Segment& segment : transcript.segments) {
    for (const Word& word : segment.words) {
      words.push_back(word_json(word, segment));
    }
  }
  return words;
}

}  // namespace

Result<std::string> write_json(const Transcript& transcript, const WriteOptions& options) {
  const bool translated = transcript.task == Task::kTranslate;
  json::object object{
      {"task", translated ? "translate" : "transcribe"},
      {"language", translated ? "english" : language_name(transcript.language)},
      {"duration", seconds(transcript.duration_ms)},
      {"text", full_text(transcript)},
  };
  if (options.segments == Shown::kYes) {
    object["segments"] = segments_json(transcript);
  }
  json::array words = options.words == Shown::kYes ? words_json(transcript) : json::array();
  if (!words.empty()) {
    object["words"] = std::move(words);
  }
  const std::int64_t seconds_begun = (transcript.duration_ms + 999) / 1000;
  object["usage"] = json::object{{"type", "duration"}, {"seconds", seconds_begun}};
  object["language_code"] = transcript.language;
  object["language_probability"] = double{transcript.language_probability};
  if (transcript.warning) {
    object["warning"] = *transcript.warning;
  }
  return json_text(object);
}

}  // namespace katip::text
