#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>

#include "app/transcribe.h"
#include "remote/transcription_provider.h"

/// One reading of a recording, sent part by part. Apart from the decoder and the network, so that
/// tests need neither.
namespace katip::app {

using AskProvider = std::function<Result<remote::ProviderTranscript>(
    const remote::ProviderRequest& request, std::stop_token stop)>;

struct RemotePassTools {
  AskProvider ask;
  std::size_t part_size_max = 0;        ///< Samples.
  std::filesystem::path temporary_dir;  ///< For the part being sent.
};

/// Reads `pcm` to its end, one channel at 16 kHz, and puts the answers together.
///
/// Errors: those of `pcm` and `ask`, with what was understood before; kConflict when the finished
///         windows of the request are not of this recording; kCancelled.
Transcribed transcribe_parts(const engine::PcmReader& pcm, std::optional<std::int64_t> total_ms,
                             const TranscribeRequest& request, const TranscribeObserver& observer,
                             const RemotePassTools& tools, std::stop_token stop);

}  // namespace katip::app
