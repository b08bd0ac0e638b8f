#include "cli/transcribe/outputs.h"

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>

#include <fmt/format.h>
#include <unistd.h>

#include "base/atomic_file.h"

// Tested by outputs_test.cc.
namespace katip::cli {
namespace {

namespace fs = std::filesystem;

fs::path stem_path(const Input& input, const OutputOptions& options) {
  if (options.folder) {
    return *options.folder / input.stem;
  }
  return input.path.parent_path() / input.stem.filename();
}

fs::path with_extension(const fs::path& stem, std::string_view middle, text::Format format) {
  return fs::path(fmt::format("{}{}.{}", stem.string(), middle, text::file_extension(format)));
}

OutputPlan plan_files(const fs::path& stem, const OutputOptions& options) {
  OutputPlan plan{.to_standard_output = false, .files = {}, .is_done = false};
  for (const text::Format format : options.formats) {
    OutputFile file{.format = format,
                    .path = with_extension(stem, "", format),
                    .partial = with_extension(stem, ".partial", format)};
    std::error_code ignored;
    if (options.existing == Existing::kReplace || !fs::exists(file.path, ignored)) {
      plan.files.push_back(std::move(file));
    }
  }
  plan.is_done = plan.files.empty();
  return plan;
}

std::string shared_output(const Input& one, const Input& other, const fs::path& stem) {
  if (one.name == other.name) {
    return fmt::format("{} is named twice: name it once", one.name);
  }
  return fmt::format(
      "{} and {} would both be written to {}.{{…}}: name the folder that holds both, or "
      "transcribe them into two folders",
      one.name, other.name, stem.string());
}

}  // namespace

Result<std::vector<OutputPlan>> plan_outputs(const std::vector<Input>& inputs,
                                             const OutputOptions& options) {
  std::vector<OutputPlan> plans;
  std::map<fs::path, const Input*> owners;
  for (const Input& input : inputs) {
    if (!options.folder && !input.is_from_folder) {
      if (options.formats.size() > 1) {
        return fail(ErrorCode::kInvalidArgument,
                    "several formats need an output folder: add -o FOLDER");
      }
      plans.push_back({});
      continue;
    }
    const fs::path stem = stem_path(input, options).lexically_normal();
    const auto [owner, is_new] = owners.emplace(stem, &input);
    if (!is_new) {
      return fail(ErrorCode::kInvalidArgument, shared_output(*owner->second, input, stem));
    }
    plans.push_back(plan_files(stem, options));
  }
  return plans;
}

Status prepare_folders(const std::vector<OutputPlan>& plans) {
  std::set<fs::path> folders;
  for (const OutputPlan& plan : plans) {
    for (const OutputFile& file : plan.files) {
      folders.insert(file.path.has_parent_path() ? file.path.parent_path() : fs::path("."));
    }
  }
  for (const fs::path& folder : folders) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (!error && ::access(folder.c_str(), W_OK | X_OK) != 0) {
      error = std::error_code(errno, std::generic_category());
    }
    if (error) {
      return fail(ErrorCode::kPermissionDenied,
                  fmt::format("cannot write into the folder {}: {}; name another with -o",
                              folder.string(), error.message()));
    }
  }
  return {};
}

std::string readable_paths(const std::vector<fs::path>& paths) {
  std::string extensions;
  for (const fs::path& path : paths) {
    const fs::path stem = path.parent_path() / path.stem();
    if (stem != paths.front().parent_path() / paths.front().stem()) {
      return fmt::format("{} and {} more", paths.front().string(), paths.size() - 1);
    }
    extensions += (extensions.empty() ? "" : ",") + path.extension().string().substr(1);
  }
  if (paths.size() < 2) {
    return paths.empty() ? "" : paths.front().string();
  }
  return fmt::format("{}.{{{}}}", (paths.front().parent_path() / paths.front().stem()).string(),
                     extensions);
}

Result<std::vector<fs::path>> write_outputs(const OutputPlan& plan,
                                            const text::Transcript& transcript, bool is_partial,
                                            const text::WriteOptions& options) {
  std::vector<fs::path> written;
  for (const OutputFile& file : plan.files) {
    const fs::path& target = is_partial ? file.partial : file.path;
    std::error_code error;
    fs::create_directories(target.parent_path(), error);
    const std::string bytes = KATIP_TRY(text::write(transcript, file.format, options));
    KATIP_TRY(write_file_atomically(target, bytes));
    written.push_back(target);
    if (!is_partial) {
      fs::remove(file.partial, error);
    }
  }
  return written;
}

}  // namespace katip::cli
