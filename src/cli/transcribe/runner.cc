#include "cli/transcribe/runner.h"

#include <algorithm>
#include <mutex>
#include <optional>

#include <fmt/format.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "base/readable.h"
#include "base/scratch_folder.h"
#include "cli/exit_code.h"
#include "cli/transcribe/batch.h"

// One thread a file reads and waits; the engine puts the windows of all of them into one batch.
// Tested by tests/e2e/test_transcribe.py.
namespace katip::cli {
namespace {

namespace fs = std::filesystem;

// A name with a line break in it must not look like a message of ours.
std::string on_one_line(std::string text) {
  std::ranges::replace(text, '\n', '?');
  return text;
}

class Runner {
 public:
  Runner(const app::TranscribeFunction& transcribe, const std::vector<Input>& inputs,
         const std::vector<OutputPlan>& plans, const RunOptions& options,
         const remote::HttpClient& client, Session& session)
      : transcribe_(transcribe),
        inputs_(inputs),
        plans_(plans),
        options_(options),
        client_(client),
        session_(session),
        progress_(session.terminal, session.clock, work_count(plans)),
        reports_(inputs.size()) {}

  int run() {
    for_each_parallel(
        static_cast<int>(inputs_.size()), options_.parallel, [this](int index) { do_one(index); },
        session_.signals.token());
    progress_.close();
    return finish();
  }

 private:
  static int work_count(const std::vector<OutputPlan>& plans) {
    return static_cast<int>(std::ranges::count(plans, false, &OutputPlan::is_done));
  }

  [[nodiscard]] const Input& input(int index) const {
    return inputs_[static_cast<std::size_t>(index)];
  }
  [[nodiscard]] const OutputPlan& plan(int index) const {
    return plans_[static_cast<std::size_t>(index)];
  }

  // Lines appear as they are understood when there is one recording and plain text is wanted.
  [[nodiscard]] bool is_live() const {
    return inputs_.size() == 1 && !options_.as_json && plans_.front().to_standard_output &&
           options_.output.formats.front() == text::Format::kText &&
           options_.channels == audio::Channels::kMix;
  }

  void do_one(int index) {
    FileReport report;
    if (plan(index).is_done) {
      report.outcome = Outcome::kSkipped;
    } else {
      report = transcribe(index);
      if (!is_live() || !plan(index).to_standard_output) {
        write_files(index, report);
      }
    }
    say_outcome(index, report);
    keep(index, std::move(report));
  }

  FileReport transcribe(int index) {
    const auto start = session_.clock.now();
    progress_.begin(index, display_name(index));
    FileReport report;
    std::optional<ScratchFolder> temporary;
    Result<app::TranscribeRequest> request = request_for(index, temporary);
    if (request) {
      report.result = transcribe_(*request, observer(index), session_.signals.token());
    } else {
      report.result.error = std::move(request).error();
    }
    progress_.end(index);
    report.seconds = std::chrono::duration<double>(session_.clock.now() - start).count();
    if (report.result.error) {
      const bool has_text = !report.result.transcript.segments.empty();
      report.outcome = has_text ? Outcome::kPartial : Outcome::kFailed;
    }
    return report;
  }

  Result<app::TranscribeRequest> request_for(int index, std::optional<ScratchFolder>& temporary) {
    app::TranscribeRequest request{.source = input(index).path, .options = options_.transcribe};
    request.decode.channels = options_.channels;
    if (input(index).kind == InputKind::kStandardInput) {
      request.source = app::OpenInput{.descriptor = STDIN_FILENO, .name = "standard input"};
    } else if (input(index).kind == InputKind::kUrl) {
      std::error_code error;
      const fs::path parent = fs::temp_directory_path(error);
      if (error) return std::unexpected(file_error("use the folder", parent, error.value()));
      temporary.emplace(KATIP_TRY(ScratchFolder::make(parent, "katip-")));
      const fs::path target = temporary->path() / input(index).stem;
      KATIP_TRY(client_.download({.request = {.url = input(index).name}, .target = target}, {},
                                 session_.signals.token()));
      request.source = target;
    }
    return request;
  }

  app::TranscribeObserver observer(int index) {
    app::TranscribeObserver observer;
    observer.on_open = [this, index](const audio::MediaInfo& info) {
      progress_.update(index, 0, info.duration_ms);
    };
    observer.on_progress = [this, index](const app::Progress& progress) {
      progress_.update(index, progress.done_ms, progress.total_ms);
    };
    if (is_live()) {
      observer.on_segment = [this](const text::Segment& segment) {
        const text::Transcript one{.segments = {segment}, .warning = std::nullopt};
        write_output(one, text::Format::kText);
        session_.terminal.flush();
      };
    }
    return observer;
  }

  void write_output(const text::Transcript& transcript, text::Format format) {
    const Result<std::string> bytes = text::write(transcript, format, options_.output.write);
    if (!bytes) {
      session_.terminal.say(Level::kError, bytes.error().message);
      return;
    }
    session_.terminal.write(*bytes);
    if (session_.terminal.output_failed()) {
      session_.signals.request_stop();
    }
  }

  void write_files(int index, FileReport& report) {
    if (report.outcome == Outcome::kFailed) {
      return;
    }
    text::WriteOptions write = options_.output.write;
    write.title = input(index).stem.filename().string();
    Result<std::vector<fs::path>> written = write_outputs(
        plan(index), report.result.transcript, report.outcome == Outcome::kPartial, write);
    if (written) {
      report.outputs = *std::move(written);
    } else {
      report.outcome = Outcome::kFailed;
      report.result.error = std::move(written).error();
      report.is_unsaved = true;
    }
  }

