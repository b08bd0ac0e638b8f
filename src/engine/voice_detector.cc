#include "engine/voice_detector.h"

#include "engine/voice/vad.h"

/// Tested by voice/vad_test.cc and app/realtime_test.cc.
namespace katip::engine {
namespace {

static_assert(kVoiceFrameSamples == kVadFrameSamples);

class SileroStream final : public VoiceDetector::Stream {
 public:
  explicit SileroStream(std::shared_ptr<const VadModel> model) : stream_(std::move(model)) {}
  std::vector<float> push(std::span<const float> pcm) override { return stream_.push(pcm); }

 private:
  VadStream stream_;
};

class SileroDetector final : public VoiceDetector {
 public:
  explicit SileroDetector(std::shared_ptr<const VadModel> model) : model_(std::move(model)) {}
  [[nodiscard]] std::unique_ptr<Stream> stream() const override {
    return std::make_unique<SileroStream>(model_);
  }

 private:
  std::shared_ptr<const VadModel> model_;
};

}  // namespace

Result<std::shared_ptr<const VoiceDetector>> VoiceDetector::open(
    const std::filesystem::path& vad_dir) {
  return std::make_shared<const SileroDetector>(KATIP_TRY(load_vad(vad_dir)));
}

}  // namespace katip::engine
