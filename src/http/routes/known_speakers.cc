#include "http/routes/known_speakers.h"

#include <algorithm>

#include <fmt/format.h>

#include "app/sound_length.h"
#include "base/utf8.h"
#include "http/headers.h"
#include "http/wire/base64.h"

/// Tested by known_speakers_test.cc, and with the official client by tests/e2e/test_speakers.py.
namespace katip::http {
namespace {

constexpr std::size_t kCountMax = 4;
constexpr std::size_t kNameLengthMax = 64;
constexpr std::int64_t kVoiceMsMin = 2'000;
constexpr std::int64_t kVoiceMsMax = 10'000;
constexpr const char* kNames = "known_speaker_names";
constexpr const char* kReferences = "known_speaker_references";

Failure wrong(const char* field, std::string message) {
  return Failure::of_parameter(field, std::move(message));
}

std::optional<Failure> check_names(std::span<const std::string> names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (character_count(names[i]) > kNameLengthMax) {
      return wrong(kNames, fmt::format("a name may have {} characters", kNameLengthMax));
    }
    if (std::ranges::count(names.first(i), names[i]) > 0) {
      return wrong(kNames, fmt::format("the name '{}' comes twice", names[i]));
    }
  }
  return std::nullopt;
}

/// `data:audio/wav;base64,UklGR…`; the type may be left out, as it is looked into anyway.
std::optional<std::string> bytes_of_data_url(std::string_view url) {
  constexpr std::string_view kScheme = "data:";
  constexpr std::string_view kEncoding = ";base64";
  if (!equals_ignoring_case(url.substr(0, kScheme.size()), kScheme)) return std::nullopt;
  const std::size_t comma = url.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  const std::string_view head = url.substr(0, comma);
  if (head.size() < kScheme.size() + kEncoding.size() - 1 ||
      !equals_ignoring_case(head.substr(head.size() - kEncoding.size()), kEncoding)) {
    return std::nullopt;
  }
  return base64_decoded(url.substr(comma + 1));
}

}  // namespace

std::expected<std::vector<KnownSpeaker>, Failure> parse_known_speakers(
    std::span<const std::string> names, std::span<const std::string> references) {
  for (const auto& [field, count] :
       {std::pair(kNames, names.size()), std::pair(kReferences, references.size())}) {
    if (count > kCountMax) {
      return std::unexpected(
          wrong(field, fmt::format("at most {} known speakers are possible", kCountMax)));
    }
  }
  if (names.size() != references.size()) {
    return std::unexpected(wrong(
        kReferences, fmt::format("every known speaker has a name and a reference; there are {} "
                                 "names and {} references",
                                 names.size(), references.size())));
  }
  if (auto failure = check_names(names)) return std::unexpected(*std::move(failure));
  std::vector<KnownSpeaker> speakers;
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto voice = bytes_of_data_url(references[i]);
    if (!voice || voice->empty()) {
      return std::unexpected(
          wrong(kReferences, fmt::format("the reference of '{}' must be a recording as data URL: "
                                         "`data:audio/wav;base64,…`",
                                         names[i])));
    }
    speakers.push_back({.name = names[i], .voice = *std::move(voice)});
  }
  return speakers;
}

std::optional<Failure> check_voices(std::span<const KnownSpeaker> speakers, std::stop_token stop) {
  for (const KnownSpeaker& speaker : speakers) {
    const std::string who = fmt::format("the reference of '{}'", speaker.name);
    const auto ms =
        app::sound_length_ms(speaker.voice, who, kVoiceMsMax + app::kEncoderPaddingMs, stop);
    if (!ms) {
      const Failure failure(ms.error());
      // What is wrong with this machine is not the client's fault.
      if (failure.status == 503 || failure.status == 504) return failure;
      return wrong(kReferences, fmt::format("{} is no recording that can be read", who));
    }
    if (*ms < kVoiceMsMin || *ms > kVoiceMsMax + app::kEncoderPaddingMs) {
      return wrong(
          kReferences,
          fmt::format("{} must be 2 to 10 seconds long; it has {}", who,
                      *ms > kVoiceMsMax ? std::string("more")
                                        : fmt::format("{:.1f}", static_cast<double>(*ms) / 1000)));
    }
  }
  return std::nullopt;
}

}  // namespace katip::http
