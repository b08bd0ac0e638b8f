#pragma once

#include <memory>

struct AVCodecContext;
struct AVFormatContext;
struct AVFrame;
struct AVIOContext;
struct AVPacket;
struct SwrContext;

/// libav's objects, each freed once.
namespace katip::audio {

struct AvDeleter {
  void operator()(AVCodecContext* object) const;
  void operator()(AVFormatContext* object) const;
  void operator()(AVFrame* object) const;
  void operator()(AVIOContext* object) const;
  void operator()(AVPacket* object) const;
  void operator()(SwrContext* object) const;
};

template <typename T>
using AvPtr = std::unique_ptr<T, AvDeleter>;

}  // namespace katip::audio
