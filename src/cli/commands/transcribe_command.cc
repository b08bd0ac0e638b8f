#include <algorithm>

#include "audio/audio_stream.h"
#include "cli/commands/commands.h"
#include "cli/exit_code.h"
#include "cli/session.h"
#include "cli/transcribe/inputs.h"
#include "cli/transcribe/json_report.h"
#include "cli/transcribe/options.h"
#include "cli/transcribe/runner.h"

namespace katip::cli {
namespace {

constexpr int kFileCountMax = 1'000'000;

// Everything that can be wrong is found before the model is loaded, which takes seconds.
struct Work {
  Settings settings;
  std::vector<Input> inputs;
  std::vector<OutputPlan> plans;
  RunOptions options;
};

Result<Work> prepare(const Arguments& arguments, Session& session) {
  Settings settings = KATIP_TRY(load_settings(arguments, session));
  RunOptions options;
  options.transcribe = KATIP_TRY(transcribe_options(settings, arguments.values("--keyword")));
  options.channels = settings.text("transcribe.channels") == "separate" ? audio::Channels::kSeparate
                                                                        : audio::Channels::kMix;
  options.parallel = settings.integer("transcribe.parallel");
  options.as_json = arguments.has("--json");
  options.output.formats = KATIP_TRY(formats(settings));
  options.output.write = KATIP_TRY(write_options(settings));
  options.output.existing = arguments.has("--overwrite") ? Existing::kReplace : Existing::kKeep;
  if (arguments.has("--output")) {
    options.output.folder = arguments.value("--output");
  }
  std::vector<Input> inputs = KATIP_TRY(find_inputs(arguments.positionals));
  // As JSON everything goes to standard output, unless a folder is named too.
  const bool has_files = !options.as_json || options.output.folder;
  std::vector<OutputPlan> plans = has_files ? KATIP_TRY(plan_outputs(inputs, options.output))
                                            : std::vector<OutputPlan>(inputs.size());
  KATIP_TRY(prepare_folders(plans));
  const bool prints_docx = !options.as_json && session.terminal.output_is_terminal() &&
                           options.output.formats.front() == text::Format::kDocx &&
                           plans.front().to_standard_output;
  if (prints_docx) {
    return fail(ErrorCode::kInvalidArgument, "docx cannot be shown on a terminal: add -o FOLDER");
  }
  return Work{.settings = std::move(settings),
              .inputs = std::move(inputs),
              .plans = std::move(plans),
              .options = std::move(options)};
}

Result<app::LoadedModel> load_model(const Work& work, Session& session) {
  const SignalStop::Uninterruptible nothing_to_keep;
  session.terminal.set_status("loading " + work.settings.text("engine.model") + " …");
  // The decoder starts while the model loads; where it cannot, opening the file will say so.
  static_cast<void>(audio::AudioStream::prestart());
  auto model = open_model(work.settings, model_places(work.settings, session),
                          work.settings.text("engine.model"), work.options.transcribe.vad);
  session.terminal.set_status("");
  return model;
}

int run(const Arguments& arguments, Session& session) {
  const auto fail_with = [&](const Error& error) {
    if (arguments.has("--json")) {
      session.terminal.write(json_error_line(error));
    }
    return report(error, session);
  };
  const Result<Work> work = prepare(arguments, session);
  if (!work) {
    return fail_with(work.error());
  }
  const bool has_nothing_to_do =
      std::ranges::all_of(work->plans, [](const OutputPlan& plan) { return plan.is_done; });
  if (has_nothing_to_do && !work->options.as_json) {
    session.terminal.say(Level::kInfo, "everything is done already (--overwrite does it again)");
    return kExitSuccess;
  }
  const Result<app::LoadedModel> model = load_model(*work, session);
  if (!model) {
    return fail_with(model.error());
  }
  return transcribe_all(model->run, work->inputs, work->plans, work->options,
                        http_client(work->settings), session);
}

// The few that are typed most get a letter.
Flag with_letter(Flag flag, std::string_view letter) {
  flag.short_name = letter;
  return flag;
}

std::vector<Flag> flags() {
  std::vector<Flag> flags = {
      with_letter(flag_of("engine.model", Completes::kModel), "-m"),
      with_letter(flag_of("transcribe.language"), "-l"),
      flag_of("transcribe.languages"),
      flag_of("transcribe.translate"),
      with_letter(flag_of("transcribe.format"), "-f"),
      {.name = "--output",
       .short_name = "-o",
       .value_name = "DIR",
       .help = "write files into this folder instead of standard output",
       .completes = Completes::kFolder},
      {.name = "--overwrite", .help = "do again what is done, and replace its files"},
      flag_of("transcribe.words"),
      flag_of("transcribe.lexicon"),
      {.name = "--keyword",
       .value_name = "TERM",
       .help = "name or term to expect",
       .is_repeatable = true},
  };
  for (const char* key :
       {"transcribe.prompt", "transcribe.beam", "transcribe.best_of", "transcribe.temperature",
        "transcribe.vad", "transcribe.vad_threshold", "transcribe.condition_on_previous_text",
        "transcribe.compression_ratio_max", "transcribe.average_log_probability_min",
        "transcribe.no_speech_probability_max", "transcribe.channels", "transcribe.parallel",
        "subtitles.line_width_max", "subtitles.line_count_max", "subtitles.reading_speed_max",
        "engine.precision", "engine.threads"}) {
    flags.push_back(flag_of(key));
  }
  flags.push_back({.name = "--json",
                   .help = "one JSON object a recording on standard output, errors included"});
  return flags;
}

}  // namespace

Command transcribe_command() {
  return {
      .name = "transcribe",
      .summary = "turn recordings into text",
      .details =
          "Turns recordings into text: audio or video files, whole folders, http(s) addresses, or "
          "standard input (-).\n"
          "\n"
          "Text goes to standard output, messages to standard error. With -o, and for recordings "
          "found in a folder (without -o beside each), a file is written for each format; "
          "transcripts that are there already are kept and their recordings passed over. Ctrl-C "
          "stops and keeps what is done in files named NAME.partial.EXTENSION.\n"
          "\n"
          "Exit codes: 0 all is done; 1 a file or model is not there or cannot be written; 2 wrong "
          "flags, or a recording that cannot be read; 75 try again later (network, full disk); "
          "130 stopped.",
      .flags = flags(),
      .positional = {.name = "FILE|DIR|URL|-",
                     .help = "recordings; a folder is searched with all below it",
                     .count_min = 1,
                     .count_max = kFileCountMax,
                     .completes = Completes::kFile},
      .examples = {"katip transcribe interview.mp3",
                   "katip transcribe --language turkish --words --format json toplanti.m4a",
                   "katip transcribe --format srt,txt -o subtitles lecture.mp4",
                   "katip transcribe --lexicon names.txt --keyword Kubernetes recordings/",
                   "ffmpeg -i rtsp://camera -t 60 -f wav - | katip transcribe -",
                   "katip transcribe --json *.ogg | jq -r .transcript.text"},
      .run = &run};
}

}  // namespace katip::cli
