#pragma once

#include <cstddef>
#include <string>
#include <vector>

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

  /// A window is finished. Of a diarized transcript each segment is a delta of its own, which names
  /// it; the tokens of all deltas are those of the end.
  std::string segments(const std::vector<app::Segment>& segments);
  /// The end: what has not been told yet, and all of it once more.
  std::string done(const app::Transcript& transcript);
  static std::string failed(const Failure& failure);

 private:
  /// What is new since the last one; nothing where that is no text.
  std::string delta();

  const SpeechRequest request_;
  app::Transcript told_;           // Its segments.
  std::string text_;               // What the deltas come to.
  std::size_t scored_count_ = 0U;  // Of told_, the segments whose tokens were in a delta.
};

}  // namespace katip::http
