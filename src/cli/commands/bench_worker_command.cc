#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <sys/resource.h>

#include "app/transcribe.h"
#include "cli/commands/commands.h"
#include "cli/exit_code.h"
#include "cli/session.h"
#include "cli/transcribe/batch.h"
#include "cli/transcribe/options.h"
#include "text/transcript.h"

// The protocol stands at the top of bench/transcribe: a JSON object a line in, one a line out.
namespace katip::cli {
namespace {

namespace json = boost::json;

constexpr int kFilesAtOnceMax = 64;

struct Job {
  std::vector<std::string> files;
  engine::TranscribeOptions options;
};

Result<Job> parse_job(const std::string& line, const engine::TranscribeOptions& defaults) {
  try {
    const json::object root = json::parse(line).as_object();
    Job job{.files = json::value_to<std::vector<std::string>>(root.at("files")),
            .options = defaults};
    if (const json::value* options = root.if_contains("options")) {
      const json::object& given = options->as_object();
      if (const json::value* value = given.if_contains("language")) {
        job.options.language = value->is_null() ? "" : std::string(value->as_string());
      }
      if (const json::value* value = given.if_contains("beam")) {
        job.options.beam_size = value->to_number<int>();
      }
      if (const json::value* value = given.if_contains("words")) {
        job.options.word_times =
            value->as_bool() ? engine::WordTimes::kOn : engine::WordTimes::kOff;
      }
      if (const json::value* value = given.if_contains("vad")) {
        job.options.vad = value->as_bool() ? engine::Vad::kOn : engine::Vad::kOff;
      }
    }
    return job;
  } catch (const std::exception& error) {
    return fail(ErrorCode::kInvalidArgument, std::string("bad request: ") + error.what());
  }
}

double seconds(std::int64_t ms) { return static_cast<double>(ms) / 1000.0; }

json::object json_of(const text::Segment& segment, bool with_words) {
  json::object entry{{"start", seconds(segment.start_ms)},
                     {"end", seconds(segment.end_ms)},
                     {"text", segment.text}};
  if (with_words) {
    json::array words;
    for (const text::Word& word : segment.words) {
      words.push_back(
          {{"start", seconds(word.start_ms)}, {"end", seconds(word.end_ms)}, {"text", word.text}});
    }
    entry["words"] = std::move(words);
  }
  return entry;
}

json::object json_of(const std::string& file, const text::Transcript& transcript, bool with_words) {
  json::array segments;
  for (const text::Segment& segment : transcript.segments) {
    segments.push_back(json_of(segment, with_words));
  }
  return {{"file", file}, {"text", text::full_text(transcript)}, {"segments", std::move(segments)}};
}

// CPU time of this process and of the decoders that have ended.
double cpu_seconds() {
  double total = 0;
  for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage{};
    ::getrusage(who, &usage);
    for (const timeval& time : {usage.ru_utime, usage.ru_stime}) {
      total += static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    }
  }
  return total;
}

json::object answer(engine::Engine& engine, const Job& job, Session& session) {
  std::vector<app::Transcribed> results(job.files.size());
  const auto start = session.clock.now();
  const double cpu_start = cpu_seconds();
  for_each_parallel(
      static_cast<int>(job.files.size()), kFilesAtOnceMax,
      [&](int index) {
        const auto at = static_cast<std::size_t>(index);
        results[at] = app::transcribe(
            engine, {.source = std::filesystem::path(job.files[at]), .options = job.options}, {},
            session.signals.token());
      },
      session.signals.token());
  json::object line{{"seconds", std::chrono::duration<double>(session.clock.now() - start).count()},
                    {"cpu_seconds", cpu_seconds() - cpu_start}};
  json::array entries;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].error) {
      return {{"error", job.files[i] + ": " + results[i].error->message}};
    }
    entries.push_back(json_of(job.files[i], results[i].transcript,
                              job.options.word_times == engine::WordTimes::kOn));
  }
  line["results"] = std::move(entries);
  return line;
}

int run(const Arguments& arguments, Session& session) {
  const Result<Settings> settings = load_settings(arguments, session);
  if (!settings) {
    return report(settings.error(), session);
  }
  const Result<engine::TranscribeOptions> defaults = transcribe_options(*settings, {});
  if (!defaults) {
    return report(defaults.error(), session);
  }
  Result<std::unique_ptr<engine::Engine>> engine =
      open_engine(*settings, model_places(*settings, session), settings->text("engine.model"),
                  engine::Vad::kOn);
  if (!engine) {
    return report(engine.error(), session);
  }
  std::string line;
  while (!session.signals.token().stop_requested() && std::getline(std::cin, line)) {
    const Result<Job> job = parse_job(line, *defaults);
    const json::object result =
        job ? answer(**engine, *job, session) : json::object{{"error", job.error().message}};
    session.terminal.write(json::serialize(result) + "\n");
    session.terminal.flush();
  }
  return kExitSuccess;
}

}  // namespace

Command bench_worker_command() {
  return {
      .name = "bench-worker",
      .summary = "answer requests of bench/transcribe on standard input",
      .flags = {flag_of("engine.model"), flag_of("engine.precision"), flag_of("engine.threads")},
      .examples = {"bench/transcribe"},
      .run = &run,
      .is_hidden = true};
}

}  // namespace katip::cli
