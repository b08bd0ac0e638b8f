#include "app/transcription_task.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <set>
#include <system_error>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "app/transcription/window_checkpoints.h"
#include "base/sha256.h"

// An attempt asks the queue for what earlier ones have finished, transcribes what is left, and
// saves each window as it comes. A window that cannot be saved waits for the next one: losing it
// would cost nothing but time. Only a lost lease ends the attempt, for then somebody else has the
// task.
// Tested by transcription_task_test.cc, and with the real engine by tests/integration/.
namespace katip::app {
namespace {

namespace fs = std::filesystem;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

// Raise it when windows are cut or decoded differently: those of before do not fit then.
constexpr std::string_view kFingerprintVersion = "katip windows 1";

// The file within the data folder, symbolic links followed.
Result<fs::path> source_path(const fs::path& data_dir, const std::string& source) {
  const auto outside = [&] {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("args: the source `{}` is not in the data folder", source));
  };
  if (source.contains('\0')) return outside();
  std::error_code error;
  const fs::path folder = fs::canonical(data_dir, error);
  if (error) {
    return fail(ErrorCode::kUnavailable, "the data folder cannot be read: " + error.message());
  }
  fs::path path = fs::weakly_canonical(folder / source, error);
  const fs::path relative = path.lexically_relative(folder);
  if (error || relative.empty() || relative == "." || *relative.begin() == "..") return outside();
  return path;
}

std::string fingerprint_of(const std::string& model, const TranscriptionArgs& args,
                           const fs::path& path) {
  TranscriptionArgs decisive = args;
  decisive.job_id.clear();
  decisive.formats.clear();
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  Sha256 sum;
  sum.update(fmt::format("{}\n{}\n{}\n{}", kFingerprintVersion, model, error ? 0 : size,
                         to_json(decisive)));
  return sum.finish();
}

std::string figures_json(const Finished& finished) {
  const TranscriptionFigures& figures = finished.figures;
  boost::json::object object{{"job_id", finished.args.job_id},
                             {"model", figures.model},
                             {"language", finished.transcript.language},
                             {"duration_ms", figures.duration_ms},
                             {"speech_ms", figures.speech_ms},
                             {"processing_ms", figures.processing_ms},
                             {"queue_wait_ms", figures.queue_wait_ms},
                             {"realtime_factor", figures.realtime_factor},
                             {"window_count", figures.window_count},
                             {"resumed_window_count", figures.resumed_window_count},
                             {"segment_count", finished.transcript.segments.size()}};
  if (finished.transcript.warning) object["warning"] = *finished.transcript.warning;
  return boost::json::serialize(object);
}

/// One attempt at one task. Threads: one thread.
class Attempt {
 public:
  Attempt(const TranscriptionTools& tools, jobs::TaskContext& context)
      : tools_(tools),
        context_(context),
        begin_(tools.clock.now()),
        queue_wait_ms_(std::max(milliseconds(0),
                                store::to_timestamp(tools.clock.calendar()) - context.task.run_at)
                           .count()) {}

  Result<jobs::TaskResult> run() {
    args_ = KATIP_TRY(parse_transcription_args(context_.task.args));
    KATIP_TRY(add_active_terms());
    const fs::path path = KATIP_TRY(source_path(tools_.shelf.data_dir(), args_.source));
    KATIP_TRY(fetch_source(path));
    model_ = KATIP_TRY(tools_.use_model(args_.model));
    fingerprint_ = fingerprint_of(model_.name, args_, path);
    const std::vector<store::Checkpoint> rows = KATIP_TRY(context_.lease.checkpoints());
    FinishedWindows earlier = finished_windows(rows, fingerprint_);
    const bool resumes = !earlier.channels.empty();
    Transcribed done = transcribe_rest(path, std::move(earlier));
    if (resumes && !lease_error_ && done.error && done.error->code == ErrorCode::kConflict) {
      done = transcribe_rest(path, {});
    }
    if (lease_error_) return std::unexpected(*lease_error_);
    if (done.error && !is_worth_keeping(done)) return std::unexpected(*std::move(done.error));
    return conclude(std::move(done));
  }

 private:
  /// From the bucket, when it is not on this machine. A file that is nowhere is the decoder's to
  /// tell.
  Status fetch_source(const fs::path& path) {
    std::error_code error;
    if (fs::exists(path, error)) return {};
    const auto found = tools_.shelf.find(args_.source, context_.stop);
    const bool is_away = !found && found.error().code != ErrorCode::kNotFound;
    return is_away ? Status(std::unexpected(found.error())) : Status();
  }

  /// Before the fingerprint: windows that were decoded with other terms are not gone on with. What
  /// the request says of a term goes first.
  Status add_active_terms() {
    if (!tools_.active_terms) return {};
    constexpr std::size_t kTermCountMax = 100'000;  // What the engine takes.
    std::vector<engine::LexiconTerm>& lexicon = args_.options.lexicon;
    std::set<std::string, std::less<>> own;
    for (const engine::LexiconTerm& term : lexicon) own.insert(term.term);
    for (engine::LexiconTerm& term :
         KATIP_TRY(tools_.active_terms(args_.options.language, context_.stop))) {
      if (lexicon.size() >= kTermCountMax) break;
      if (!own.contains(term.term)) lexicon.push_back(std::move(term));
    }
    return {};
  }

