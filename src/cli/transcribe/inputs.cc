#include "cli/transcribe/inputs.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/suggestion.h"
#include "cli/terminal/terminal.h"

// Tested by inputs_test.cc.
namespace katip::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 32> kMediaExtensions = {
    ".3gp",  ".aac", ".ac3", ".aif", ".aiff", ".amr", ".au",  ".avi",  ".caf", ".flac", ".flv",
    ".m2ts", ".m4a", ".m4b", ".m4v", ".mka",  ".mkv", ".mov", ".mp2",  ".mp3", ".mp4",  ".mpeg",
    ".mpg",  ".mts", ".oga", ".ogg", ".opus", ".ts",  ".wav", ".webm", ".wma", ".wmv"};

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return text;
}

bool is_url(const std::string& argument) {
  return argument.starts_with("http://") || argument.starts_with("https://");
}

// "https://host/talks/monday.mp3?token=1" -> "monday".
fs::path stem_of_url(const std::string& url) {
  const std::string path = url.substr(0, url.find_first_of("?#"));
  std::string name = fs::path(path.substr(path.find("://") + 3)).filename().stem().string();
  const bool is_usable = !name.empty() && !name.starts_with('.') && printable(name) == name &&
                         path.find('/', path.find("://") + 3) != std::string::npos;
  return is_usable ? name : "download";
}

// Names of the same folder that are nearly what was typed.
std::string missing_message(const fs::path& path) {
  std::vector<std::string> names;
  std::error_code ignored;
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  constexpr std::size_t kLooksMax = 10'000;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (names.size() == kLooksMax) {
      break;
    }
    names.push_back(entry.path().filename().string());
  }
  std::optional<std::string> near = nearest(path.filename().string(), names);
  if (near && path.has_parent_path()) {
    near = (path.parent_path() / *near).string();
  }
  return fmt::format("there is no file {}.{}", path.string(), did_you_mean(near));
}

Status add_folder(const fs::path& folder, std::vector<Input>& inputs) {
  std::vector<Input> found;
  std::error_code error;
  auto walk = fs::recursive_directory_iterator(
      folder, fs::directory_options::skip_permission_denied, error);
  for (; !error && walk != fs::recursive_directory_iterator(); walk.increment(error)) {
    const fs::path& path = walk->path();
    std::error_code ignored;
    if (path.filename().string().starts_with('.')) {
      if (walk->is_directory(ignored)) {
        walk.disable_recursion_pending();
      }
      continue;
    }
    if (walk->is_regular_file(ignored) && has_media_extension(path)) {
      found.push_back({.kind = InputKind::kFile,
                       .name = path.string(),
                       .path = path,
                       .stem = path.lexically_relative(folder).replace_extension(),
                       .is_from_folder = true});
    }
  }
  if (error) {
    return fail(ErrorCode::kPermissionDenied,
                fmt::format("cannot look into {}: {}", folder.string(), error.message()));
  }
  if (found.empty()) {
    return fail(ErrorCode::kNotFound,
                fmt::format("there are no recordings in {} (name a file to have it tried whatever "
                            "its extension)",
                            folder.string()));
  }
  std::ranges::sort(found, {}, &Input::name);
  std::ranges::move(found, std::back_inserter(inputs));
  return {};
}

Status add_argument(const std::string& argument, std::vector<Input>& inputs) {
  if (argument == "-") {
    if (std::ranges::find(inputs, InputKind::kStandardInput, &Input::kind) != inputs.end()) {
      return fail(ErrorCode::kInvalidArgument, "standard input (-) can be read only once");
    }
    inputs.push_back({.kind = InputKind::kStandardInput, .name = "-", .path = {}, .stem = "stdin"});
    return {};
  }
  if (argument.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "the name of a recording is empty; is a variable of your script not set?");
  }
  if (is_url(argument)) {
    inputs.push_back(
        {.kind = InputKind::kUrl, .name = argument, .path = {}, .stem = stem_of_url(argument)});
    return {};
  }
  std::error_code ignored;
  const fs::path path(argument);
  if (fs::is_directory(path, ignored)) {
    return add_folder(path, inputs);
  }
  if (!fs::exists(path, ignored)) {
    if (const std::size_t colon = argument.find("://"); colon != std::string::npos) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("addresses begin with http:// or https://, not {}:// (ffmpeg reads "
                              "others and can pass them on: `ffmpeg -i … -f wav - | katip "
                              "transcribe -`)",
                              argument.substr(0, colon)));
    }
    return fail(ErrorCode::kNotFound, missing_message(path));
  }
  inputs.push_back({.kind = InputKind::kFile,
                    .name = argument,
                    .path = path,
                    .stem = path.filename().replace_extension()});
  return {};
}

// Two recordings whose outputs would have one name keep their extension in it: monday.mp3.txt.
void separate_stems(std::vector<Input>& inputs) {
  const std::vector<Input> before = inputs;
  for (Input& input : inputs) {
    const auto same = [&](const Input& other) { return other.stem == input.stem; };
    if (std::ranges::count_if(before, same) > 1 && input.kind == InputKind::kFile) {
      input.stem += input.path.extension();
    }
  }
}

}  // namespace

Result<std::vector<Input>> find_inputs(const std::vector<std::string>& arguments) {
  std::vector<Input> inputs;
  for (const std::string& argument : arguments) {
    KATIP_TRY(add_argument(argument, inputs));
  }
  separate_stems(inputs);
  return inputs;
}

bool has_media_extension(const fs::path& path) {
  return std::ranges::find(kMediaExtensions, lower(path.extension().string())) !=
         kMediaExtensions.end();
}

}  // namespace katip::cli
