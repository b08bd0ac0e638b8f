#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

/// The speech engine: 16 kHz mono samples in, timed text out.
///
///   const EngineOptions options{.model_dir = "models/base", .vad_dir = "models/silero-vad"};
///   const auto engine = KATIP_TRY(Engine::open(options));
///   const auto done = KATIP_TRY(engine->transcribe(reader, {.language = "en"}, {}, stop));
///
/// Any number of threads may call transcribe() at once: the windows of all calls are decoded
/// together, in one batch, and the same samples give the same text whatever else is in it.
namespace katip::engine {

enum class Task { kTranscribe, kTranslate };
enum class Precision {
  kInt8,     ///< int8 weights and caches, bf16 between: the fast one.
  kFloat32,  ///< What the reference computes with; for comparison.
};
enum class Vad { kOn, kOff };
enum class WordTimes { kOff, kOn };

struct EngineOptions {
  std::filesystem::path model_dir = {};  ///< A Hugging Face or CTranslate2 folder.
  /// The folder of the Silero weights; may be empty when every call has the VAD off.
  std::filesystem::path vad_dir = {};
  Precision precision = Precision::kInt8;
  int thread_count = 0;      ///< 0: one per core.
  int window_count_max = 0;  ///< Windows decoded at once; 0: chosen from the model's size.
};

/// A word or name to expect. Decoding leans towards it; it never forces it.
struct LexiconTerm {
  std::string term = {};
  float weight = 1.0f;                         ///< 1 is the usual strength; 0 none; limits 0 to 5.
  std::vector<std::string> alternatives = {};  ///< Spellings that count as this term too.
};

struct DecodeLimits {
  float compression_ratio_max = 2.4f;
  float average_log_probability_min = -1.0f;
  float no_speech_probability_max = 0.6f;
};

struct TranscribeOptions {
  std::string language = {};                ///< ISO 639-1; empty: detect.
  std::vector<std::string> languages = {};  ///< What detection may choose from; empty: everything.
  Task task = Task::kTranscribe;
  int beam_size = 5;  ///< 1: greedy. Limits 1 to 10.
  int best_of = 5;    ///< Samples at temperatures above 0. Limits 1 to 10.
  float patience = 1.0f;
  float length_penalty = 1.0f;
  std::vector<float> temperatures = {0.0f, 0.2f, 0.4f,
                                     0.6f, 0.8f, 1.0f};  ///< Tried in turn for a window that fails.
  DecodeLimits limits = {};
  /// Text that is thought to precede each window; with condition_on_previous_text the first one.
  std::string initial_prompt = {};
  bool condition_on_previous_text =
      false;  ///< Windows one after the other, each prompted by the last: slower.
  Vad vad = Vad::kOn;
  float vad_threshold = 0.5f;
  WordTimes word_times = WordTimes::kOff;
  bool token_scores = false;              ///< Keeps how likely each token of the text was.
  std::vector<LexiconTerm> lexicon = {};  ///< At most 100,000 terms.
  int priority = 0;                       ///< Windows of a higher one go first.
  std::uint64_t seed = 0;                 ///< Of the sampling at temperatures above 0.

