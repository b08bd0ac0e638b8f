#include "app/doctor.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <optional>
#include <string_view>

#include <fmt/format.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "app/remote_transcriber.h"
#include "audio/audio_stream.h"
#include "base/atomic_file.h"
#include "base/readable.h"
#include "engine/engine.h"

// Tested by doctor_test.cc and tests/e2e/test_doctor.py.
namespace katip::app {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMemoryMin = 700ll * 1000 * 1000;
constexpr std::int64_t kDiskMin = 1000ll * 1000 * 1000;
constexpr std::size_t kProcFileSizeMax = 4 << 20;

// The value of a "name : value" line of a file in /proc.
std::string proc_value(const char* file, std::string_view name) {
  const std::string text = read_whole_file(file, kProcFileSizeMax).value_or("");
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line(text.data() + at, end - at);
    const std::size_t colon = line.find(':');
    if (line.starts_with(name) && colon != std::string_view::npos) {
      const std::size_t start = line.find_first_not_of(" \t", colon + 1);
      return start == std::string_view::npos ? "" : std::string(line.substr(start));
    }
    at = end + 1;
  }
  return "";
}

int core_count() {
  cpu_set_t cores;
  return ::sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1;
}

Check check_cpu() {
  const std::string model = proc_value("/proc/cpuinfo", "model name");
  const std::string_view kernels = engine::cpu_kernels();
  Check check{.name = "cpu",
              .health = Health::kGood,
              .finding = fmt::format("{}, {} core{}, {} kernels",
                                     model.empty() ? "unknown processor" : model, core_count(),
                                     core_count() == 1 ? "" : "s", kernels),
              .advice = ""};
  if (kernels == "scalar") {
    check.health = Health::kWarning;
    check.advice = "this processor has no AVX2, or KATIP_CPU forces the slow kernels";
  }
  return check;
}

Check check_memory() {
  const std::int64_t available =
      std::atoll(proc_value("/proc/meminfo", "MemAvailable").c_str()) * 1024;
  const bool is_enough = available >= kMemoryMin;
  return {.name = "memory",
          .health = is_enough ? Health::kGood : Health::kWarning,
          .finding = readable_bytes(available) + " available",
          .advice = is_enough ? "" : "the base model needs about 700 MB: close other programs"};
}

Check check_model(const ModelPlaces& places, const std::string& model, std::stop_token stop) {
  if (const auto remote = remote_model(model)) {
    return {.name = "model",
            .health = Health::kGood,
            .finding = fmt::format("{} of another server, see remote.base_url", *remote),
            .advice = ""};
  }
  const Result<fs::path> folder = find_model(places, model);
  if (!folder) {
    return {.name = "model",
            .health = Health::kBad,
            .finding = folder.error().message,
            .advice = "katip models pull " + model};
  }
  const Result<engine::ModelInfo> info = engine::inspect_model(*folder);
  if (!info) {
    const bool is_closed = info.error().code == ErrorCode::kPermissionDenied;
    return {.name = "model",
            .health = Health::kBad,
            .finding = info.error().message,
            .advice = is_closed
                          ? "let this user read " + folder->string()
                          : fmt::format("katip models remove {0} && katip models pull {0}", model)};
  }
  const Result<Verification> state = verify_model(places, model, {}, stop);
  const Trust trust = state ? state->trust : Trust::kUnknown;
  Check check{.name = "model",
              .health = Health::kGood,
              .finding = fmt::format(
                  "{} ({}, {}) in {}", model, info->format,
                  trust == Trust::kVerified ? "sums are right" : "not from katip: no sums known",
                  folder->string()),
              .advice = ""};
  if (trust == Trust::kDamaged) {
    check.health = Health::kBad;
    check.finding = fmt::format("{}: {}", model, state->faults.front());
    check.advice = fmt::format("katip models remove {0} && katip models pull {0}", model);
  }
  return check;
}

Check check_speech_detector(const DoctorOptions& options, std::stop_token stop) {
  const Result<fs::path> folder = find_model(options.places, "silero-vad");
  if (!folder) {
    return {.name = "speech detector",
            .health = Health::kBad,
            .finding = "silero-vad is not installed",
            .advice = "katip models pull silero-vad, or transcribe with --vad off"};
  }
  const Result<Verification> state = verify_model(options.places, "silero-vad", {}, stop);
  const bool is_damaged = state && state->trust == Trust::kDamaged;
  return {
      .name = "speech detector",
      .health = is_damaged ? Health::kBad : Health::kGood,
      .finding = is_damaged ? state->faults.front() : "silero-vad in " + folder->string(),
      .advice = is_damaged ? "katip models remove silero-vad && katip models pull silero-vad" : ""};
}

void append_number(std::string& bytes, std::uint32_t value, int size) {
  for (int i = 0; i < size; ++i) {
    bytes += static_cast<char>((value >> (8 * i)) & 0xff);
  }
}

