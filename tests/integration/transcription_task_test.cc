#include "app/transcription_task.h"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/transcribe.h"
#include "base/testing/temporary_folder.h"
#include "integration/testing.h"
#include "jobs/testing/queue_fixture.h"
#include "jobs/testing/test_signal.h"
#include "jobs/worker.h"
#include "store/task_store.h"
#include "store/worker_store.h"
#include "text/writers.h"

namespace katip::integration {
namespace {

namespace fs = std::filesystem;
using jobs::must;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using ::testing::HasSubstr;

/// What a worker that is about to be killed has: it saves some windows, and then nothing more.
class DyingLease final : public jobs::TaskLease {
 public:
  DyingLease(jobs::Queue& queue, store::TaskKey key, int window_count, std::stop_source& stop)
      : queue_(queue), key_(std::move(key)), window_count_(window_count), stop_(stop) {}

  Status report_progress(double) override { return {}; }
  Status save_checkpoint(const store::Checkpoint& checkpoint) override {
    if (window_count_ == 0) return fail(ErrorCode::kUnavailable, "dead");
    bool is_ours = false;
    KATIP_TRY(queue_.with_store(
        [&](store::TaskStore& tasks) -> Status {
          is_ours = KATIP_TRY(tasks.save_checkpoint(key_, checkpoint, queue_.now()));
          return {};
        },
        {}));
    if (--window_count_ == 0) stop_.request_stop();
    return is_ours ? Status{} : fail(ErrorCode::kConflict, "lost");
  }
  Result<std::vector<store::Checkpoint>> checkpoints() override {
    std::vector<store::Checkpoint> found;
    KATIP_TRY(queue_.with_store(
        [&](store::TaskStore& tasks) -> Status {
          found = KATIP_TRY(tasks.checkpoints(key_.id));
          return {};
        },
        {}));
    return found;
  }