  /// kInvalidArgument, naming the field and its limits.
  [[nodiscard]] Status validate() const;
};

struct Word {
  std::int64_t start_ms = 0;
  std::int64_t end_ms = 0;
  std::string text;  ///< With its leading space and punctuation.
  float probability = 0.0f;
};

struct ScoredToken {
  std::string bytes;  ///< May begin or end inside a character; a leading space belongs to it.
  float log_probability = 0.0f;
};

struct Segment {
  std::int64_t start_ms = 0;
  std::int64_t end_ms = 0;
  std::string text;  ///< Trimmed.
  std::vector<int> tokens;
  float temperature = 0.0f;
  float average_log_probability = 0.0f;
  float compression_ratio = 0.0f;
  float no_speech_probability = 0.0f;
  std::int64_t window_start_ms = 0;
  std::vector<Word> words;
  std::vector<ScoredToken> scored_tokens = {};  ///< Of the text, in order; when asked for.
};

struct Transcription {
  std::string language;               ///< Empty when nobody spoke.
  float language_probability = 0.0f;  ///< 1 when given; 0 when nobody spoke and none was.
  std::int64_t duration_ms = 0;
  std::int64_t speech_ms = 0;  ///< What the VAD let through; equal to duration_ms without it.
  std::vector<Segment> segments;
};

/// Fills `out` with the next samples and returns how many; 0 means the end. Blocks as long as it
/// needs.
using PcmReader = std::function<Result<std::size_t>(std::span<float> out)>;

/// Where a transcription stands behind a window: all that the windows after it need to know of
/// those before. Kept, it lets another call go on there, in another process too.
struct ResumePoint {
  int window_count = 0;            ///< Finished so far; 0: the beginning, and nothing else counts.
  std::int64_t window_end_ms = 0;  ///< Where the last of them ends; tells a changed recording.
  std::int64_t segment_count = 0;
  std::int64_t segment_end_ms = 0;  ///< Where the last segment ends; 0: there is none.
  std::string language = {};        ///< Empty while it is unknown.
  float language_probability = 0.0f;
  std::vector<int> previous_tokens = {};  ///< With condition_on_previous_text: the next prompt.

  friend bool operator==(const ResumePoint&, const ResumePoint&) = default;
};

/// A window whose text is complete. Windows without a word count too.
struct WindowDone {
  int index = 0;
  std::vector<Segment> segments = {};
  ResumePoint next = {};  ///< How to go on behind it.
};

/// Called on the thread that called transcribe(), in the order of the audio.
struct TranscribeObserver {
  /// As soon as its window and all before it are done.
  std::function<void(const Segment&)> on_segment = {};
  /// After the segments of the window.
  std::function<void(const WindowDone&)> on_window = {};
  /// Audio finished so far.
  std::function<void(std::int64_t done_ms)> on_progress = {};
};

/// What a model folder holds, as `katip models list` and `doctor` show it.
struct ModelInfo {
  std::string format;  ///< "huggingface" or "ctranslate2".
  std::string size;    ///< "tiny", "base", … "large-v3-turbo"; "custom" when none fits.
  bool multilingual = false;
  int mel_count = 0;
  std::int64_t parameter_count = 0;
};
Result<ModelInfo> inspect_model(const std::filesystem::path& model_dir);

/// ISO 639-1 codes with English names, as Whisper knows them: {"tr", "turkish"}.
struct Language {
  std::string_view code;
  std::string_view name;
};
std::span<const Language> languages();

/// Instruction set in use: "scalar", "avx2" or "avx512". KATIP_CPU forces one (read by cli).
std::string_view cpu_kernels();
Status force_cpu_kernels(std::string_view name);

/// Threads: thread-safe. One model, one batch, one compute thread.
class Engine {
 public:
  /// Errors: kNotFound for a missing folder or file, kCorruptData for one that is not what it
  /// claims to be.
  static Result<std::unique_ptr<Engine>> open(const EngineOptions& options);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Reads to the end and gives the whole text. Memory is bounded whatever the length.
  ///
  /// Errors:  kInvalidArgument from options, kCancelled within a second of a stop request, whatever
  /// `pcm` fails with.
  ///          Segments already handed to the observer stay true.
  Result<Transcription> transcribe(const PcmReader& pcm, const TranscribeOptions& options,
                                   const TranscribeObserver& observer, std::stop_token stop);

  /// Goes on behind a window that an earlier call, with the same options and model, has finished.
  /// `pcm` begins with the recording's start again: it is read, cut as before, and not decoded up
  /// to there. Segments and callbacks are those of the windows behind it; the rest of the answer is
  /// about the whole recording.
  ///
  /// Errors:  as above; kConflict when the point is not one of this recording, model and options:
  ///          begin anew.
  Result<Transcription> resume(const PcmReader& pcm, const TranscribeOptions& options,
                               const ResumePoint& point, const TranscribeObserver& observer,
                               std::stop_token stop);

  [[nodiscard]] const ModelInfo& model() const;

 private:
  struct State;
  explicit Engine(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace katip::engine
