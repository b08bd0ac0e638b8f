#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "app/model_names.h"
#include "app/transcription_args.h"
#include "http/request.h"
#include "http/response.h"
#include "http/routes/known_speakers.h"
#include "http/schema.h"

namespace katip::http {

enum class SpeechTask { kTranscribe, kTranslate };
enum class SpeechFormat { kJson, kText, kSrt, kVerboseJson, kVtt, kDiarizedJson };

/// What somebody asked of /v1/audio/transcriptions or /v1/audio/translations.
struct SpeechRequest {
  app::ModelName model = {};
  SpeechFormat format = SpeechFormat::kJson;
  app::TranscriptionArgs args = {};
  bool wants_segments = true;
  bool wants_words = false;
  bool wants_logprobs = false;
  bool is_streamed = false;
  /// The model wants to be told how longer recordings are cut, and was not: 30 s at most.
  bool must_be_short = false;
  std::vector<KnownSpeaker> known_speakers = {};
};

/// The form, with every field in the spellings that the official clients send: `name[]` repeated,
/// the bare name, or one JSON list.
///
/// Errors: 400 with the field's name in `param`, 404 for a model that is not here.
std::expected<SpeechRequest, Failure> parse_speech_request(const Form& form, SpeechTask task,
                                                           const app::ModelNames& models,
                                                           const app::TranscriptionArgs& defaults);

/// The form as /openapi.json shows it.
Schema speech_schema(SpeechTask task);

}  // namespace katip::http
