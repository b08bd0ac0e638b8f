// How far a setting is from the exact model, without the luck of words: along the reference text of
// each recording, the divergence of its next-token probabilities from those in float32 with a full
// window of 30 s, and what it makes of the reference itself.
//
//   build/release/bench/divergence build/bench/clips.json      (bench/make_long makes the file)
//
// nll: -log of the probability of the reference, a token. KL: nats a token; 0 is the same model.
// top: tokens where another one is the most probable.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "audio/audio_stream.h"
#include "engine/features/mel.h"
#include "engine/graph/decoder.h"
#include "engine/graph/encoder.h"
#include "engine/graph/runtime.h"

namespace katip::engine {
namespace {

constexpr std::size_t kSampleRate = 16000;
constexpr std::size_t kWindowSamples = 30 * kSampleRate;
constexpr std::size_t kSamplesPerFrame = 160;

struct Clip {
  std::vector<float> pcm;
  std::string language;
  std::string reference;
};

struct Setting {
  const char* name;
  Precision precision;
  std::size_t padding_seconds;
};

constexpr Setting kSettings[] = {
    {"float32, 30 s", Precision::kFloat32, 30}, {"float32, 15 s", Precision::kFloat32, 15},
    {"float32, 10 s", Precision::kFloat32, 10}, {"float32, 8 s", Precision::kFloat32, 8},
    {"float32, 5 s", Precision::kFloat32, 5},   {"float32, 2 s", Precision::kFloat32, 2},
    {"float32, none", Precision::kFloat32, 0},  {"int8, 30 s", Precision::kInt8, 30},
    {"int8, 10 s", Precision::kInt8, 10},
};

Result<std::vector<float>> read_pcm(const std::filesystem::path& path) {
  audio::AudioStream stream =
      KATIP_TRY(audio::AudioStream::open(path, {.decoder_path = KATIP_DECODER}));
  std::vector<float> pcm;
  std::vector<float> block(kSampleRate);
  while (const std::size_t count = KATIP_TRY(stream.read(block))) {
    pcm.insert(pcm.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(count));
  }
  return pcm;
}

// Those that fit into one window.
Result<std::vector<Clip>> read_clips(const std::filesystem::path& list) {
  std::ifstream file(list);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::vector<Clip> clips;
  boost::system::error_code error;
  const boost::json::value parsed = boost::json::parse(text, error);
  if (error || !parsed.is_array()) {
    return fail(ErrorCode::kInvalidArgument, list.string() + " is not what bench/make_long writes");
  }
  const auto text_of = [](const boost::json::value& entry, const char* key) {
    const boost::json::object* const object = entry.if_object();
    const boost::json::value* const found = object == nullptr ? nullptr : object->if_contains(key);
    return found != nullptr && found->is_string() ? std::string(found->get_string())
                                                  : std::string();
  };
  for (const boost::json::value& entry : parsed.get_array()) {
    const std::string name = text_of(entry, "file");
    Clip clip{.pcm = KATIP_TRY(read_pcm(list.parent_path() / name)),
              .language = text_of(entry, "language"),
              .reference = text_of(entry, "reference")};
    if (clip.pcm.size() <= kWindowSamples) clips.push_back(std::move(clip));
  }
  return clips;
}

/// A model in one precision.
class Model {
 public:
  static Result<Model> open(Precision precision) {
    Model model(KATIP_TRY(ModelFiles::open(KATIP_SOURCE_DIR "/.deps/models/base")));
    model.encoder_ = KATIP_TRY(Encoder::create(model.runtime_, *model.files_, precision));
    model.decoder_ = KATIP_TRY(Decoder::create(model.runtime_, *model.files_, precision));
    return model;
  }

  /// Log probabilities of what follows each token of the text, and the token that does follow.
  Result<std::vector<float>> follow(const Clip& clip, std::size_t padding,
                                    std::vector<int>& following) {
    const std::size_t frames = std::min(clip.pcm.size() + padding * kSampleRate, kWindowSamples) /
                               kSamplesPerFrame / 2 * 2;
    const std::span<const float> pcm =
        std::span(clip.pcm).first(std::min(clip.pcm.size(), frames * kSamplesPerFrame));
    const Mel mel = KATIP_TRY(mel_.compute(pcm, static_cast<int>(frames)));
    const auto window = KATIP_TRY(encoder_->encode(mel));
    const SpecialTokens& special = files_->tokenizer->special();
    std::vector<int> tokens = {special.start_of_transcript,
                               files_->tokenizer->language_token(clip.language).value(),
                               special.transcribe, special.no_timestamps};
    const std::size_t first = tokens.size() - 1;
    std::ranges::copy(files_->tokenizer->encode(" " + clip.reference), std::back_inserter(tokens));
    TokenCache cache(files_->config, decoder_->element_size());
    std::vector<std::byte*> past;
    for (std::size_t at = 0; at < tokens.size(); ++at) past.push_back(cache.add());
    std::vector<DecoderRow> rows;
    std::vector<int> wanted;
    for (std::size_t at = 0; at < tokens.size(); ++at) {
      rows.push_back({.token = tokens[at],
                      .position = static_cast<int>(at),
                      .window = window.get(),
                      .past = std::span(past).first(at + 1),
                      .alignment = nullptr});
      if (at >= first) wanted.push_back(static_cast<int>(at));
    }
    const std::span<float> logits = KATIP_TRY(decoder_->step(rows, wanted));
    following.assign(tokens.begin() + static_cast<std::ptrdiff_t>(first) + 1, tokens.end());
    following.push_back(special.end_of_text);
    return log_probabilities(logits, wanted.size());
  }

