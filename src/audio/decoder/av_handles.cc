#include "audio/decoder/av_handles.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/frame.h>
#include <libswresample/swresample.h>
}

namespace katip::audio {

void AvDeleter::operator()(AVCodecContext* object) const { avcodec_free_context(&object); }
void AvDeleter::operator()(AVFormatContext* object) const { avformat_close_input(&object); }
void AvDeleter::operator()(AVFrame* object) const { av_frame_free(&object); }
void AvDeleter::operator()(AVPacket* object) const { av_packet_free(&object); }
void AvDeleter::operator()(SwrContext* object) const { swr_free(&object); }
void AvDeleter::operator()(AVIOContext* object) const {
  av_freep(&object->buffer);  // libav may have replaced the buffer that it was given
  avio_context_free(&object);
}

}  // namespace katip::audio
