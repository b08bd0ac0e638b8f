#include "audio/audio_stream.h"

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/socket.h>

#include "audio/child/decoder_process.h"
#include "audio/child/input_file.h"
#include "audio/child/nursery.h"
#include "audio/protocol/frame.h"
#include "base/assert.h"

// The parent's side: start a decoder, hand it the input, and turn its frames into samples. Time is
// counted in slices of poll(), so no clock is needed and a stop request is seen within one slice.
// Tested by the programs in integration/.
namespace katip::audio {
namespace {

constexpr int kSliceMs = 100;
constexpr uint32_t kCpuSecondsMin = 60;
constexpr int64_t kCpuSecondsPerMib = 10;

/// Decoding is 500 or more times faster than real time, so a fifth of the longest sound that is
/// allowed is ample, and a small file, which a hostile one mostly is, gets little.
uint32_t cpu_seconds(const InputFile& input, const DecodeOptions& options) {
  const int64_t by_duration = options.duration_ms_max / 5000;
  const int64_t by_size =
      input.size < 0 ? by_duration : (input.size / (1 << 20) + 1) * kCpuSecondsPerMib;
  return kCpuSecondsMin + static_cast<uint32_t>(std::min(by_duration, by_size));
}

DecodeRequest make_request(const InputFile& input, const DecodeOptions& options, Extent extent) {
  return {.input_kind = input.kind,
          .extent = extent,
          .channel_mode =
              options.channels == Channels::kMix ? ChannelMode::kMix : ChannelMode::kSeparate,
          .input_begin = input.begin,
          .input_size = input.size,
          .input_size_max = options.input_size_max,
          .spool_size_max = options.spool_size_max,
          .duration_ms_max = options.duration_ms_max,
          .input_wait_ms_max = options.input_wait_ms_max,
          .channel_count_max = options.channel_count_max,
          .cpu_seconds_max = cpu_seconds(input, options)};
}

/// The name that messages show: without folders, which are nobody's business.
std::string shown_name(const std::filesystem::path& path) {
  return path.has_filename() ? path.filename().string() : path.string();
}

/// A second more than the child may send: its own message about the limit is the better one.
int64_t sample_count_max(const DecodeOptions& options) {
  return (options.duration_ms_max + 1000) * kOutputRate / 1000;
}

}  // namespace

struct AudioStream::Impl {
  Impl(DecoderProcess started, std::string shown_name, const DecodeOptions& wanted)
      : process(std::move(started)),
        name(std::move(shown_name)),
        options(wanted),
        reader(sample_count_max(wanted)) {}

  static Result<std::unique_ptr<Impl>> start(Result<InputFile> input, const std::string& name,
                                             const DecodeOptions& options, Extent extent);
  Status open(const InputFile& input, Extent extent);
  Result<size_t> read(std::span<float> pcm);
  /// The next frame of the decoder, waiting for it.
  Result<Frame> next_frame();
  [[nodiscard]] Status check_patience() const;
  Status wait_for_bytes();
  Status receive();
  std::unexpected<Error> give_up(Error error);

