#include "audio/integration/audio_testing.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <numbers>
#include <span>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "audio/child/owned_fd.h"
#include "base/subprocess.h"

namespace katip::audio {

DecodeOptions test_options() { return {.decoder_path = KATIP_DECODER}; }

std::optional<std::filesystem::path> recordings() {
  const std::filesystem::path folder = KATIP_RECORDINGS;
  return std::filesystem::exists(folder / "jfk.flac") ? std::optional(folder) : std::nullopt;
}

TemporaryFile::TemporaryFile(const Bytes& bytes, const std::string& ending) {
  std::string name =
      (std::filesystem::temp_directory_path() / ("katip-audio-XXXXXX." + ending)).string();
  const OwnedFd fd(mkstemps(name.data(), static_cast<int>(ending.size()) + 1));
  EXPECT_TRUE(fd.is_open());
  path_ = name;
  std::ofstream(path_, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

TemporaryFile::~TemporaryFile() {
  std::error_code error;
  std::filesystem::remove(path_, error);
}

Bytes read_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

Decoded drain(Result<AudioStream> stream) {
  Decoded decoded;
  if (!stream) {
    decoded.error = stream.error();
    return decoded;
  }
  decoded.info = stream->info();
  decoded.channel_count = stream->channel_count();
  std::vector<float> block(16'000);
  while (true) {
    const auto count = stream->read(block);
    if (!count) {
      decoded.error = count.error();
      return decoded;
    }
    if (*count == 0) {
      decoded.warning = stream->warning();
      return decoded;
    }
    decoded.pcm.insert(decoded.pcm.end(), block.begin(),
                       block.begin() + static_cast<ptrdiff_t>(*count));
  }
}

Decoded decode(const std::filesystem::path& path, const DecodeOptions& options) {
  return drain(AudioStream::open(path, options));
}

Decoded decode(const Bytes& bytes, const DecodeOptions& options) {
  const TemporaryFile file(bytes);
  return decode(file.path(), options);
}

Decoded decode_piped(const Bytes& bytes, const DecodeOptions& options) {
  signal(SIGPIPE, SIG_IGN);  // a decoder may refuse the rest
  std::array<int, 2> fds{};
  EXPECT_EQ(pipe2(fds.data(), O_CLOEXEC), 0);
  OwnedFd input(fds[0]);
  std::jthread writer([&bytes, output = OwnedFd(fds[1])] {
    for (size_t done = 0; done < bytes.size();) {
      const ssize_t count = write(output.get(), bytes.data() + done, bytes.size() - done);
      if (count <= 0) {
        return;
      }
      done += static_cast<size_t>(count);
    }
  });
  Decoded decoded;
  {
    auto stream = AudioStream::open_fd(input.get(), "standard input", options);
    input = OwnedFd();
    decoded = drain(std::move(stream));
  }
  return decoded;
}

namespace {

double correlation_at(std::span<const float> a, std::span<const float> b, int shift) {
  double ab = 0;
  double aa = 0;
  double bb = 0;
  const auto begin = static_cast<size_t>(std::max(0, -shift));
  for (size_t i = begin; i < a.size(); ++i) {
    const size_t j = i + static_cast<size_t>(static_cast<ptrdiff_t>(shift));
    if (j >= b.size()) {
      break;
    }
    ab += double{a[i]} * b[j];
    aa += double{a[i]} * a[i];
    bb += double{b[j]} * b[j];
  }
  return ab / std::sqrt(std::max(aa * bb, 1e-30));
}

}  // namespace

double correlation(const std::vector<float>& a, const std::vector<float>& b, int shift_max) {
  // A second and a half finds the shift; all of the recording decides.
  const size_t size = std::min({a.size(), b.size(), size_t{24'000}});
  double best = -1;
  int best_shift = 0;
  for (int shift = -shift_max; shift <= shift_max; ++shift) {
    const double here = correlation_at(std::span(a).first(size), std::span(b).first(size), shift);
    if (here > best) {
      best = here;
      best_shift = shift;
    }
  }
  return correlation_at(a, b, best_shift);
}

double amplitude_at(const std::vector<float>& pcm, double frequency) {
  double sine = 0;
  double cosine = 0;
  for (size_t i = 0; i < pcm.size(); ++i) {
    const double phase = 2 * std::numbers::pi * frequency * static_cast<double>(i) / 16'000;
    sine += pcm[i] * std::sin(phase);
    cosine += pcm[i] * std::cos(phase);
  }
  return 2 * std::hypot(sine, cosine) / static_cast<double>(std::max<size_t>(pcm.size(), 1));
}

bool run_ffmpeg(const std::vector<std::string>& arguments) {
  std::vector<std::string> all{"ffmpeg", "-loglevel", "error", "-y"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  const auto result = run_subprocess(all, std::chrono::minutes(2), {});
  return result && result->exit_code == 0;
}

}  // namespace katip::audio
