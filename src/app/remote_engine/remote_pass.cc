#include "app/remote_engine/remote_pass.h"

#include <algorithm>
#include <cmath>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

#include "app/remote_engine/parts.h"
#include "base/trimmed.h"
#include "base/utf8.h"
#include "text/languages.h"

// Sound is collected until a part is full, cut where it is quiet, written to a file, sent and
// forgotten, so memory holds one part whatever the length. Times of an answer are those of its part
// and are moved to where the part lies. Tested by remote_transcriber_test.cc.
namespace katip::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBlockSize = 16'000;
constexpr std::size_t kSamplesOfMillisecond = 16;
constexpr std::size_t kPromptSizeMax = 800;  ///< Bytes; Whisper reads the last 224 tokens.
constexpr float kProbability = 1.0f;         ///< Of words: providers do not tell.

std::int64_t to_ms(std::size_t sample_count) {
  return static_cast<std::int64_t>(sample_count / kSamplesOfMillisecond);
}

/// The end of a text, from the beginning of a word on.
std::string tail_of(const std::string& text, std::size_t size_max) {
  if (text.size() <= size_max) return text;
  const std::size_t space = text.find(' ', text.size() - size_max);
  return space == std::string::npos ? "" : text.substr(space + 1);
}

std::string prompt_of(const engine::TranscribeOptions& options, const std::string& before) {
  std::string terms;
  for (const engine::LexiconTerm& term : options.lexicon) {
    if (terms.size() + term.term.size() + 2 > kPromptSizeMax / 2) break;
    if (!terms.empty()) terms += ", ";
    terms += term.term;
  }
  std::string prompt = terms.empty() ? "" : terms + ".";
  const std::string& said =
      options.condition_on_previous_text && !before.empty() ? before : options.initial_prompt;
  const std::string end = tail_of(said, kPromptSizeMax - prompt.size() - 1);
  if (!prompt.empty() && !end.empty()) prompt += ' ';
  return prompt + end;
}

/// A file that is gone when it is no longer needed.
class TemporaryFile {
 public:
  explicit TemporaryFile(fs::path path) : path_(std::move(path)) {}
  ~TemporaryFile() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// Where a part lies in the recording.
struct Place {
  std::int64_t start_ms = 0;
  std::int64_t end_ms = 0;

  /// A time of the part as one of the recording, within the part.
  [[nodiscard]] std::int64_t at(double seconds) const {
    return std::clamp(start_ms + std::int64_t{std::lround(seconds * 1000)}, start_ms, end_ms);
  }
};

std::vector<engine::Segment> segments_of(const remote::ProviderTranscript& said,
                                         const Place& place) {
  std::vector<engine::Segment> segments;
  for (const remote::ProviderSegment& each : said.segments) {
    engine::Segment segment{.start_ms = place.at(each.start_s),
                            .end_ms = std::max(place.at(each.start_s), place.at(each.end_s)),
                            .text = std::string(trimmed(each.text)),
                            .tokens = each.tokens,
                            .temperature = each.temperature,
                            .average_log_probability = each.average_log_probability,
                            .compression_ratio = each.compression_ratio,
                            .no_speech_probability = each.no_speech_probability,
                            .window_start_ms = place.start_ms,
                            .words = {}};
    if (!segment.text.empty()) segments.push_back(std::move(segment));
  }
  // A model that tells no times: the text is somewhere in its part.
  if (said.segments.empty() && !trimmed(said.text).empty()) {
    segments.push_back({.start_ms = place.start_ms,
                        .end_ms = place.end_ms,
                        .text = std::string(trimmed(said.text)),
                        .tokens = {},
                        .window_start_ms = place.start_ms,
                        .words = {}});
  }
  for (const remote::ProviderWord& word : said.words) {
    const std::int64_t start_ms = place.at(word.start_s);
    const auto behind = std::ranges::find_if(
        segments, [&](const engine::Segment& segment) { return segment.end_ms > start_ms; });
    if (segments.empty()) break;
    engine::Segment& owner = behind == segments.end() ? segments.back() : *behind;
    owner.words.push_back({.start_ms = start_ms,
                           .end_ms = std::max(start_ms, place.at(word.end_s)),
                           .text = " " + std::string(trimmed(word.text)),
                           .probability = kProbability});
  }
  return segments;
}

/// Threads: one thread.
class Pass {
 public:
  Pass(const TranscribeRequest& request, const TranscribeObserver& observer,
       const RemotePassTools& tools, std::optional<std::int64_t> total_ms, std::stop_token stop)
      : request_(request), observer_(observer), tools_(tools), total_ms_(total_ms), stop_(stop) {}

  Transcribed run(const engine::PcmReader& pcm) {
    take_over();
    Status status = skip(pcm);
    while (status && !is_at_end_) {
      status = fill(pcm);
      while (status && !buffer_.empty() && (is_at_end_ || buffer_.size() > tools_.part_size_max)) {
        status = send_part();
      }
    }
    return conclude(status);
  }

 private:
  void take_over() {
    if (request_.finished.empty()) return;
    for (const engine::WindowDone& window : request_.finished[0]) {
      for (const engine::Segment& segment : window.segments) add(segment);
      point_ = window.next;
    }
  }

