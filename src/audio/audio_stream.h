#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

#include "audio/media_info.h"
#include "base/result.h"

/// Any recording in, 16 kHz samples out, in bounded memory.
///
///   AudioStream audio = KATIP_TRY(AudioStream::open("talk.mp4", {.stop = stop}));
///   std::vector<float> block(16'000);
///   while (const size_t count = KATIP_TRY(audio.read(block))) {
///     use(std::span(block).first(count));
///   }
///   if (audio.warning()) say(*audio.warning());   // "the file breaks off after 12.3 s"
///
/// No byte of a recording is looked at in this process. A child process, `katip-decoder`, reads it
/// with ffmpeg's libraries inside a sandbox (no files, no network, no programs, limits on memory,
/// time and size), and what the child answers is checked like anything else from outside. A file
/// that makes the child crash, hang or break a rule costs one Error.
namespace katip::audio {

/// What becomes of several channels.
enum class Channels {
  kMix,       ///< One channel: two are averaged, 5.1 and the like are mixed down by their layout.
  kSeparate,  ///< Each kept, interleaved: one speaker a channel in telephone recordings.
};

/// Limits and choices of one recording. The defaults suit a whole day of sound.
struct DecodeOptions {
  Channels channels = Channels::kMix;
  int64_t duration_ms_max = 25LL * 3600 * 1000;  ///< Longer sound is kTooLarge. [1 s, 30 days]
  int64_t input_size_max = 64LL << 30;           ///< Bytes; a bigger file or stream is kTooLarge.
  int32_t channel_count_max = 8;                 ///< More source channels are kTooLarge. [1, 8]

  /// The decoder has input and says nothing for so long: kTimeout. [100 ms, 1 h]
  int64_t idle_ms_max = 30'000;
  /// A pipe delivers nothing for so long: kTimeout. [100 ms, 24 h]
  int64_t input_wait_ms_max = 600'000;

  /// A pipe cannot be rewound, which an MP4 with its index at the end needs: such input is kept in
  /// an unnamed temporary file of at most so many bytes, in this folder (empty: the system's).
  int64_t spool_size_max = 16LL << 30;
  std::filesystem::path spool_dir = {};

  /// The program to start; empty: `katip-decoder` beside this program, else in ../libexec/katip/.
  std::filesystem::path decoder_path = {};

  /// Ends open() and read() with kCancelled, within a fifth of a second.
  std::stop_token stop = {};

  /// Errors:  kInvalidArgument, naming the field and what it may be.
  [[nodiscard]] Status validate() const;
};

/// One recording being decoded.
///
/// Threads: one thread. Different streams are independent.
class AudioStream {
 public:
  /// Opens a file (or a named pipe), starts a decoder on it and waits for its first samples.
  ///
  /// Errors:  kNotFound, kPermissionDenied: the file. kInvalidArgument: a folder, an empty file,
  ///          not audio, no audio track, no samples, an index that is missing. kTooLarge: a limit.
  ///          kCorruptData: the decoder died of it. kTimeout. kCancelled. kUnavailable: the decoder
  ///          could not be started. Messages begin with the file's name.
  static Result<AudioStream> open(const std::filesystem::path& path, const DecodeOptions& options);

  /// The same for an open file, pipe or socket, from its current position. `name` is for messages:
  /// "standard input".
  ///
  /// Lifetime: the descriptor is copied; the caller still closes its own.
  static Result<AudioStream> open_fd(int fd, const std::string& name, const DecodeOptions& options);

  /// Starts what the first open() starts: a process that loads ffmpeg's libraries once and from
  /// which every decoder comes. The first open() is then some 25 ms sooner. It is kept until the
  /// program ends; a second call does nothing. Worth calling before a model is loaded.
  ///
  /// Errors:  kUnavailable, as open() would say it.
  /// Threads: safe from any thread.
  static Status prestart(const DecodeOptions& options = {});

  AudioStream(AudioStream&& other) noexcept;
  AudioStream& operator=(AudioStream&& other) noexcept;
  /// Ends the decoder, wherever it is, and waits for its death.
  ~AudioStream();

  [[nodiscard]] const MediaInfo& info() const;

  /// Channels in what read() gives: 1 with kMix, else those of the source.
  [[nodiscard]] int32_t channel_count() const;

  /// Gives the next samples, as many as are there and fit; 0 at the end. Waits for at least one.
  ///
  /// Shapes:  pcm [n], n >= channel_count(); the result is a multiple of channel_count().
  /// Units:   within [-1, 1] and finite, 16 kHz, interleaved.
  /// Errors:  as open(); what was read before stays good. The same error again when called again.
  Result<size_t> read(std::span<float> pcm);

  /// After read() gave 0: what the listener should know about the file, if anything.
  /// "the file breaks off after 12.3 s of the 60.0 s that it announces".
  [[nodiscard]] const std::optional<std::string>& warning() const;

 private:
  friend Result<MediaInfo> probe(const std::filesystem::path& path, const DecodeOptions& options);
  struct Impl;
  explicit AudioStream(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Says what a recording is without decoding more than its first frame.
///
/// Errors:  as AudioStream::open.
Result<MediaInfo> probe(const std::filesystem::path& path, const DecodeOptions& options);

}  // namespace katip::audio
