#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "app/transcription/window_checkpoints.h"
#include "app/transcription_args.h"

using namespace katip::app;

namespace {

/// What can be read is written so that it reads as the same.
void check_args(std::string_view text) {
  const auto args = parse_transcription_args(text);
  if (!args) return;
  const auto again = parse_transcription_args(to_json(*args));
  if (!again || to_json(*again) != to_json(*args)) std::abort();
}

void check_checkpoint(std::string_view text) {
  const auto checkpoint = parse_window_checkpoint(text);
  if (!checkpoint) return;
  const auto row = to_row(*checkpoint);
  const auto again = parse_window_checkpoint(row.data);
  if (!again || to_row(*again).data != row.data) std::abort();
  const auto taken = finished_windows({&row, 1}, checkpoint->fingerprint);
  if (taken.window_count() > 1) std::abort();
}

}  // namespace

/// What the queue gives a transcription: its args, and what an earlier attempt saved.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_args(text);
  check_checkpoint(text);
  return 0;
}
