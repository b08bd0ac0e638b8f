#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

/// Transcription by somebody else: OpenAI's Whisper API, or any server that speaks it.
///
///   const TranscriptionProvider provider({.api_key = key, .model = "whisper-1"});
///   const ProviderTranscript said = KATIP_TRY(provider.transcribe({.file = "part.wav"}, stop));
namespace katip::remote {

struct ProviderOptions {
  std::string base_url = "https://api.openai.com/v1";
  Secret api_key = {};
  std::string model = "whisper-1";
  std::chrono::milliseconds timeout{600'000};  ///< Of an attempt, with its upload.
  int attempt_count_max = 4;
  std::chrono::milliseconds backoff_first{1'000};  ///< Doubles with each attempt.
  std::chrono::milliseconds wait_max{60'000};      ///< A provider that asks for more is left alone.
  std::filesystem::path ca_file = {};
  const Clock* clock = &system_clock();

  /// Errors: kInvalidArgument, naming the field.
  [[nodiscard]] Status validate() const;
};

struct ProviderRequest {
  std::filesystem::path file;
  std::string language = {};  ///< ISO 639-1; empty: the provider detects it.
  std::string prompt = {};
  std::optional<float> temperature = {};  ///< 0 to 1.
  bool translates = false;                ///< Into English.
  bool wants_words = false;
};

/// Units: seconds from the beginning of the file.
struct ProviderWord {
  double start_s = 0;
  double end_s = 0;
  std::string text;
};

struct ProviderSegment {
  double start_s = 0;
  double end_s = 0;
  std::string text;
  std::vector<int> tokens = {};
  float temperature = 0;
  float average_log_probability = 0;
  float compression_ratio = 0;
  float no_speech_probability = 0;
};

struct ProviderTranscript {
  std::string language;  ///< As the provider says it: "english" or "en"; may be empty.
  std::string text;
  /// Empty when the model tells no times.
  std::vector<ProviderSegment> segments;
  std::vector<ProviderWord> words;
};

/// Threads: thread-safe; calls block.
class TranscriptionProvider {
 public:
  /// The options are valid.
  explicit TranscriptionProvider(ProviderOptions options);

  /// One file of at most what the provider takes (OpenAI: 25 MB), with retries: a Retry-After is
  /// kept to, and what cannot get better is not tried again.
  ///
  /// Errors: one for each cause, whoever the provider is. kUnauthenticated: the key.
  ///         kPermissionDenied: no right to the model, or the account is out of money.
  ///         kInvalidArgument, kNotFound, kTooLarge: what was sent. kOverloaded, kUnavailable,
  ///         kTimeout: after the last attempt. kCorruptData: an answer that is none. kCancelled.
  [[nodiscard]] Result<ProviderTranscript> transcribe(const ProviderRequest& request,
                                                      std::stop_token stop) const;

 private:
  ProviderOptions options_;
};

/// Reads what a provider answered, `json` or `verbose_json`.
///
/// Errors: kCorruptData.
Result<ProviderTranscript> parse_provider_transcript(std::string_view json);

}  // namespace katip::remote
