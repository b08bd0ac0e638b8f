#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/fwd.hpp>

#include "app/model_names.h"
#include "app/realtime_audio.h"
#include "app/transcription_args.h"
#include "http/failure.h"

namespace katip::http {

/// In which words a client speaks: OpenAI renamed much after the beta.
enum class RealtimeDialect { kBeta, kCurrent };

/// What a client wants of its connection.
struct RealtimeConfig {
  app::LiveFormat format = app::LiveFormat::kPcm16;
  std::string model = std::string(app::kWhisper1);
  std::string language = {};
  std::vector<std::string> languages = {};
  std::vector<std::string> keywords = {};
  std::string prompt = {};
  std::string noise_reduction = {};                            ///< Said back; the model needs none.
  std::optional<app::TurnOptions> turns = app::TurnOptions();  ///< Nothing: the client commits.
  std::string eagerness = {};  ///< Of semantic_vad; empty: turns end by server_vad.
  bool wants_logprobs = false;

  /// Changes what the object names and leaves the rest.
  ///
  /// Errors: 400 with the name of the field.
  std::optional<Failure> update(const boost::json::object& session, const app::ModelNames& models);
  /// As the server tells it.
  [[nodiscard]] boost::json::object to_json(RealtimeDialect dialect) const;
  [[nodiscard]] app::TranscriptionArgs args(const app::TranscriptionArgs& defaults,
                                            const app::ModelNames& models) const;
};

}  // namespace katip::http