  Transcribed transcribe_rest(const fs::path& path, FinishedWindows earlier) {
    const bool resumes = !earlier.channels.empty();
    run_ = resumes ? earlier.run : context_.task.key.token;
    processing_ms_before_ = earlier.processing_ms;
    resumed_window_count_ = static_cast<std::int64_t>(earlier.window_count());
    window_count_ = resumed_window_count_;
    unsaved_.clear();
    TranscribeRequest request{.source = path,
                              .options = args_.options,
                              .decode = tools_.decode,
                              .finished = std::move(earlier.channels)};
    request.options.priority = context_.task.priority;
    request.decode.channels = args_.channels;
    const TranscribeObserver observer{
        .on_open = [this](const audio::MediaInfo& media) { media_ = media; },
        .on_window =
            [this](int channel, const engine::WindowDone& window) {
              ++window_count_;
              if (tools_.on_window) tools_.on_window(context_.task, window);
              save(channel, window);
            },
        .on_progress = [this](const Progress& progress) { tell(progress); }};
    const std::stop_callback forward(context_.stop, [this] { stop_.request_stop(); });
    return model_.transcribe(request, observer, stop_.get_token());
  }

  // Damaged data does not get better by another attempt, and what was said before is right.
  static bool is_worth_keeping(const Transcribed& done) {
    return done.error->code == ErrorCode::kCorruptData && !done.transcript.segments.empty();
  }

  void save(int channel, const engine::WindowDone& window) {
    unsaved_.push_back(to_row({.fingerprint = fingerprint_,
                               .run = run_,
                               .processing_ms = processing_ms(),
                               .channel = channel,
                               .window = window}));
    // In order: a window behind one that is missing would be of no use.
    while (!unsaved_.empty()) {
      const Status status = context_.lease.save_checkpoint(unsaved_.front());
      if (!status) {
        take_problem(status.error());
        return;
      }
      unsaved_.pop_front();
    }
  }

  void tell(const Progress& progress) {
    if (progress.total_ms.value_or(0) <= 0) return;
    const double part =
        static_cast<double>(progress.done_ms) / static_cast<double>(*progress.total_ms);
    const Status status = context_.lease.report_progress(std::clamp(part, 0.0, 1.0));
    if (!status) take_problem(status.error());
  }

  void take_problem(const Error& error) {
    if (error.code == ErrorCode::kConflict) {
      if (!lease_error_) lease_error_ = error;
      stop_.request_stop();
    } else if (tools_.on_problem && !context_.stop.stop_requested()) {
      tools_.on_problem(context_.task, error);
    }
  }

  Result<jobs::TaskResult> conclude(Transcribed done) {
    auto finished = std::make_shared<Finished>();
    finished->args = args_;
    finished->media = media_;
    finished->figures = figures_of(done);
    finished->made_by = model_.made_by;
    finished->transcript = std::move(done.transcript);
    if (args_.options.task == engine::Task::kTranslate) {
      finished->transcript.task = text::Task::kTranslate;
    }
    const text::WriteOptions options{.title = fs::path(args_.source).stem().string()};
    finished->transcript_json =
        KATIP_TRY(text::write(finished->transcript, text::Format::kJson, options));
    for (const text::Format format : args_.formats) {
      std::string bytes = KATIP_TRY(text::write(finished->transcript, format, options));
      finished->documents.push_back({.format = format, .bytes = std::move(bytes)});
    }
    jobs::TaskResult result{.json = figures_json(*finished)};
    if (tools_.complete) {
      result.effect = [complete = tools_.complete, finished](store::Connection& connection) {
        return complete(connection, *finished);
      };
    }
    return result;
  }

  [[nodiscard]] TranscriptionFigures figures_of(const Transcribed& done) const {
    TranscriptionFigures figures{.model = model_.name,
                                 .duration_ms = done.transcript.duration_ms,
                                 .speech_ms = done.speech_ms,
                                 .processing_ms = processing_ms(),
                                 .queue_wait_ms = queue_wait_ms_,
                                 .realtime_factor = 0,
                                 .window_count = window_count_,
                                 .resumed_window_count = resumed_window_count_};
    if (figures.duration_ms > 0) {
      figures.realtime_factor =
          static_cast<double>(figures.processing_ms) / static_cast<double>(figures.duration_ms);
    }
    return figures;
  }

  [[nodiscard]] std::int64_t processing_ms() const {
    return processing_ms_before_ + duration_cast<milliseconds>(tools_.clock.now() - begin_).count();
  }

  const TranscriptionTools& tools_;
  jobs::TaskContext& context_;
  const std::chrono::steady_clock::time_point begin_;
  const std::int64_t queue_wait_ms_;
  TranscriptionArgs args_;
  ModelUse model_;
  std::string fingerprint_;
  std::int64_t run_ = 0;
  std::int64_t processing_ms_before_ = 0;
  std::int64_t window_count_ = 0;
  std::int64_t resumed_window_count_ = 0;
  audio::MediaInfo media_;
  std::stop_source stop_;  ///< The task's own stop, and a lost lease.
  std::optional<Error> lease_error_;
  std::deque<store::Checkpoint> unsaved_;
};

}  // namespace

TranscribeFunction transcribe_with(engine::Engine& engine) {
  return [&engine](const TranscribeRequest& request, const TranscribeObserver& observer,
                   std::stop_token stop) {
    return transcribe(engine, request, observer, std::move(stop));
  };
}

jobs::Handler transcription_handler(TranscriptionTools tools) {
  return [tools = std::move(tools)](jobs::TaskContext& context) -> Result<jobs::TaskResult> {
    return Attempt(tools, context).run();
  };
}

}  // namespace katip::app