  DecoderProcess process;
  std::string name;
  DecodeOptions options;
  FrameReader reader;
  StreamInfo info;
  std::vector<float> pending;  ///< Samples of the last block, given from `pending_begin` on.
  size_t pending_begin = 0;
  int64_t idle_ms = 0;    ///< Since anything came.
  int64_t barren_ms = 0;  ///< Since anything but kAlive came.
  bool ended = false;
  std::optional<Error> failure;
  std::optional<std::string> warning;
};

std::unexpected<Error> AudioStream::Impl::give_up(Error error) {
  if (options.stop.stop_requested()) {
    error = {ErrorCode::kCancelled, "stopped"};
  }
  failure = fail(name, std::move(error)).error();
  return std::unexpected(*failure);
}

Status AudioStream::Impl::check_patience() const {
  if (options.stop.stop_requested()) {
    return fail(ErrorCode::kCancelled, "stopped");
  }
  if (idle_ms >= options.idle_ms_max) {
    return fail(ErrorCode::kTimeout,
                "the decoder gave no sign of life for " + std::to_string(idle_ms / 1000) +
                    " s and was ended; the file is damaged, or the machine is overloaded (option "
                    "idle_ms_max)");
  }
  if (barren_ms >= options.input_wait_ms_max + options.idle_ms_max) {
    return fail(ErrorCode::kTimeout, "no sound came out of the input for " +
                                         std::to_string(barren_ms / 1000) +
                                         " s (option input_wait_ms_max)");
  }
  return {};
}

Status AudioStream::Impl::wait_for_bytes() {
  while (true) {
    if (Status status = check_patience(); !status) {
      return status;
    }
    pollfd waited{.fd = process.socket(), .events = POLLIN, .revents = 0};
    const int ready = poll(&waited, 1, kSliceMs);
    if (ready > 0) {
      return {};
    }
    if (ready < 0 && errno != EINTR) {
      return fail(ErrorCode::kInternal, "waiting for the decoder failed");
    }
    idle_ms += ready == 0 ? kSliceMs : 0;
    barren_ms += ready == 0 ? kSliceMs : 0;
  }
}

Status AudioStream::Impl::receive() {
  if (Status status = wait_for_bytes(); !status) {
    return status;
  }
  const auto room = reader.room();
  const ssize_t count = recv(process.socket(), room.data(), room.size(), 0);
  if (count > 0) {
    idle_ms = 0;
    reader.added(static_cast<size_t>(count));
    return {};
  }
  if (count < 0 && errno == EINTR) {
    return {};
  }
  return std::unexpected(process.reap());
}

Result<Frame> AudioStream::Impl::next_frame() {
  while (true) {
    auto frame = KATIP_TRY(reader.next());
    if (!frame) {
      if (Status status = receive(); !status) {
        return std::unexpected(std::move(status).error());
      }
      continue;
    }
    if (std::holds_alternative<Alive>(*frame)) {
      barren_ms += kSliceMs;  // talking is not giving, however fast it goes
      continue;
    }
    barren_ms = 0;
    return std::move(*frame);
  }
}

Status AudioStream::Impl::open(const InputFile& input, Extent extent) {
  const RequestFiles files{.input = input.fd.get(), .spool = input.spool.get()};
  if (Status sent = send_request(process.socket(), make_request(input, options, extent), files);
      !sent) {
    return give_up(process.reap());
  }
  auto frame = next_frame();
  if (!frame) {
    return give_up(std::move(frame).error());
  }
  if (const auto* end = std::get_if<StreamEnd>(&*frame)) {
    return give_up({end->code, end->message});
  }
  info = std::get<StreamInfo>(std::move(*frame));
  return {};
}

Result<size_t> AudioStream::Impl::read(std::span<float> pcm) {
  const auto channels = static_cast<size_t>(info.output_channel_count);
  KATIP_ASSERT(pcm.size() >= channels);
  while (pending_begin == pending.size()) {
    if (failure) {
      return std::unexpected(*failure);
    }
    if (ended) {
      return 0;
    }
    auto frame = next_frame();
    if (!frame) {
      return give_up(std::move(frame).error());
    }
    if (const auto* end = std::get_if<StreamEnd>(&*frame)) {
      ended = true;
      if (end->state == EndState::kFailed) {
        return give_up({end->code, end->message});
      }
      if (end->state == EndState::kDamaged) {
        warning = end->message;
      }
    } else {
      // The reader lets one kInfo through, which open() took: this is samples.
      const auto bytes = std::get<PcmBlock>(*frame).bytes;
      pending.resize(bytes.size() / sizeof(float));
      pending_begin = 0;
      copy_samples(bytes, pending);
    }
  }
  const size_t fitting = pcm.size() / channels * channels;
  const size_t count = std::min(fitting, pending.size() - pending_begin);
  std::copy_n(pending.begin() + static_cast<ptrdiff_t>(pending_begin), count, pcm.begin());
  pending_begin += count;
  return count;
}

Result<std::unique_ptr<AudioStream::Impl>> AudioStream::Impl::start(Result<InputFile> input,
                                                                    const std::string& name,
                                                                    const DecodeOptions& options,
                                                                    Extent extent) {
  if (!input) {
    return fail(name, std::move(input).error());
  }
  auto process = KATIP_TRY(take_decoder(options.decoder_path, options.stop));
  auto impl = std::make_unique<Impl>(std::move(process), name, options);
  if (Status opened = impl->open(*input, extent); !opened) {
    return std::unexpected(std::move(opened).error());
  }
  return impl;
}

Result<AudioStream> AudioStream::open(const std::filesystem::path& path,
                                      const DecodeOptions& options) {
  if (Status valid = options.validate(); !valid) {
    return std::unexpected(std::move(valid).error());
  }
  return AudioStream(
      KATIP_TRY(Impl::start(open_input(path, options), shown_name(path), options, Extent::kWhole)));
}

Result<AudioStream> AudioStream::open_fd(int fd, const std::string& name,
                                         const DecodeOptions& options) {
  if (Status valid = options.validate(); !valid) {
    return std::unexpected(std::move(valid).error());
  }
  return AudioStream(
      KATIP_TRY(Impl::start(adopt_input(fd, options), name, options, Extent::kWhole)));
}

Result<MediaInfo> probe(const std::filesystem::path& path, const DecodeOptions& options) {
  if (Status valid = options.validate(); !valid) {
    return std::unexpected(std::move(valid).error());
  }
  const auto impl = KATIP_TRY(AudioStream::Impl::start(open_input(path, options), shown_name(path),
                                                       options, Extent::kFirstFrame));
  return impl->info.media;
}

Status AudioStream::prestart(const DecodeOptions& options) {
  return prestart_nursery(options.decoder_path);
}

AudioStream::AudioStream(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AudioStream::AudioStream(AudioStream&& other) noexcept = default;
AudioStream& AudioStream::operator=(AudioStream&& other) noexcept = default;
AudioStream::~AudioStream() = default;

const MediaInfo& AudioStream::info() const { return impl_->info.media; }
int32_t AudioStream::channel_count() const { return impl_->info.output_channel_count; }
Result<size_t> AudioStream::read(std::span<float> pcm) { return impl_->read(pcm); }
const std::optional<std::string>& AudioStream::warning() const { return impl_->warning; }

}  // namespace katip::audio