 private:
  explicit Model(ModelFiles files)
      : files_(std::make_unique<ModelFiles>(std::move(files))), mel_(files_->config.mel_count) {}

  static std::vector<float> log_probabilities(std::span<const float> logits, std::size_t count) {
    std::vector<float> result(logits.begin(), logits.end());
    const std::size_t size = logits.size() / count;
    for (std::size_t row = 0; row < count; ++row) {
      const std::span<float> of_row = std::span(result).subspan(row * size, size);
      const float peak = *std::ranges::max_element(of_row);
      double sum = 0.0;
      for (const float logit : of_row) sum += std::exp(static_cast<double>(logit - peak));
      const float log_sum = peak + static_cast<float>(std::log(sum));
      for (float& logit : of_row) logit -= log_sum;
    }
    return result;
  }

  Runtime runtime_{0};
  std::unique_ptr<ModelFiles> files_;  // the halves of the model refer to it
  MelExtractor mel_;
  std::unique_ptr<Encoder> encoder_;
  std::unique_ptr<Decoder> decoder_;
};

/// Sums over tokens.
struct Divergence {
  std::size_t token_count = 0;
  std::size_t other_top_count = 0;
  double nll = 0.0;
  double kl = 0.0;

  void add(std::span<const float> exact, std::span<const float> got, int next) {
    for (std::size_t i = 0; i < exact.size(); ++i) {
      kl += std::exp(static_cast<double>(exact[i])) * static_cast<double>(exact[i] - got[i]);
    }
    const auto top = [](std::span<const float> row) {
      return std::ranges::max_element(row) - row.begin();
    };
    if (top(exact) != top(got)) ++other_top_count;
    nll -= got[static_cast<std::size_t>(next)];
    ++token_count;
  }
};

Status compare(const std::filesystem::path& list) {
  const std::vector<Clip> clips = KATIP_TRY(read_clips(list));
  Model exact_model = KATIP_TRY(Model::open(Precision::kFloat32));
  Model int8_model = KATIP_TRY(Model::open(Precision::kInt8));
  std::vector<std::vector<float>> exact;
  std::vector<int> following;
  for (const Clip& clip : clips) {
    exact.push_back(KATIP_TRY(exact_model.follow(clip, 30, following)));
  }
  std::printf("%-16s %10s %10s %8s   (%zu recordings)\n", "setting, silence", "nll", "KL", "top %",
              clips.size());
  for (const Setting& setting : kSettings) {
    Divergence sum;
    Model& model = setting.precision == Precision::kInt8 ? int8_model : exact_model;
    for (std::size_t at = 0; at < clips.size(); ++at) {
      const std::vector<float> got =
          KATIP_TRY(model.follow(clips[at], setting.padding_seconds, following));
      const std::size_t size = got.size() / following.size();
      for (std::size_t row = 0; row < following.size(); ++row) {
        sum.add(std::span(exact[at]).subspan(row * size, size),
                std::span(got).subspan(row * size, size), following[row]);
      }
    }
    const auto tokens = static_cast<double>(sum.token_count);
    std::printf("%-16s %10.4f %10.5f %8.2f\n", setting.name, sum.nll / tokens, sum.kl / tokens,
                100.0 * static_cast<double>(sum.other_top_count) / tokens);
  }
  return {};
}

}  // namespace
}  // namespace katip::engine

int main(int argc, char** argv) {
  if (argc != 2 || argv[1][0] == '-') {
    const bool is_asked = argc == 2 && std::string_view(argv[1]) == "--help";
    std::fprintf(is_asked ? stdout : stderr,
                 "usage: divergence build/bench/clips.json  (bench/make_long makes it)\n");
    return is_asked ? 0 : 2;
  }
  const katip::Status status = katip::engine::compare(argv[1]);
  if (!status) std::fprintf(stderr, "divergence: %s\n", status.error().message.c_str());
  return status ? 0 : 1;
}
