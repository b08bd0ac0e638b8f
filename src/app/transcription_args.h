#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "audio/audio_stream.h"
#include "base/result.h"
#include "engine/engine.h"
#include "text/writers.h"

namespace katip::app {

/// What a task `transcription.process` is told, as JSON in the queue:
///
///   {"job_id": "job_8f2c", "source": "uploads/talk.mp4", "formats": ["srt"],
///    "options": {"language": "tr", "word_times": true, "lexicon": ["Ayşe Yılmaz"]}}
struct TranscriptionArgs {
  std::string job_id = {};
  std::string source = {};  ///< Of the media file, relative to the data folder.
  /// Documents to make besides the transcript in JSON.
  std::vector<text::Format> formats = {};
  std::string model = {};                  ///< By name; empty: the one that the worker serves.
  engine::TranscribeOptions options = {};  ///< Without the priority, which is the task's.
  audio::Channels channels = audio::Channels::kMix;
};

/// Every key of `options` has the name of its field in engine::TranscribeOptions, but
/// - `model`: the name of one, as it was installed;
/// - `prompt`: the initial prompt;
/// - `temperature`: one number, or the list of `temperatures`;
/// - `language`: a code or an English name, or `auto`;
/// - `lexicon`: terms, or objects of `term`, `weight` and `alternatives`;
/// - `channels`: `mix` or `separate`.
///
/// Errors:  kInvalidArgument for a key that does not exist, with what may be meant, and for a value
///          that does not fit, naming its key.
/// Threads: pure.
Result<TranscriptionArgs> parse_transcription_args(std::string_view json);

/// The inverse. Texts must be UTF-8.
std::string to_json(const TranscriptionArgs& args);
/// Its object `options` alone.
std::string options_json(const TranscriptionArgs& args);

// For callers that do not know the engine.
void make_translation(TranscriptionArgs& args);
void want_word_times(TranscriptionArgs& args);
/// How likely each token was, in Segment::scored_tokens.
void want_token_scores(TranscriptionArgs& args);
/// A name or term to expect, at the usual strength.
void add_keyword(TranscriptionArgs& args, std::string keyword);
/// ISO 639-1, as Whisper knows them: "tr"; English names are none.
bool is_language_code(std::string_view text);

}  // namespace katip::app