// One second of a 440 Hz tone as 16-bit mono at 16 kHz.
std::string tone_wav() {
  constexpr std::uint32_t kRate = 16'000;
  std::string samples;
  for (std::uint32_t i = 0; i < kRate; ++i) {
    const double angle = 2.0 * std::numbers::pi * 440.0 * i / kRate;
    append_number(samples, static_cast<std::uint32_t>(std::lround(10'000.0 * std::sin(angle))), 2);
  }
  std::string wav = "RIFF";
  append_number(wav, static_cast<std::uint32_t>(36 + samples.size()), 4);
  wav += "WAVEfmt ";
  append_number(wav, 16, 4);
  append_number(wav, 1, 2);  // PCM
  append_number(wav, 1, 2);  // channels
  append_number(wav, kRate, 4);
  append_number(wav, kRate * 2, 4);
  append_number(wav, 2, 2);
  append_number(wav, 16, 2);
  wav += "data";
  append_number(wav, static_cast<std::uint32_t>(samples.size()), 4);
  return wav + samples;
}

// Decodes the tone from a file that exists in memory only; gives the number of samples.
Result<std::size_t> decode_tone(std::stop_token stop) {
  const std::string wav = tone_wav();
  const int descriptor = ::memfd_create("katip-doctor", MFD_CLOEXEC);
  if (descriptor < 0) {
    return fail(ErrorCode::kInternal, "cannot make a file in memory");
  }
  const bool is_written =
      std::cmp_equal(::pwrite(descriptor, wav.data(), wav.size(), 0), wav.size());
  audio::DecodeOptions options;
  options.stop = stop;
  Result<audio::AudioStream> audio =
      is_written ? audio::AudioStream::open_fd(descriptor, "test tone", options)
                 : fail(ErrorCode::kInternal, "cannot write a file in memory");
  ::close(descriptor);
  if (!audio) {
    return std::unexpected(std::move(audio).error());
  }
  std::vector<float> block(16'000);
  std::size_t total = 0;
  while (true) {
    const std::size_t count = KATIP_TRY(audio->read(block));
    if (count == 0) {
      return total;
    }
    total += count;
  }
}

Check check_decoder(std::stop_token stop) {
  const Result<std::size_t> count = decode_tone(stop);
  if (!count) {
    return {.name = "decoder",
            .health = Health::kBad,
            .finding = count.error().message,
            .advice = "katip-decoder must lie beside katip, or in ../libexec/katip; reinstall"};
  }
  const bool is_right = *count >= 15'900 && *count <= 16'100;
  return {.name = "decoder",
          .health = is_right ? Health::kGood : Health::kBad,
          .finding = is_right ? "decodes a test tone in its sandbox"
                              : fmt::format("gave {} samples instead of 16000", *count),
          .advice = is_right ? "" : "reinstall katip: the decoder does not fit"};
}

// The nearest folder above that exists: the data folder itself is made at first use.
fs::path existing_part(fs::path path) {
  std::error_code ignored;
  path = fs::absolute(path, ignored);
  while (!fs::exists(path, ignored) && path.has_relative_path()) {
    path = path.parent_path();
  }
  return path;
}

Check check_disk(const DoctorOptions& options) {
  struct statvfs info{};
  const fs::path folder = existing_part(options.data_dir);
  if (::statvfs(folder.c_str(), &info) != 0) {
    return {.name = "disk",
            .health = Health::kBad,
            .finding = "cannot look at " + folder.string() + ": " + std::strerror(errno),
            .advice = "set KATIP_DATA to a folder that exists"};
  }
  const auto available = static_cast<std::int64_t>(info.f_bavail * info.f_frsize);
  const bool is_enough = available >= kDiskMin;
  return {.name = "disk",
          .health = is_enough ? Health::kGood : Health::kWarning,
          .finding =
              fmt::format("{} free for {}", readable_bytes(available), options.data_dir.string()),
          .advice = is_enough ? "" : "make room, or set KATIP_DATA to another disk"};
}

Check check_data_dir(const DoctorOptions& options) {
  const fs::path folder = existing_part(options.data_dir);
  const Result<AtomicFile> probe = AtomicFile::create(folder / ".katip-doctor");
  return {.name = "data folder",
          .health = probe ? Health::kGood : Health::kBad,
          .finding = probe ? options.data_dir.string() + " is writable"
                           : "cannot write into " + folder.string(),
          .advice = probe ? "" : "give this user the folder, or set KATIP_DATA to another one"};
}

}  // namespace

std::vector<Check> examine(const DoctorOptions& options, std::stop_token stop) {
  std::vector<Check> checks = {check_cpu(), check_memory(),
                               check_model(options.places, options.model, stop)};
  for (const std::string& model : options.other_models) {
    checks.push_back(check_model(options.places, model, stop));
  }
  checks.push_back(check_speech_detector(options, stop));
  checks.push_back(check_decoder(stop));
  checks.push_back(check_disk(options));
  checks.push_back(check_data_dir(options));
  return checks;
}

}  // namespace katip::app
