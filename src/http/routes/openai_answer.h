#pragma once

#include <string>

#include "app/transcriptions.h"
#include "http/response.h"
#include "http/routes/openai_request.h"

namespace katip::http {

/// The transcript in the shape that was asked for, with its content type.
Answer openai_answer(const SpeechRequest& request, const app::Transcript& transcript);

/// What a job failed with, in the words of that API.
Failure openai_failure(const Error& error);

/// The events of a stream, one after the other; each is ready to be sent.
///
/// Threads: one thread.
class SpeechEvents {
 public:
  explicit SpeechEvents(const SpeechRequest& request) : request_(request) {}

  /// A window is finished.
  std::string segments(const std::vector<app::Segment>& segments);
  /// The end: what has not been told yet, and all of it once more.
  std::string done(const app::Transcript& transcript);
  static std::string failed(const Failure& failure);

 private:
  std::string delta(const std::string& text);

  const SpeechRequest request_;
  app::Transcript told_;  // Its segments.
  std::string text_;      // What the deltas come to.
};

}  // namespace katip::http