 private:
  jobs::Queue& queue_;
  store::TaskKey key_;
  int window_count_;
  std::stop_source& stop_;
};

void save_wav(const fs::path& path, std::span<const float> pcm, std::uint32_t channel_count = 1) {
  std::string data(44, '\0');
  const auto put = [&data](std::size_t at, std::uint32_t number, std::size_t size) {
    std::memcpy(data.data() + at, &number, size);  // Little-endian, as WAV is.
  };
  const auto size = static_cast<std::uint32_t>(pcm.size() * 2);
  data.replace(0, 4, "RIFF");
  put(4, 36 + size, 4);
  data.replace(8, 8, "WAVEfmt ");
  put(16, 16, 4);
  put(20, 1, 2);
  put(22, channel_count, 2);
  put(24, 16'000, 4);
  put(28, 32'000 * channel_count, 4);
  put(32, 2 * channel_count, 2);
  put(34, 16, 2);
  data.replace(36, 4, "data");
  put(40, size, 4);
  for (const float sample : pcm) {
    const auto number = static_cast<std::int16_t>(std::clamp(sample, -1.0f, 1.0f) * 32'767.0f);
    data.append(std::bit_cast<std::array<char, 2>>(number).data(), 2);
  }
  std::ofstream(path, std::ios::binary) << data;
}

/// The real queue, worker, decoder and engine.
class TranscriptionTask : public EngineTest, public testing::WithParamInterface<store::Dialect> {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    if (IsSkipped()) return;
    KATIP_NEEDS_LIBRIVOX();
    auto database = jobs::QueueDatabase::create(GetParam());
    if (!database && database.error().code == ErrorCode::kNotFound) {
      GTEST_SKIP() << database.error().message;
    }
    database_ = must(std::move(database));
    must(sql()->execute("create table results (job_id text primary key, json text not null)"));
    jobs::QueueOptions options;
    options.retry = {.backoff_first = 1ms, .backoff_max = 2ms};
    queue_ = std::make_unique<jobs::Queue>(*database_.pool, system_clock(), rng_, options);
  }

  store::PooledConnection sql() { return must(database_.pool->acquire({})); }

  app::TranscriptionTools tools(engine::Engine& engine) {
    const auto watched = [this, inner = app::transcribe_with(engine)](
                             const app::TranscribeRequest& request,
                             const app::TranscribeObserver& observer, const std::stop_token& stop) {
      app::TranscribeObserver told = observer;
      told.on_window = [&](int channel, const engine::WindowDone& window) {
        observer.on_window(channel, window);
        window_done_.raise();
      };
      return inner(request, told, stop);
    };
    return {.use_model = [watched](std::string_view) -> Result<app::ModelUse> {
              return app::ModelUse{.name = "base", .made_by = "katip", .transcribe = watched};
            },
            .shelf = data_.path(),
            .decode = decode_,
            .complete = [](store::Connection& connection, const app::Finished& done) -> Status {
              KATIP_TRY(connection.query("insert into results (job_id, json) values ($1, $2)",
                                         {done.args.job_id, done.transcript_json}));
              return {};
            }};
  }

  std::string enqueue(const app::TranscriptionArgs& args) {
    return must(queue_->enqueue({.kind = app::kTranscriptionKind,
                                 .args = app::to_json(args),
                                 .attempt_count_max = 5},
                                {}))
        .id;
  }

  /// A worker with the engine that all tests share, until so many tasks have ended.
  void work(int task_count) {
    start_worker();
    EXPECT_TRUE(ended_->wait(task_count));
    worker_ = {};
  }
  void start_worker() {
    ended_ = std::make_unique<jobs::TestSignal>(120s);
    worker_ = std::jthread([this](const std::stop_token& stop) {
      jobs::Handlers handlers;
      handlers[app::kTranscriptionKind] = {.run = app::transcription_handler(tools(base()))};
      jobs::WorkerOptions options;
      options.worker_kind = "engine";
      options.slots = {.slot_count_max = 8, .slot_count_min = 8};
      options.cancel_interval = 50ms;
      jobs::WorkerObserver observer;
      observer.on_ended = [this](const auto&, auto, bool) { ended_->raise(); };
      EXPECT_TRUE(jobs::Worker(*queue_, handlers, options, observer).run(stop));
    });
  }

  /// A worker with an engine of its own that saves so many windows and is then killed.
  void work_and_be_killed(int window_count) {
    const std::string worker_id = queue_->new_id();
    must(store::WorkerStore(*sql()).insert({.id = worker_id,
                                            .name = "test",
                                            .host = "here",
                                            .pid = 1,
                                            .worker_kind = "engine",
                                            .lease_ms = 30'000},
                                           queue_->now()));
    const jobs::ClaimRequest request{.claimer = {.worker_id = worker_id, .worker_kind = "engine"}};
    std::vector<store::ClaimedTask> claimed = must(queue_->claim(request, {}));
    if (claimed.empty()) {  // It is suspected since its last worker died.
      claimed.push_back(must(queue_->claim_alone(request.claimer, {})).value());
    }
    const auto engine = must(
        engine::Engine::open({.model_dir = model_dir("base"), .vad_dir = model_dir("silero-vad")}));
    std::stop_source stop;
    DyingLease lease(*queue_, claimed[0].key, window_count, stop);
    jobs::TaskContext context{claimed[0], lease, stop.get_token()};
    // Whatever comes of it: the dead write nothing down.
    static_cast<void>(app::transcription_handler(tools(*engine))(context));
    must(store::WorkerStore(*sql()).end(worker_id, "dead", "test", queue_->now()));
    EXPECT_EQ(must(queue_->rescue(jobs::Death{worker_id, {claimed[0].key.id}}, {})).requeued, 1);
  }

  store::TaskRecord record(const std::string& id) {
    return must(store::TaskStore(*sql()).find(id)).value();
  }
  boost::json::value figure(const std::string& id, std::string_view name) {
    return boost::json::parse(record(id).result.value()).at(name);
  }
  std::string result(const std::string& job_id) {
    const auto rows = must(sql()->query("select json from results where job_id = $1", {job_id}));
    return rows.empty() ? "none" : must(rows[0].get<std::string>("json"));
  }
  /// What the use case gives without a queue.
  std::string alone(const app::TranscriptionArgs& args) {
    app::TranscribeRequest request{
        .source = data_.path() / args.source, .options = args.options, .decode = decode_};
    request.decode.channels = args.channels;
    const app::Transcribed done = app::transcribe(base(), request, {}, {});
    EXPECT_FALSE(done.error) << done.error->message;
    return must(text::write(done.transcript, text::Format::kJson, {}));
  }

  /// A recording of so many windows at least, in the data folder.
  app::TranscriptionArgs recording_of(int window_count) {
    std::vector<float> pcm;
    for (int i = 0; i < window_count; i += 2) {
      const std::vector<float> more = joined(librivox(), 2'500);
      pcm.insert(pcm.end(), more.begin(), more.end());
    }
    save_wav(data_.path() / "long.wav", pcm);
    return {.job_id = "job_long",
            .source = "long.wav",
            .options = {.beam_size = 1, .word_times = engine::WordTimes::kOn}};
  }

  TemporaryFolder data_;
  audio::DecodeOptions decode_{.decoder_path = KATIP_DECODER};
  jobs::SeededRng rng_{1};
  jobs::QueueDatabase database_;
  std::unique_ptr<jobs::Queue> queue_;
  std::unique_ptr<jobs::TestSignal> ended_;
  jobs::TestSignal window_done_{120s};
  std::jthread worker_;
};

KATIP_ON_BOTH_DATABASES(TranscriptionTask);

TEST_P(TranscriptionTask, KilledWorkersCostNoWordAndNoFinishedWindow) {
  const app::TranscriptionArgs args = recording_of(6);
  const std::string id = enqueue(args);
  work_and_be_killed(1);
  work_and_be_killed(2);
  work(1);
  EXPECT_EQ(record(id).state, "completed");
  EXPECT_EQ(result("job_long"), alone(args));
  EXPECT_EQ(figure(id, "resumed_window_count"), 3);
  EXPECT_GE(figure(id, "window_count").as_int64(), 5);
  EXPECT_EQ(figure(id, "language"), "en");
}

// The second channel says the same a little later; each has three windows.
TEST_P(TranscriptionTask, AWorkerThatIsKilledInTheSecondChannelKeepsTheFirst) {
  const std::vector<float> pcm = joined(librivox(), 2'500);
  constexpr std::size_t kLater = 7'000;
  std::vector<float> both(2 * pcm.size(), 0.0f);
  for (std::size_t i = 0; i < pcm.size(); ++i) {
    both[2 * i] = pcm[i];
    if (i >= kLater) both[2 * i + 1] = pcm[i - kLater];
  }
  save_wav(data_.path() / "call.wav", both, 2);
  const app::TranscriptionArgs args{.job_id = "job_call",
                                    .source = "call.wav",
                                    .options = {.language = "en", .beam_size = 1},
                                    .channels = audio::Channels::kSeparate};
  const std::string id = enqueue(args);
  work_and_be_killed(1);
  work_and_be_killed(3);
  work(1);
  EXPECT_EQ(result("job_call"), alone(args));
  EXPECT_EQ(figure(id, "resumed_window_count"), 4);
  EXPECT_EQ(figure(id, "window_count"), 6);
}

TEST_P(TranscriptionTask, CheckpointsThatSomebodySpoiledAreNotGoneOnWith) {
  const app::TranscriptionArgs args = recording_of(4);
  const std::string id = enqueue(args);
  work_and_be_killed(2);
  must(sql()->execute("update task_checkpoints set data = '{\"run\": 1}' where position = 0"));
  work(1);
  EXPECT_EQ(result("job_long"), alone(args));
  EXPECT_EQ(figure(id, "resumed_window_count"), 0);
}

TEST_P(TranscriptionTask, EightTogetherGiveTheTextsOfEachAlone) {
  std::vector<app::TranscriptionArgs> all(8, app::TranscriptionArgs{.options = {.beam_size = 1}});
  for (std::size_t i = 0; i < all.size(); ++i) {
    const fs::path& path = librivox()[i % librivox().size()].path;
    all[i].job_id = "job_" + std::to_string(i);
    all[i].source = std::to_string(i) + ".wav";
    fs::copy_file(path, data_.path() / all[i].source);
  }
  all[5].options.word_times = engine::WordTimes::kOn;
  all[6].options.beam_size = 5;
  all[7].options.condition_on_previous_text = true;
  for (const app::TranscriptionArgs& args : all) enqueue(args);
  work(8);
  for (const app::TranscriptionArgs& args : all) {
    EXPECT_EQ(result(args.job_id), alone(args)) << args.job_id;
  }
}

TEST_P(TranscriptionTask, WhatNoAttemptCanMendIsDiscardedWithItsReason) {
  decode_.duration_ms_max = 5'000;
  std::ofstream(data_.path() / "letter.wav") << "Dear Sir or Madam, this is no recording.";
  save_wav(data_.path() / "long.wav", joined(librivox(), 100));
  const std::string letter = enqueue({.job_id = "a", .source = "letter.wav"});
  const std::string missing = enqueue({.job_id = "b", .source = "nowhere.wav"});
  const std::string too_long = enqueue({.job_id = "c", .source = "long.wav"});
  work(3);
  for (const std::string& id : {letter, missing, too_long}) {
    EXPECT_EQ(record(id).state, "discarded");
    EXPECT_EQ(record(id).attempt, 1);
  }
  EXPECT_THAT(record(letter).errors, HasSubstr("letter.wav"));
  EXPECT_THAT(record(missing).errors, HasSubstr("nowhere.wav"));
  EXPECT_THAT(record(too_long).errors, HasSubstr("TOO_LARGE"));
}

TEST_P(TranscriptionTask, ARecordingThatBreaksOffGivesItsTextWithANote) {
  const std::vector<float>& pcm = samples(librivox()[0].path);
  save_wav(data_.path() / "torn.wav", pcm);
  fs::resize_file(data_.path() / "torn.wav", fs::file_size(data_.path() / "torn.wav") * 3 / 4);
  const std::string id = enqueue({.job_id = "torn", .source = "torn.wav"});
  work(1);
  EXPECT_EQ(record(id).state, "completed");
  EXPECT_THAT(result("torn"), HasSubstr("\"warning\": "));
  EXPECT_GT(figure(id, "segment_count").as_int64(), 0);
  EXPECT_THAT(boost::json::serialize(figure(id, "warning")), HasSubstr("breaks off"));
}

TEST_P(TranscriptionTask, ACancelIsObeyedSoon) {
  const std::string id = enqueue(recording_of(40));
  start_worker();
  ASSERT_TRUE(window_done_.wait());
  const auto asked = std::chrono::steady_clock::now();
  must(queue_->cancel(id, {}));
  EXPECT_TRUE(ended_->wait());
  EXPECT_LT(std::chrono::steady_clock::now() - asked, 5s) << "a second, on a machine at rest";
  worker_ = {};
  EXPECT_EQ(record(id).state, "cancelled");
  EXPECT_EQ(result("job_long"), "none");
}

}  // namespace
}  // namespace katip::integration
