#include "integration/testing.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

#include <boost/json.hpp>

#include "audio/audio_stream.h"
#include "base/guarded.h"

namespace katip::integration {
namespace {

using engine::Engine;
using engine::PcmReader;
using engine::TranscribeOptions;
using engine::Transcription;

constexpr std::size_t kThreadsMax = 16;
constexpr int kSamplesPerMs = 16;
const std::filesystem::path kModels = KATIP_SOURCE_DIR "/.deps/models";
const std::filesystem::path kLibrivox = "/usr/share/pocketsphinx/test/data/librivox";

/// Holds the engine, and lets it go before the libraries under it are taken down.
class OpenEngine : public testing::Environment {
 public:
  void TearDown() override { engine_.reset(); }

  Engine& base() {
    if (!engine_) {
      auto opened =
          Engine::open({.model_dir = kModels / "base", .vad_dir = kModels / "silero-vad"});
      if (!opened) {
        // Every other test would fail of the same; the message must not drown in them.
        std::fprintf(stderr, "the model cannot be opened: %s\n", opened.error().message.c_str());
        std::abort();
      }
      engine_ = std::move(*opened);
    }
    return *engine_;
  }

 private:
  std::unique_ptr<Engine> engine_;
};

OpenEngine& open_engine() {
  static auto* const environment = static_cast<OpenEngine*>(
      testing::AddGlobalTestEnvironment(std::make_unique<OpenEngine>().release()));
  return *environment;
}

// GoogleTest tears down only what it knew before the first test.
[[maybe_unused]] const OpenEngine& registered = open_engine();

std::string string_or_empty(const boost::json::object& clip, std::string_view key) {
  const boost::json::value* value = clip.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

std::vector<Recording> read_manifest(const std::filesystem::path& folder) {
  std::ifstream file(folder / "manifest.json");
  if (!file) return {};
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::vector<Recording> recordings;
  const boost::json::value manifest = boost::json::parse(text);
  for (const boost::json::value& each : manifest.as_object().at("clips").as_array()) {
    const boost::json::object& clip = each.as_object();
    recordings.push_back({.path = folder / string_or_empty(clip, "file"),
                          .language = string_or_empty(clip, "language"),
                          .group = string_or_empty(clip, "group"),
                          .reference = string_or_empty(clip, "reference"),
                          .variant_of = string_or_empty(clip, "variant_of"),
                          .scored = clip.at("scored").as_bool()});
  }
  return recordings;
}

// A line is "<s> the words </s> (name of the file)".
std::vector<Recording> read_librivox() {
  std::ifstream file(kLibrivox / "transcription");
  std::vector<Recording> recordings;
  for (std::string line; std::getline(file, line);) {
    const std::size_t words = line.find("<s> ");
    const std::size_t end = line.find(" </s>");
    const std::size_t open = line.rfind('(');
    const std::size_t close = line.rfind(')');
    if (words == std::string::npos || end == std::string::npos || open == std::string::npos ||
        close == std::string::npos) {
      continue;
    }
    recordings.push_back({.path = kLibrivox / (line.substr(open + 1, close - open - 1) + ".wav"),
                          .language = "en",
                          .group = "speech",
                          .reference = line.substr(words + 4, end - words - 4),
                          .variant_of = {},
                          .scored = true});
  }
  return recordings;
}

std::vector<float> decode(const std::filesystem::path& path) {
  auto audio = audio::AudioStream::open(path, {.decoder_path = KATIP_DECODER});
  std::vector<float> pcm;
  std::vector<float> block(16'000);
  while (audio) {
    const auto count = audio->read(block);
    if (!count) {
      ADD_FAILURE() << count.error().message;
      return pcm;
    }
    if (*count == 0) return pcm;
    pcm.insert(pcm.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(*count));
  }
  ADD_FAILURE() << audio.error().message;
  return pcm;
}

}  // namespace

const std::vector<Recording>& recordings() {
  static const std::vector<Recording> all = read_manifest(KATIP_RECORDINGS);
  return all;
}

const Recording& recording(std::string_view name) {
  static const Recording none;
  const auto found = std::ranges::find(recordings(), name, &Recording::name);
  if (found != recordings().end()) return *found;
  ADD_FAILURE() << "the manifest has no " << name;
  return none;
}

const std::vector<Recording>& librivox() {
  static const std::vector<Recording> all = read_librivox();
  return all;
}

const std::vector<float>& samples(const std::filesystem::path& path) {
  // An element of a map stays where it is, so a reference outlives the lock.
  static Guarded<std::map<std::filesystem::path, std::vector<float>>> decoded;
  const auto known = decoded.with_lock([&](const auto& all) {
    const auto found = all.find(path);
    return found == all.end() ? nullptr : &found->second;
  });
  if (known != nullptr) return *known;
  std::vector<float> pcm = decode(path);
  return *decoded.with_lock([&](auto& all) {
    return &std::as_const(all.try_emplace(path, std::move(pcm)).first->second);
  });
}

std::vector<float> joined(std::span<const Recording> parts, int pause_ms) {
  std::vector<float> pcm;
  for (const Recording& part : parts) {
    const std::vector<float>& more = samples(part.path);
    pcm.insert(pcm.end(), more.begin(), more.end());
    pcm.resize(pcm.size() + static_cast<std::size_t>(pause_ms * kSamplesPerMs), 0.0f);
  }
  return pcm;
}

PcmReader reader_of(std::span<const float> pcm, std::size_t block_size) {
  return [pcm, block_size](std::span<float> out) mutable -> Result<std::size_t> {
    const std::size_t count = std::min({pcm.size(), block_size, out.size()});
    std::ranges::copy(pcm.first(count), out.begin());
    pcm = pcm.subspan(count);
    return count;
  };
}

std::string text_of(const Transcription& transcription) {
  std::string text;
  for (const engine::Segment& segment : transcription.segments) {
    if (!text.empty()) text += ' ';
    text += segment.text;
  }
  return text;
}

void expect_same(const Transcription& actual, const Transcription& expected) {
  ASSERT_EQ(actual.segments.size(), expected.segments.size()) << text_of(actual);
  for (std::size_t i = 0; i < expected.segments.size(); ++i) {
    const engine::Segment& a = actual.segments[i];
    const engine::Segment& b = expected.segments[i];
    EXPECT_EQ(a.text, b.text);
    EXPECT_EQ(a.tokens, b.tokens);
    EXPECT_EQ(a.start_ms, b.start_ms);
    EXPECT_EQ(a.end_ms, b.end_ms);
    EXPECT_EQ(a.average_log_probability, b.average_log_probability);
    EXPECT_EQ(a.no_speech_probability, b.no_speech_probability);
    ASSERT_EQ(a.words.size(), b.words.size());
    for (std::size_t word = 0; word < b.words.size(); ++word) {
      EXPECT_EQ(a.words[word].text, b.words[word].text);
      EXPECT_EQ(a.words[word].start_ms, b.words[word].start_ms);
      EXPECT_EQ(a.words[word].end_ms, b.words[word].end_ms);
      EXPECT_EQ(a.words[word].probability, b.words[word].probability);
    }
  }
}

void EngineTest::SetUp() {
  for (const char* name : {"base", "silero-vad"}) {
    if (!std::filesystem::exists(kModels / name)) {
      GTEST_SKIP() << "no model " << name << " in .deps/models: run tools/setup";
    }
  }
}

Engine& EngineTest::base() { return open_engine().base(); }

std::filesystem::path EngineTest::model_dir(std::string_view name) { return kModels / name; }

Transcription EngineTest::transcribe(std::span<const float> pcm, const TranscribeOptions& options) {
  return transcribe(base(), pcm, options);
}

Transcription EngineTest::transcribe(Engine& engine, std::span<const float> pcm,
                                     const TranscribeOptions& options) {
  auto done = engine.transcribe(reader_of(pcm), options, {}, std::stop_token());
  if (done) return std::move(*done);
  ADD_FAILURE() << done.error().message;
  return {};
}

std::vector<Transcription> EngineTest::transcribe_together(std::span<const Piece> pieces) {
  std::vector<Transcription> results(pieces.size());
  std::atomic<std::size_t> next = 0;
  Engine& engine = base();
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < std::min(kThreadsMax, pieces.size()); ++i) {
      threads.emplace_back([&] {
        for (std::size_t at = next++; at < pieces.size(); at = next++) {
          results[at] = transcribe(engine, pieces[at].pcm, pieces[at].options);
        }
      });
    }
  }
  return results;
}

}  // namespace katip::integration
