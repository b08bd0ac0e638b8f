#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What was said, when, and how sure the engine is: the document that every writer of this module
/// reads. Every member has a default, so that `{.text = "a"}` is complete.
namespace katip::text {

struct Word {
  std::int64_t start_ms = 0;
  std::int64_t end_ms = 0;
  std::string text = {};  ///< As it stands in the segment: leading space and punctuation included.
  float probability = 0.0f;  ///< 0 to 1.
  std::string speaker = {};  ///< Empty when speakers are unknown.
};

struct ScoredToken {
  std::string bytes = {};  ///< May begin or end inside a character; a leading space belongs to it.
  float log_probability = 0.0f;
};

struct Segment {
  std::int64_t start_ms = 0;
  std::int64_t end_ms = 0;
  std::string text = {};  ///< Trimmed.
  std::vector<int> tokens = {};
  float temperature = 0.0f;
  float average_log_probability = 0.0f;
  float compression_ratio = 0.0f;
  float no_speech_probability = 0.0f;
  std::int64_t window_start_ms = 0;  ///< Where the window began in which this was decoded.
  std::vector<Word> words = {};      ///< Empty unless word times were asked for.
  std::string speaker = {};          ///< Empty when speakers are unknown.
  /// Of the text as it was heard, in order; empty unless they were asked for, and after an edit.
  std::vector<ScoredToken> scored_tokens = {};
};

enum class Task { kTranscribe, kTranslate };

struct Transcript {
  Task task = Task::kTranscribe;
  std::string language = {};          ///< ISO 639-1 code, "en"; empty when nothing was spoken.
  float language_probability = 0.0f;  ///< 1 when the language was given.
  std::int64_t duration_ms = 0;       ///< Of the audio.
  std::vector<Segment> segments = {};
  /// Set when the source broke off or was partly unreadable: what is here is right, but not all
  /// there was.
  std::optional<std::string> warning = {};
};

/// The segments' texts in one line, joined by spaces, or by nothing between Chinese and Japanese
/// ones.
///
/// Threads: pure; safe from any thread.
std::string full_text(const Transcript& transcript);

/// The transcript as the writers read it, whatever somebody put in: all texts on one line of valid
/// UTF-8 (see unicode/characters.h), segments trimmed, times from 0 to 1,000,000 hours, no end
/// before its start, no segment without text. Where word times are, a segment without a text of its
/// own takes that of its words.
Transcript cleaned(const Transcript& transcript);

}  // namespace katip::text