  void add(const engine::Segment& segment) {
    segments_.push_back(to_text(segment));
    before_ = tail_of(before_ + " " + segment.text, kPromptSizeMax);
  }

  Result<std::size_t> read(const engine::PcmReader& pcm, std::vector<float>& block) {
    if (stop_.stop_requested()) return fail(ErrorCode::kCancelled, "stopped");
    block.resize(kBlockSize);
    const std::size_t count = KATIP_TRY(pcm(block));
    block.resize(count);
    is_at_end_ = count == 0;
    return count;
  }

  /// Past what earlier attempts have done.
  Status skip(const engine::PcmReader& pcm) {
    auto left = static_cast<std::size_t>(point_.window_end_ms) * kSamplesOfMillisecond;
    done_ms_ = point_.window_end_ms;
    std::vector<float> block;
    while (left > 0) {
      const std::size_t count = KATIP_TRY(read(pcm, block));
      // The last part may end within a millisecond.
      if (count == 0 && left < kSamplesOfMillisecond) return {};
      if (count == 0) {
        return fail(ErrorCode::kConflict, "the recording is shorter than what was done of it");
      }
      const std::size_t skipped = std::min(left, count);
      left -= skipped;
      buffer_.assign(block.begin() + static_cast<std::ptrdiff_t>(skipped), block.end());
    }
    return {};
  }

  Status fill(const engine::PcmReader& pcm) {
    std::vector<float> block;
    while (!is_at_end_ && buffer_.size() <= tools_.part_size_max) {
      KATIP_TRY(read(pcm, block));
      buffer_.insert(buffer_.end(), block.begin(), block.end());
    }
    return {};
  }

  Status send_part() {
    const std::size_t size = cut_point(buffer_, tools_.part_size_max);
    const std::span<const float> part = std::span<const float>(buffer_).first(size);
    const Place place{.start_ms = point_.window_end_ms,
                      .end_ms = point_.window_end_ms + to_ms(size + kSamplesOfMillisecond - 1)};
    engine::WindowDone window{.index = point_.window_count};
    if (!is_silent(part)) {
      const remote::ProviderTranscript said = KATIP_TRY(ask(part));
      window.segments = segments_of(said, place);
      take_language(said, window);
    }
    ++point_.window_count;
    point_.window_end_ms = place.end_ms;
    point_.segment_count += std::ssize(window.segments);
    if (!window.segments.empty()) point_.segment_end_ms = window.segments.back().end_ms;
    window.next = point_;
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(size));
    for (const engine::Segment& segment : window.segments) {
      add(segment);
      if (observer_.on_segment) observer_.on_segment(segments_.back());
    }
    done_ms_ = place.end_ms;
    if (observer_.on_window) observer_.on_window(0, window);
    if (observer_.on_progress) observer_.on_progress({.done_ms = done_ms_, .total_ms = total_ms_});
    return {};
  }

  Result<remote::ProviderTranscript> ask(std::span<const float> part) {
    const fs::path name =
        fmt::format("katip-part-{}-{}.wav", getpid(), static_cast<const void*>(this));
    const TemporaryFile file(tools_.temporary_dir / name);
    KATIP_TRY(write_wav(file.path(), part));
    const engine::TranscribeOptions& options = request_.options;
    remote::ProviderRequest request{
        .file = file.path(), .language = options.language, .prompt = prompt_of(options, before_)};
    if (options.temperatures.size() == 1) request.temperature = options.temperatures.front();
    request.translates = options.task == engine::Task::kTranslate;
    request.wants_words = options.word_times == engine::WordTimes::kOn;
    return tools_.ask(request, stop_);
  }

  /// The recording has the language of the first part in which somebody spoke.
  void take_language(const remote::ProviderTranscript& said, const engine::WindowDone& window) {
    if (!request_.options.language.empty()) {
      point_.language = request_.options.language;
      point_.language_probability = 1.0f;
    } else if (point_.language.empty() && !window.segments.empty()) {
      point_.language = text::language_code(said.language);
    }
  }

  Transcribed conclude(const Status& status) {
    Transcribed result{.transcript = {}, .error = {}, .speech_ms = done_ms_};
    result.transcript.language = point_.language;
    result.transcript.language_probability = point_.language_probability;
    result.transcript.duration_ms = done_ms_;
    result.transcript.segments = std::move(segments_);
    if (!status) {
      result.error =
          stop_.stop_requested() ? Error{ErrorCode::kCancelled, "stopped"} : status.error();
      result.transcript.warning = "incomplete: " + result.error->message;
    }
    return result;
  }

  const TranscribeRequest& request_;
  const TranscribeObserver& observer_;
  const RemotePassTools& tools_;
  const std::optional<std::int64_t> total_ms_;
  const std::stop_token stop_;
  std::vector<float> buffer_;
  bool is_at_end_ = false;
  std::int64_t done_ms_ = 0;
  engine::ResumePoint point_;
  std::string before_;  ///< The end of the text so far.
  std::vector<text::Segment> segments_;
};

}  // namespace

Transcribed transcribe_parts(const engine::PcmReader& pcm, std::optional<std::int64_t> total_ms,
                             const TranscribeRequest& request, const TranscribeObserver& observer,
                             const RemotePassTools& tools, std::stop_token stop) {
  return Pass(request, observer, tools, total_ms, std::move(stop)).run(pcm);
}

}  // namespace katip::app
