#pragma once

#include <expected>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "http/failure.h"

namespace katip::http {

/// Somebody whose voice the client knows: `known_speaker_names[]` with its place in
/// `known_speaker_references[]`.
struct KnownSpeaker {
  std::string name;
  std::string voice;  ///< A recording, as the bytes of its file.
};

/// At most four, each with a name of its own and a recording as `data:` URL in base64.
///
/// Errors: 400 with the field's name in `param`.
std::expected<std::vector<KnownSpeaker>, Failure> parse_known_speakers(
    std::span<const std::string> names, std::span<const std::string> references);

/// Each voice is 2 to 10 seconds of sound. It is decoded for that, which takes some hundredths of a
/// second.
///
/// Errors: 400 naming whose voice does not fit; those of a decoder that cannot be started.
std::optional<Failure> check_voices(std::span<const KnownSpeaker> speakers, std::stop_token stop);

}  // namespace katip::http
