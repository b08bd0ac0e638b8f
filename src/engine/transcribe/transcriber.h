#pragma once

#include <deque>
#include <future>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "engine/batch/batcher.h"
#include "engine/engine.h"
#include "engine/transcribe/window_source.h"
#include "engine/transcribe/window_words.h"

namespace katip::engine {

/// What every transcription of an engine shares, by reference.
struct TranscribeTools {
  const ModelFiles& files;
  const TokenRules& rules;
  const MelExtractor& mel;
  std::shared_ptr<const VadModel> vad;
  Batcher& batcher;
};

/// One recording on its way to text: cuts windows, hands them to the batch, puts the answers
/// together in order.
///
/// Several windows are under way at once; their number bounds the memory. A window whose text stops
/// early is decoded again from there. While the language is unknown, or when windows are prompted
/// by the text before them, they go one at a time.
///
/// What a window needs to know of those before it is a ResumePoint and nothing else, so a run that
/// starts at one gives what is left of the run that made it.
///
/// Threads: one thread.
class Transcriber {
 public:
  Transcriber(const TranscribeTools& tools, const TranscribeOptions& options,
              const Lexicon* lexicon, const TranscribeObserver& observer, std::uint64_t owner);
  /// Waits until the batch let go of what is still under way: it looks at our options.
  ~Transcriber();
  Transcriber(const Transcriber&) = delete;
  Transcriber& operator=(const Transcriber&) = delete;

  /// Before run(): the windows up to there are cut, and not decoded. What was kept somewhere is not
  /// trusted.
  ///
  /// Errors: kConflict when the point does not fit the model or the options.
  Status resume_at(const ResumePoint& point);

  /// Errors: kConflict when the point does not fit the recording.
  Result<Transcription> run(const PcmReader& reader, const std::stop_token& stop);

 private:
  /// A window and how far its text has come.
  struct Work {
    Window window;
    std::size_t begin = 0;  ///< Samples before this are done.
    std::vector<Segment> segments;
    std::future<Result<DecodedWindow>> answer;
  };

  Status fill(WindowSource& source, const std::stop_token& stop);
  Status skip(const Window& window);
  Status submit(Work& work, const std::stop_token& stop);
  [[nodiscard]] WindowTask make_task(const Work& work) const;
  Status take_answer(const std::stop_token& stop);
  [[nodiscard]] WindowSound sound_of(const Work& work) const;
  [[nodiscard]] std::vector<ScoredToken> scored(const DecodedWindow& decoded,
                                                const WindowSegment& piece) const;
  void take_text(Work& work, const DecodedWindow& decoded);
  void remember(std::span<const int> tokens, const WindowSegment& piece);
  void take_language(const DecodedWindow& decoded);
  [[nodiscard]] bool one_at_a_time() const;
  void emit(Work& work);
  void tell_window(const Work& work);

  const TranscribeTools& tools_;
  const TranscribeOptions& options_;
  const Lexicon* lexicon_;
  const TranscribeObserver& observer_;
  const std::uint64_t owner_;
  std::stop_source stop_;  ///< Also ends what is under way when reading fails.
  std::optional<int> language_;
  std::vector<int> prompt_;
  std::vector<int> previous_;
  std::deque<Work> work_;
  bool continues_ = false;
  ResumePoint from_;
  int window_count_ = 0;  ///< Finished, those before the run included; while skipping: passed.
  std::int64_t segment_count_ = 0;
  std::int64_t segment_end_ms_ = 0;
  Transcription result_;
};

}  // namespace katip::engine
