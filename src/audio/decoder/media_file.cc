#include "audio/decoder/media_file.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>
}

#include "audio/decoder/formats.h"
#include "audio/decoder/log_capture.h"
#include "audio/decoder/ogg_tail.h"
#include "audio/protocol/frame.h"

// Probing, demuxing and the choice of the track. libav gets no way to open anything but the one
// input: its protocol list is empty and its open callback refuses. Tested by the programs in
// integration/.
namespace katip::audio {
namespace {

constexpr int kIoBufferSize = 64 * 1024;
constexpr int64_t kProbeSize = 5'000'000;
constexpr int kStreamCountMax = 100;
constexpr int kUnreadableRunMax = 100;
/// Writers that cannot go back (a pipe) leave such a size in a WAV header.
constexpr double kUnknownWavSize = 0x7ffff000 - (1 << 16);

constexpr AVRational kMicroseconds{1, AV_TIME_BASE};

/// One run of samples without time stamps.
constexpr std::string_view kPlainContainers = "wav,w64,aiff,au,caf,voc,sox,nistsphere";

int read_input(void* source, uint8_t* data, int size) {
  return static_cast<InputSource*>(source)->read(data, size);
}

int64_t seek_input(void* source, int64_t offset, int whence) {
  return static_cast<InputSource*>(source)->seek(offset, whence);
}

int refuse_to_open(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) {
  return AVERROR(EPERM);
}

bool is_listed(std::string_view list, std::string_view name) {
  for (size_t begin = 0; begin <= list.size();) {
    const size_t end = std::min(list.find(',', begin), list.size());
    if (list.substr(begin, end - begin) == name) {
      return true;
    }
    begin = end + 1;
  }
  return false;
}

/// True when one of the names of a demuxer ("mov,mp4,m4a") is on the list.
bool any_is_listed(std::string_view list, std::string_view names) {
  for (size_t begin = 0; begin <= names.size();) {
    const size_t end = std::min(names.find(',', begin), names.size());
    if (is_listed(list, names.substr(begin, end - begin))) {
      return true;
    }
    begin = end + 1;
  }
  return false;
}

/// One word for a container: ISO files by their brand, the rest by libav's first name.
std::string container_name(const AVFormatContext& format) {
  const std::string_view names = format.iformat->name;
  if (names.find("mp4") == std::string_view::npos) {
    return std::string(names.substr(0, names.find(',')));
  }
  const AVDictionaryEntry* brand = av_dict_get(format.metadata, "major_brand", nullptr, 0);
  const std::string_view value = brand != nullptr ? brand->value : "";
  return value.starts_with("qt")    ? "mov"
         : value.starts_with("M4A") ? "m4a"
         : value.starts_with("3gp") ? "3gp"
                                    : "mp4";
}

std::optional<int64_t> to_ms(int64_t duration, AVRational base) {
  if (duration <= 0 || duration == AV_NOPTS_VALUE || base.num <= 0 || base.den <= 0) {
    return std::nullopt;
  }
  const int64_t ms = av_rescale_q(duration, base, {1, 1000});
  return ms > 0 ? std::optional(ms) : std::nullopt;
}

}  // namespace

Result<MediaFile> MediaFile::open(InputSource& input) {
  MediaFile file(input);
  if (Status status = file.open_container(); !status) {
    return std::unexpected(std::move(status).error());
  }
  if (Status status = file.find_track(); !status) {
    return std::unexpected(std::move(status).error());
  }
  if (Status status = file.open_decoder(); !status) {
    return std::unexpected(std::move(status).error());
  }
  return file;
}

Error MediaFile::describe_failure(int error) const {
  if (input_->failure()) {
    return *input_->failure();
  }
  if (error == AVERROR(ENOMEM)) {
    return {ErrorCode::kTooLarge,
            "decoding needs more memory than is allowed; the file is "
            "damaged or made to be big"};
  }
  if (input_->size() == 0) {
    return {ErrorCode::kInvalidArgument,
            "the input is empty (0 bytes); did the program that should write it fail?"};
  }
  const std::string& said = last_log_error();
  if (said.find("moov atom not found") != std::string::npos) {
    return {ErrorCode::kInvalidArgument,
            "the index (moov atom) is missing: the recording was not finished or the file is cut "
            "off; copy it again from its source"};
  }
  std::string message = "this is not audio or video that can be read, or its beginning is damaged";
  if (!said.empty()) {
    message += " (" + said + ")";
  }
  return {ErrorCode::kInvalidArgument, message};
}

Status MediaFile::open_container() {
  format_.reset(avformat_alloc_context());
  auto* buffer = static_cast<uint8_t*>(av_malloc(kIoBufferSize));
  io_.reset(avio_alloc_context(buffer, kIoBufferSize, 0, input_, read_input, nullptr, seek_input));
  if (!format_ || !io_) {
    return std::unexpected(describe_failure(AVERROR(ENOMEM)));
  }
  io_->seekable = input_->is_seekable() ? AVIO_SEEKABLE_NORMAL : 0;
  const AVInputFormat* kind = nullptr;
  if (const int error = av_probe_input_buffer2(io_.get(), &kind, "", nullptr, 0, 0); error < 0) {
    return std::unexpected(describe_failure(error));
  }
  if (!any_is_listed(kDemuxers, kind->name)) {
    return fail(ErrorCode::kInvalidArgument,
                "this is not a recording but something that looks like '" +
                    printable(kind->name, kNameSizeMax) + "'");
  }
  if (any_is_listed(kStreamable, kind->name)) {
    input_->stop_spooling();
    io_->seekable = input_->is_seekable() ? AVIO_SEEKABLE_NORMAL : 0;
  } else if (!input_->is_seekable()) {
    return fail(ErrorCode::kUnavailable,
                "this container must be kept in a temporary file when it comes through a pipe, and "
                "none could be made; give the file by its name instead");
  }
  if (std::string_view(kind->name) == "mp3") {
    input_->answer_unknown_size_with_zero();
  }
  AVFormatContext* format = format_.release();  // freed by libav when it cannot be opened
  format->pb = io_.get();
  format->io_open = refuse_to_open;
  format->protocol_whitelist = av_strdup("none");
  format->format_whitelist = av_strdup(kDemuxers);
  format->codec_whitelist = av_strdup(kDecoders);
  format->probesize = kProbeSize;
  format->max_streams = kStreamCountMax;
  const int error = avformat_open_input(&format, "", kind, nullptr);
  format_.reset(format);
  if (error < 0) {
    return std::unexpected(describe_failure(error));
  }
  container_ = container_name(*format_);
  return {};
}

namespace {

/// True when the headers say all that is needed; else libav must read and decode some of the file.
/// A stream is not kept waiting for its length, which only its end can tell.
bool is_described(const AVFormatContext& format, InputKind kind) {
  bool has_audio = false;
  for (unsigned i = 0; i < format.nb_streams; ++i) {
    const AVStream& stream = *format.streams[i];
    const AVCodecParameters& codec = *stream.codecpar;
    if (codec.codec_type != AVMEDIA_TYPE_AUDIO) {
      continue;
    }
    has_audio = true;
    if (codec.codec_id == AV_CODEC_ID_NONE || codec.sample_rate <= 0 ||
        codec.ch_layout.nb_channels <= 0) {
      return false;
    }
    if (kind == InputKind::kFile && stream.duration <= 0 && format.duration <= 0) {
      return false;
    }
  }
  return has_audio && (format.ctx_flags & AVFMTCTX_NOHEADER) == 0;
}

void keep_only(AVFormatContext& format, AVMediaType type, int index) {
  for (unsigned i = 0; i < format.nb_streams; ++i) {
    AVStream& stream = *format.streams[i];
    const bool kept =
        index < 0 ? stream.codecpar->codec_type == type : static_cast<unsigned>(index) == i;
    stream.discard = kept ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
  }
}

}  // namespace

Status MediaFile::find_track() {
  // Before libav adds its estimates to them.
  std::vector<std::optional<int64_t>> header_ms;
  for (unsigned i = 0; i < format_->nb_streams; ++i) {
    header_ms.push_back(to_ms(format_->streams[i]->duration, format_->streams[i]->time_base));
  }
  const auto header_file_ms = to_ms(format_->duration, kMicroseconds);
  if (!is_described(*format_, input_->kind())) {
    keep_only(*format_, AVMEDIA_TYPE_AUDIO, -1);
    if (const int error = avformat_find_stream_info(format_.get(), nullptr); error < 0) {
      return std::unexpected(describe_failure(error));
    }
  }
  for (unsigned i = 0; i < format_->nb_streams; ++i) {
    const AVStream& stream = *format_->streams[i];
    const bool is_picture = (stream.disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
    has_video_ |= stream.codecpar->codec_type == AVMEDIA_TYPE_VIDEO && !is_picture;
  }
  track_ = av_find_best_stream(format_.get(), AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0);
  if (input_->failure()) {
    return std::unexpected(*input_->failure());
  }
  if (track_ < 0) {
    return fail(ErrorCode::kInvalidArgument, has_video_ ? "there is no audio track in this video"
                                                        : "there is no audio track in this file");
  }
  keep_only(*format_, AVMEDIA_TYPE_AUDIO, track_);
  const auto index = static_cast<size_t>(track_);
  announced_ms_ = index < header_ms.size() ? header_ms[index] : std::nullopt;
  if (!announced_ms_ && !has_video_) {
    announced_ms_ = header_file_ms;
  }
  find_expected_duration();
  return {};
}

void MediaFile::find_expected_duration() {
  const AVStream& stream = *format_->streams[track_];
  const auto of_track = to_ms(stream.duration, stream.time_base);
  expected_ms_ = announced_ms_ ? announced_ms_
                 : of_track    ? of_track
                               : to_ms(format_->duration, kMicroseconds);
  const AVCodecParameters& codec = *stream.codecpar;
  // Plain PCM: the size says how much there is, whatever the header says.
  const double bytes_per_ms = av_get_exact_bits_per_sample(codec.codec_id) / 8000.0 *
                              codec.ch_layout.nb_channels * codec.sample_rate;
  if (bytes_per_ms <= 0 || !expected_ms_ || !is_listed(kPlainContainers, container_)) {
    return;
  }
  if (container_ == "wav" && static_cast<double>(*expected_ms_) * bytes_per_ms >= kUnknownWavSize) {
    announced_ms_.reset();
    expected_ms_.reset();
  }
  if (input_->size() >= 0) {
    const auto possible_ms =
        static_cast<int64_t>(static_cast<double>(input_->size()) / bytes_per_ms);
    expected_ms_ = std::min(expected_ms_.value_or(possible_ms), possible_ms);
  }
}

Status MediaFile::open_decoder() {
  const AVStream& stream = *format_->streams[track_];
  const AVCodec* codec = avcodec_find_decoder(stream.codecpar->codec_id);
  const std::string name =
      codec != nullptr ? codec->name : avcodec_get_name(stream.codecpar->codec_id);
  if (codec == nullptr || !is_listed(kDecoders, name)) {
    return fail(ErrorCode::kInvalidArgument,
                "the audio track uses the codec '" + printable(name, kNameSizeMax) +
                    "', which is not supported; convert the file to FLAC, MP3 or WAV");
  }
  codec_ = avcodec_get_name(codec->id);
  decoder_.reset(avcodec_alloc_context3(codec));
  if (!decoder_) {
    return std::unexpected(describe_failure(AVERROR(ENOMEM)));
  }
  int error = avcodec_parameters_to_context(decoder_.get(), stream.codecpar);
  if (error >= 0) {
    decoder_->pkt_timebase = stream.time_base;
    decoder_->thread_count = 1;
    decoder_->max_samples = int64_t{1} << 23;
    decoder_->err_recognition = AV_EF_CRCCHECK;
    if (codec->id == AV_CODEC_ID_FLAC) {
      decoder_->err_recognition |= AV_EF_EXPLODE;  // a wrong checksum is noise, not sound
    }
    error = avcodec_open2(decoder_.get(), codec, nullptr);
  }
  return error < 0 ? std::unexpected(describe_failure(error)) : Status{};
}

Result<bool> MediaFile::next_packet(AVPacket& packet) {
  while (true) {
    av_packet_unref(&packet);
    const int error = av_read_frame(format_.get(), &packet);
    if (input_->failure()) {
      return std::unexpected(*input_->failure());
    }
    if (error == AVERROR(ENOMEM)) {
      return std::unexpected(describe_failure(error));
    }
    if (error >= 0 && packet.stream_index == track_) {
      unreadable_run_ = 0;
      // A packet that is shorter than announced; at the end of the input it is the one that is cut.
      unreadable_count_ += is_cut_packet_ ? 1 : 0;
      is_cut_packet_ = (packet.flags & AV_PKT_FLAG_CORRUPT) != 0;
      return true;
    }
    if (error >= 0 || error == AVERROR(EAGAIN)) {
      continue;
    }
    if (error == AVERROR_EOF) {
      ended_early_ = is_cut_packet_;
      return false;
    }
    ++unreadable_count_;
    if (++unreadable_run_ > kUnreadableRunMax || io_->eof_reached != 0) {
      ended_early_ = true;
      return false;
    }
  }
}

bool MediaFile::breaks_off() const {
  return ended_early_ || log_tells_of_early_end() ||
         (container_ == "ogg" && lacks_last_ogg_page(*input_));
}

std::optional<int64_t> MediaFile::origin_us() const {
  if (!has_video_) {
    return std::nullopt;
  }
  return format_->start_time == AV_NOPTS_VALUE ? 0 : format_->start_time;
}

std::optional<int64_t> MediaFile::stamp_us(int64_t stamp) const {
  if (stamp == AV_NOPTS_VALUE) {
    return std::nullopt;
  }
  return av_rescale_q(stamp, format_->streams[track_]->time_base, kMicroseconds);
}

}  // namespace katip::audio
