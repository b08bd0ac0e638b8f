#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "remote/sse_reader.h"
#include "remote/transcription_provider.h"

using namespace katip::remote;
using katip::Result;

namespace {

/// The events of a stream that comes in pieces of this size.
std::string events_of(std::string_view bytes, std::size_t piece) {
  std::string seen;
  SseReader reader(
      [&](const SseEvent& event) -> Result<bool> {
        seen += event.type + '\x01' + event.data + '\x01' + event.id + '\x02';
        return event.data != "[DONE]";
      },
      1'000);
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    const Result<bool> fed = reader.feed(bytes.substr(at, piece));
    if (!fed || !*fed) return seen + (fed ? "enough" : "too large");
  }
  return seen;
}

}  // namespace

/// Answers of another server: a transcript, or a stream of events, which is the same wherever the
/// network cuts it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(parse_provider_transcript(text));
  if (events_of(text, 1) != events_of(text, 7)) std::abort();
  if (events_of(text, 7) != events_of(text, size + 1)) std::abort();
  return 0;
}