  std::string display_name(int index) const {
    const Input& one = input(index);
    if (one.kind == InputKind::kStandardInput) {
      return "standard input";
    }
    // Of a folder the path: two of its folders may have a file of one name.
    const bool is_named = one.kind == InputKind::kFile && !one.is_from_folder;
    return on_one_line(is_named ? one.path.filename().string() : one.name);
  }

  // "interview.mp3: 12:03 in 0:08 (86x), en, 120 segments -> out/interview.srt"
  std::string summary(int index, const FileReport& report) const {
    const text::Transcript& transcript = report.result.transcript;
    const double speed =
        static_cast<double>(transcript.duration_ms) / 1000.0 / std::max(0.001, report.seconds);
    std::string text = fmt::format("{}: {} in {:.1f} s ({:.{}f}x), {}", display_name(index),
                                   readable_duration(transcript.duration_ms), report.seconds, speed,
                                   speed < 10 ? 1 : 0,
                                   transcript.segments.empty() ? "no speech" : transcript.language);
    if (!report.outputs.empty()) {
      text += " -> " + on_one_line(readable_paths(report.outputs));
    }
    return text;
  }

  void say_outcome(int index, const FileReport& report) {
    Terminal& terminal = session_.terminal;
    const std::string name = display_name(index);
    if (report.outcome == Outcome::kSkipped) {
      terminal.say(Level::kInfo, name + ": done already (--overwrite does it again)");
      return;
    }
    if (report.result.error && report.result.error->code == ErrorCode::kCancelled) {
      say_kept(name, report);
      return;
    }
    if (report.result.error) {
      // Messages about the recording begin with its file name, without the folder.
      std::string message = on_one_line(report.result.error->message);
      const std::string file_name = on_one_line(input(index).path.filename().string());
      if (!file_name.empty() && message.starts_with(file_name + ": ")) {
        message.erase(0, file_name.size() + 2);
      }
      terminal.say(Level::kError,
                   message.find(name) == std::string::npos ? name + ": " + message : message);
      say_kept(name, report);
      if (report.is_unsaved && !options_.as_json) {
        terminal.say(Level::kWarning, name +
                                          ": its text goes to standard output, so as not to be "
                                          "lost");
      }
      return;
    }
    if (report.result.transcript.warning) {
      terminal.say(Level::kWarning, name + ": " + *report.result.transcript.warning);
    }
    terminal.say(Level::kInfo, summary(index, report));
  }

  void say_kept(const std::string& name, const FileReport& report) {
    if (report.outcome != Outcome::kPartial) {
      return;
    }
    const std::string where =
        report.outputs.empty() ? "" : " in " + on_one_line(readable_paths(report.outputs));
    session_.terminal.say(
        Level::kWarning,
        fmt::format("{}: incomplete, the first {} are kept{}", name,
                    readable_duration(report.result.transcript.segments.back().end_ms), where));
  }

  // Hands out to standard output what is next in order, and all behind it that waited.
  void keep(int index, FileReport report) {
    const std::scoped_lock lock(mutex_);
    reports_[static_cast<std::size_t>(index)] = std::move(report);
    hand_out();
  }

  void hand_out() {
    while (next_ < reports_.size() && reports_[next_]) {
      print(next_, *reports_[next_]);
      codes_.push_back(reports_[next_]->result.error
                           ? exit_code(reports_[next_]->result.error->code)
                           : kExitSuccess);
      reports_[next_] = FileReport{};  // Transcripts of many files would fill the memory.
      ++next_;
    }
  }

  void print(std::size_t index, const FileReport& report) {
    if (options_.as_json) {
      const Result<std::string> line = json_line(inputs_[index], report);
      session_.terminal.write(line ? *line : json_error_line(line.error()));
      session_.terminal.flush();
      return;
    }
    const bool has_text = report.outcome == Outcome::kDone || report.outcome == Outcome::kPartial;
    const bool is_wanted = plans_[index].to_standard_output && has_text && !is_live();
    if (!is_wanted && !report.is_unsaved) {
      return;
    }
    if (inputs_.size() > 1 && options_.output.formats.front() == text::Format::kText) {
      session_.terminal.write(fmt::format("{}==> {} <==\n", next_ > 0 ? "\n" : "",
                                          on_one_line(printable(inputs_[index].name))));
    }
    write_output(report.result.transcript,
                 report.is_unsaved ? text::Format::kText : options_.output.formats.front());
  }

  int finish() {
    const std::scoped_lock lock(mutex_);
    const bool is_stopped = session_.signals.token().stop_requested();
    // Behind one that never began others may have ended: they are handed out too.
    for (; next_ < reports_.size(); ++next_) {
      hand_out();
    }
    session_.terminal.flush();
    if (session_.terminal.output_failed()) {
      return kExitFailure;
    }
    if (is_stopped) {
      session_.terminal.say(Level::kWarning, "stopped");
      return kExitCancelled;
    }
    const auto failed = std::ranges::find_if(codes_, [](int code) { return code != kExitSuccess; });
    return failed == codes_.end() ? kExitSuccess : *failed;
  }

  const app::TranscribeFunction& transcribe_;
  const std::vector<Input>& inputs_;
  const std::vector<OutputPlan>& plans_;
  const RunOptions& options_;
  const remote::HttpClient& client_;
  Session& session_;
  ProgressView progress_;
  std::mutex mutex_;
  // Below: under the lock.
  std::vector<std::optional<FileReport>> reports_;
  std::vector<int> codes_;
  std::size_t next_ = 0;
};

}  // namespace

int transcribe_all(const app::TranscribeFunction& transcribe, const std::vector<Input>& inputs,
                   const std::vector<OutputPlan>& plans, const RunOptions& options,
                   const remote::HttpClient& client, Session& session) {
  return Runner(transcribe, inputs, plans, options, client, session).run();
}

}  // namespace katip::cli
