#include "app/remote_transcriber.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/remote_engine/parts.h"
#include "app/remote_engine/remote_pass.h"
#include "base/atomic_file.h"
#include "base/testing/temporary_folder.h"

namespace katip::app {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::size_t kSecond = 16'000;

/// So many seconds of a tone, with a pause of half a second at the end of each `period`.
std::vector<float> sound(std::size_t seconds, double period_s = 4) {
  std::vector<float> pcm(seconds * kSecond);
  for (std::size_t i = 0; i < pcm.size(); ++i) {
    const double t = static_cast<double>(i) / kSecond;
    const bool is_pause = std::fmod(t, period_s) > period_s - 0.5;
    pcm[i] = is_pause ? 0.0f : 0.3f * static_cast<float>(std::sin(t * 2764));
  }
  return pcm;
}

engine::PcmReader reader(const std::vector<float>& pcm, std::size_t at = 0) {
  return [&pcm, at](std::span<float> out) mutable -> Result<std::size_t> {
    const std::size_t count = std::min({out.size(), pcm.size() - at, std::size_t{7'001}});
    std::copy_n(pcm.begin() + static_cast<std::ptrdiff_t>(at), count, out.begin());
    at += count;
    return count;
  };
}

/// Answers each part with its number, from a quarter second after its beginning on.
class FakeProvider {
 public:
  AskProvider ask() {
    return [this](const remote::ProviderRequest& request,
                  std::stop_token) -> Result<remote::ProviderTranscript> {
      if (std::ssize(requests) == fails_at) return fail(ErrorCode::kUnavailable, "away");
      requests.push_back(request);
      const std::string bytes = *read_whole_file(request.file, 100u << 20);
      EXPECT_EQ(bytes.substr(0, 4), "RIFF");
      const double seconds = static_cast<double>(bytes.size() - 44) / 32'000;
      sizes_s.push_back(seconds);
      const std::string number = std::to_string(requests.size());
      return remote::ProviderTranscript{
          .language = "turkish",
          .text = "part " + number,
          .segments = {{.start_s = 0.25, .end_s = seconds + 5, .text = " part " + number + " "}},
          .words = {{.start_s = 0.25, .end_s = 0.5, .text = "part"},
                    {.start_s = 0.5, .end_s = 0.75, .text = number}}};
    };
  }
  std::vector<remote::ProviderRequest> requests;
  std::vector<double> sizes_s;
  std::ptrdiff_t fails_at = -1;
};

class RemotePassTest : public testing::Test {
 protected:
  Transcribed run(const std::vector<float>& pcm, const TranscribeRequest& request = {}) {
    const TranscribeObserver observer{
        .on_segment = [](const text::Segment&) {},
        .on_window = [this](int, const engine::WindowDone& done) { windows.push_back(done); },
        .on_progress = [this](const Progress& progress) { done_ms.push_back(progress.done_ms); }};
    return transcribe_parts(
        reader(pcm), std::nullopt, request, observer,
        {.ask = provider.ask(), .part_size_max = 10 * kSecond, .temporary_dir = folder.path()},
        stop.get_token());
  }

  FakeProvider provider;
  TemporaryFolder folder;
  std::stop_source stop;
  std::vector<engine::WindowDone> windows;
  std::vector<std::int64_t> done_ms;
};

TEST_F(RemotePassTest, PartsAreCutInPausesAndTheirTimesPutTogether) {
  const Transcribed done = run(sound(25));
  ASSERT_FALSE(done.error) << done.error->message;
  // Pauses end at 4 s, 8 s, 12 s …; a part has 10 s at most.
  ASSERT_EQ(provider.sizes_s.size(), 3U);
  EXPECT_NEAR(provider.sizes_s[0], 7.75, 0.2);
  EXPECT_NEAR(provider.sizes_s[0] + provider.sizes_s[1], 15.75, 0.3);
  ASSERT_EQ(done.transcript.segments.size(), 3U);
  const auto& second = done.transcript.segments[1];
  const auto cut_ms = std::llround(provider.sizes_s[0] * 1000);
  EXPECT_EQ(second.start_ms, cut_ms + 250);
  EXPECT_EQ(second.end_ms, std::llround((provider.sizes_s[0] + provider.sizes_s[1]) * 1000));
  EXPECT_EQ(second.text, "part 2");
  ASSERT_EQ(second.words.size(), 2U);
  EXPECT_EQ(second.words[1].text, " 2");
  EXPECT_EQ(second.words[1].start_ms, cut_ms + 500);
  EXPECT_EQ(done.transcript.language, "tr");
  EXPECT_EQ(done.transcript.duration_ms, 25'000);
  EXPECT_EQ(done_ms.back(), 25'000);
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST_F(RemotePassTest, AnAttemptGoesOnBehindThePartsThatWereAnswered) {
  const std::vector<float> pcm = sound(45);
  provider.fails_at = 2;
  const Transcribed broken = run(pcm);
  EXPECT_EQ(broken.error->code, ErrorCode::kUnavailable);
  EXPECT_EQ(broken.transcript.segments.size(), 2U);
  ASSERT_EQ(windows.size(), 2U);
  provider.fails_at = -1;
  const std::vector<engine::WindowDone> finished = windows;
  const Transcribed rest = run(pcm, {.source = {}, .finished = {finished}});
  ASSERT_FALSE(rest.error) << rest.error->message;
  FakeProvider whole_provider;
  std::swap(provider, whole_provider);
  const Transcribed whole = run(pcm);
  EXPECT_EQ(whole_provider.requests.size(), provider.requests.size());
  ASSERT_EQ(rest.transcript.segments.size(), whole.transcript.segments.size());
  for (std::size_t i = 0; i < whole.transcript.segments.size(); ++i) {
    EXPECT_EQ(rest.transcript.segments[i].start_ms, whole.transcript.segments[i].start_ms);
    EXPECT_EQ(rest.transcript.segments[i].text, whole.transcript.segments[i].text);
  }
  EXPECT_EQ(run(sound(3), {.source = {}, .finished = {finished}}).error->code,
            ErrorCode::kConflict);
}

TEST_F(RemotePassTest, AllIsDoneWhenTheLastPartIs) {
  const std::vector<float> pcm = sound(5);
  run(pcm);
  const std::vector<engine::WindowDone> finished = windows;
  const Transcribed again = run(pcm, {.source = {}, .finished = {finished}});
  EXPECT_FALSE(again.error);
  EXPECT_EQ(provider.requests.size(), 1U);
  EXPECT_EQ(again.transcript.segments.size(), 1U);
}

TEST_F(RemotePassTest, SilenceIsNotSentAndNothingIsNothing) {
  EXPECT_EQ(run(std::vector<float>(30 * kSecond)).transcript.segments.size(), 0U);
  EXPECT_EQ(run({}).transcript.duration_ms, 0);
  EXPECT_TRUE(provider.requests.empty());
}

TEST_F(RemotePassTest, OptionsGoWhereTheProviderKnowsThem) {
  TranscribeRequest request;
  request.options.language = "tr";
  request.options.task = engine::Task::kTranslate;
  request.options.word_times = engine::WordTimes::kOn;
  request.options.temperatures = {0.5f};
  request.options.initial_prompt = "Toplantı.";
  request.options.condition_on_previous_text = true;
  request.options.lexicon = {{.term = "Ayşe Yılmaz"}, {.term = "Katip"}};
  const Transcribed done = run(sound(15), request);
  ASSERT_EQ(provider.requests.size(), 2U);
  const remote::ProviderRequest& first = provider.requests[0];
  EXPECT_EQ(first.language, "tr");
  EXPECT_TRUE(first.translates);
  EXPECT_TRUE(first.wants_words);
  EXPECT_EQ(first.temperature, 0.5f);
  EXPECT_EQ(first.prompt, "Ayşe Yılmaz, Katip. Toplantı.");
  EXPECT_THAT(provider.requests[1].prompt, HasSubstr("part 1"));
  EXPECT_EQ(done.transcript.language_probability, 1.0f);
}

TEST_F(RemotePassTest, StopsBetweenTwoParts) {
  stop.request_stop();
  EXPECT_EQ(run(sound(15)).error->code, ErrorCode::kCancelled);
}

TEST(RemoteParts, TheCutIsWithinTheLastQuarter) {
  for (std::size_t seconds : {std::size_t{11}, std::size_t{20}, std::size_t{60}}) {
    const std::vector<float> pcm = sound(seconds, 100);
    const std::size_t cut = cut_point(pcm, 10 * kSecond);
    EXPECT_GE(cut, 10 * kSecond * 3 / 4);
    EXPECT_LE(cut, 10 * kSecond);
    EXPECT_EQ(cut % 16, 0U);
  }
  EXPECT_EQ(cut_point(sound(3), 10 * kSecond), 3 * kSecond);
}

TEST(RemoteParts, AShortSoundGetsSilenceBehindIt) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "a.wav";
  ASSERT_TRUE(write_wav(file, std::vector<float>{2.0f, -2.0f}));
  const std::string bytes = *read_whole_file(file, 1 << 20);
  EXPECT_EQ(bytes.size(), 44U + 6'400);
  EXPECT_EQ(bytes.substr(44, 2), std::string("\xff\x7f"));
}

TEST(RemoteModel, HasAPrefix) {
  EXPECT_EQ(remote_model("remote:whisper-1"), "whisper-1");
  EXPECT_EQ(remote_model("remote:"), std::nullopt);
  EXPECT_EQ(remote_model("base"), std::nullopt);
}

}  // namespace
}  // namespace katip::app
