#include "app/transcription_task.h"

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/manual_clock.h"

namespace katip::app {
namespace {

namespace fs = std::filesystem;
using engine::Segment;
using engine::WindowDone;
using std::chrono_literals::operator""ms;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// The rows of one task, without a database.
class FakeLease final : public jobs::TaskLease {
 public:
  Status report_progress(double progress) override {
    progresses.push_back(progress);
    return lost ? fail(ErrorCode::kConflict, "the lease of this task was lost") : Status{};
  }
  Status save_checkpoint(const store::Checkpoint& checkpoint) override {
    if (lost) return fail(ErrorCode::kConflict, "the lease of this task was lost");
    if (away_count > 0 && away_count-- > 0) return fail(ErrorCode::kUnavailable, "no database");
    rows[checkpoint.position] = checkpoint.data;
    return {};
  }
  Result<std::vector<store::Checkpoint>> checkpoints() override {
    std::vector<store::Checkpoint> all;
    for (const auto& [position, data] : rows) all.push_back({position, data});
    return all;
  }

  std::map<int, std::string> rows;
  std::vector<double> progresses;
  bool lost = false;
  int away_count = 0;  ///< So many saves fail.
};

/// In place of audio and engine: a recording of some windows, each of which says its number.
struct FakeRecording {
  int window_count = 5;
  std::optional<Error> error = {};                            ///< In place of the end.
  std::function<void(int index)> before_window = [](int) {};  ///< And before the end.
  std::vector<TranscribeRequest> requests = {};

  static WindowDone window(int index) {
    return {.index = index,
            .segments = {{.start_ms = index * 1000,
                          .end_ms = index * 1000 + 900,
                          .text = "number " + std::to_string(index),
                          .tokens = {index},
                          .window_start_ms = index * 1000,
                          .words = {}}},
            .next = {.window_count = index + 1,
                     .window_end_ms = (index + 1) * 1000,
                     .segment_count = index + 1,
                     .segment_end_ms = index * 1000 + 900,
                     .language = "en",
                     .language_probability = 1.0f,
                     .previous_tokens = {}}};
  }

  Transcribed run(const TranscribeRequest& request, const TranscribeObserver& observer,
                  const std::stop_token& stop) {
    requests.push_back(request);
    observer.on_open({.container = "wav", .sample_rate = 8000, .channel_count = 1});
    Transcribed done;
    int index = 0;
    if (!request.finished.empty()) {
      for (const WindowDone& each : request.finished[0]) {
        done.transcript.segments.push_back(to_text(each.segments[0]));
        ++index;
      }
      if (index > window_count) {
        done.error = {ErrorCode::kConflict, "begin anew"};
        return done;
      }
    }
    for (; index <= window_count; ++index) {
      before_window(index);
      if (stop.stop_requested()) {
        done.error = {ErrorCode::kCancelled, "stopped"};
        return done;
      }
      if (index == window_count) break;
      const WindowDone each = window(index);
      done.transcript.segments.push_back(to_text(each.segments[0]));
      observer.on_window(0, each);
      observer.on_progress({.done_ms = each.next.window_end_ms, .total_ms = window_count * 1000});
    }
    done.transcript.language = "en";
    done.transcript.duration_ms = window_count * 1000;
    done.speech_ms = window_count * 900;
    done.error = error;
    return done;
  }
};

class TranscriptionTaskTest : public testing::Test {
 protected:
  TranscriptionTaskTest() {
    data_ = fs::path(testing::TempDir()) /
            ("katip_task_" +
             std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::create_directories(data_ / "uploads");
    std::ofstream(data_ / "uploads/talk.wav") << "samples";
    task_.key = {.id = "t", .token = 11};
    task_.priority = 7;
    task_.args = R"({"job_id": "job_1", "source": "uploads/talk.wav", "formats": ["srt"]})";
  }
  ~TranscriptionTaskTest() override { fs::remove_all(data_); }

  Result<jobs::TaskResult> run() {
    recording_.requests.clear();
    const jobs::Handler handler = transcription_handler(
        {.use_model = [this](std::string_view name) -> Result<ModelUse> {
           return ModelUse{.name = name.empty() ? model_ : std::string(name),
                           .made_by = "katip",
                           .transcribe = [this](const TranscribeRequest& request,
                                                const TranscribeObserver& observer,
                                                const std::stop_token& stop) {
                             return recording_.run(request, observer, stop);
                           }};
         },
         .shelf = data_,
         .clock = clock_,
         .complete = [](store::Connection&, const Finished&) -> Status { return {}; },
         .active_terms = active_terms_,
         .on_window =
             [this](const store::ClaimedTask& task, const WindowDone& window) {
               EXPECT_EQ(task.key.id, "t");
               saved_before_.emplace_back(window.index, lease_.rows.size());
             },
         .on_problem = [this](const store::ClaimedTask&,
                              const Error& error) { problems_.push_back(error.message); }});
    jobs::TaskContext context{task_, lease_, stop_.get_token()};
    return handler(context);
  }
  /// Runs until `index` windows are saved, then is killed.
  void run_and_die_before(int index) {
    recording_.before_window = [this, index](int at) {
      if (at == index) stop_.request_stop();
    };
    EXPECT_FALSE(run());
    recording_.before_window = [](int) {};
    stop_ = {};
    ++task_.key.token;
  }
  boost::json::object result_of(const Result<jobs::TaskResult>& result) {
    if (!result) {
      ADD_FAILURE() << result.error().message;
      return {};
    }
    return boost::json::parse(result->json.value()).as_object();
  }
  /// How many windows the last call was given.
  std::size_t taken_over() const {
    const auto& finished = recording_.requests.back().finished;
    return finished.empty() ? 0 : finished[0].size();
  }

  fs::path data_;
  ManualClock clock_;
  FakeLease lease_;
  FakeRecording recording_;
  decltype(TranscriptionTools::active_terms) active_terms_ = {};
  store::ClaimedTask task_;
  std::stop_source stop_;
  std::string model_ = "base";
  std::vector<std::string> problems_;
  std::vector<std::pair<int, std::size_t>> saved_before_;  ///< Of each window that was told.
};

TEST_F(TranscriptionTaskTest, IsGivenTheLexiconBesidesItsOwnTerms) {
  task_.args = R"({"job_id": "job_1", "source": "uploads/talk.wav",
                   "options": {"language": "tr", "lexicon": [{"term": "Ankara", "weight": 3}]}})";
  std::string asked;
  active_terms_ = [&](std::string_view language, std::stop_token) {
    asked = language;
    return Result<std::vector<engine::LexiconTerm>>({{.term = "Ankara"}, {.term = "İzmir"}});
  };
  ASSERT_TRUE(run());
  EXPECT_EQ(asked, "tr");
  const auto& lexicon = recording_.requests.at(0).options.lexicon;
  ASSERT_EQ(lexicon.size(), 2U);
  EXPECT_FLOAT_EQ(lexicon[0].weight, 3) << "what the request says of a term goes first";
  EXPECT_EQ(lexicon[1].term, "İzmir");
  active_terms_ = [](std::string_view, std::stop_token) {
    return Result<std::vector<engine::LexiconTerm>>(fail(ErrorCode::kUnavailable, "no database"));
  };
  EXPECT_EQ(run().error().code, ErrorCode::kUnavailable);
}

TEST_F(TranscriptionTaskTest, EachWindowIsToldWhenItIsFinishedAndNotYetSaved) {
  recording_.window_count = 3;
  ASSERT_TRUE(run());
  EXPECT_THAT(saved_before_, ElementsAre(std::pair(0, 0U), std::pair(1, 1U), std::pair(2, 2U)));
}

TEST_F(TranscriptionTaskTest, ARecordingBecomesATranscriptWithFigures) {
  clock_.advance(5000ms);
  task_.run_at = store::Timestamp(3000ms);
  recording_.before_window = [this](int index) { clock_.advance(index > 0 ? 20ms : 0ms); };
  const boost::json::object result = result_of(run());
  EXPECT_EQ(result.at("job_id"), "job_1");
  EXPECT_EQ(result.at("model"), "base");
  EXPECT_EQ(result.at("language"), "en");
  EXPECT_EQ(result.at("duration_ms"), 5000);
  EXPECT_EQ(result.at("processing_ms"), 100);
  EXPECT_EQ(result.at("queue_wait_ms"), 2000);
  EXPECT_DOUBLE_EQ(result.at("realtime_factor").as_double(), 0.02);
  EXPECT_EQ(result.at("window_count"), 5);
  EXPECT_EQ(result.at("resumed_window_count"), 0);
  EXPECT_EQ(recording_.requests[0].options.priority, 7);
  EXPECT_THAT(lease_.progresses, ElementsAre(0.2, 0.4, 0.6, 0.8, 1.0));
  EXPECT_THAT(lease_.rows, SizeIs(5));
}

TEST_F(TranscriptionTaskTest, TheNextAttemptBeginsWithTheFirstUnfinishedWindow) {
  for (int killed_before = 0; killed_before <= 5; ++killed_before) {
    lease_.rows.clear();
    run_and_die_before(killed_before);
    const boost::json::object result = result_of(run());
    EXPECT_EQ(static_cast<int>(taken_over()), killed_before);
    EXPECT_EQ(result.at("window_count"), 5);
    EXPECT_EQ(result.at("segment_count"), 5);
    EXPECT_THAT(lease_.rows, SizeIs(5));
  }
}

TEST_F(TranscriptionTaskTest, TheTimeOfAllAttemptsCounts) {
  recording_.before_window = [this](int index) {
    clock_.advance(100ms);
    if (index == 3) stop_.request_stop();
  };
  EXPECT_FALSE(run());
  stop_ = {};
  recording_.before_window = [this](int) { clock_.advance(10ms); };
  // Three windows of 100 ms are saved; two more and the end are 10 ms each.
  EXPECT_EQ(result_of(run()).at("processing_ms"), 330);
}

TEST_F(TranscriptionTaskTest, AttemptsThatDieAgainAndAgainStillGetOn) {
  for (int killed_before = 1; killed_before <= 4; ++killed_before) {
    run_and_die_before(killed_before);
    EXPECT_THAT(lease_.rows, SizeIs(killed_before));
  }
  EXPECT_EQ(result_of(run()).at("resumed_window_count"), 4);
}

TEST_F(TranscriptionTaskTest, AnotherModelOrOtherOptionsOrAChangedFileBeginAnew) {
  run_and_die_before(3);
  model_ = "large";
  run_and_die_before(3);
  EXPECT_EQ(taken_over(), 0U);
  task_.args = R"({"job_id": "job_1", "source": "uploads/talk.wav", "options": {"beam_size": 1}})";
  run_and_die_before(3);
  EXPECT_EQ(taken_over(), 0U);
  std::ofstream(data_ / "uploads/talk.wav") << "more samples";
  run_and_die_before(3);
  EXPECT_EQ(taken_over(), 0U);
  task_.args =
      R"({"formats": ["vtt"], "job_id": "j2", "source": "uploads/talk.wav",
          "options": {"beam_size": 1}})";
  ASSERT_TRUE(run());
  EXPECT_EQ(taken_over(), 3U) << "formats do not decide what is heard";
}

TEST_F(TranscriptionTaskTest, CorruptCheckpointsAreNotGoneOnWith) {
  for (const char* bad : {"", "null", "{}", "{\"run\": 1"}) {
    run_and_die_before(4);
    lease_.rows[0] = bad;
    EXPECT_EQ(result_of(run()).at("segment_count"), 5);
    EXPECT_EQ(taken_over(), 0U);
    lease_.rows.clear();
  }
  run_and_die_before(4);
  lease_.rows[2] = "[]";
  EXPECT_EQ(result_of(run()).at("resumed_window_count"), 2);
}

// The windows of before fit no longer, and the engine says so.
TEST_F(TranscriptionTaskTest, WindowsThatTheEngineRefusesAreDoneAgain) {
  run_and_die_before(5);
  recording_.window_count = 3;
  const boost::json::object result = result_of(run());
  EXPECT_THAT(recording_.requests, SizeIs(2));
  EXPECT_EQ(result.at("segment_count"), 3);
  EXPECT_EQ(result.at("resumed_window_count"), 0);
  // Rows 3 and 4 are left from the first run; nobody takes them for this one's.
  recording_.window_count = 5;
  ASSERT_TRUE(run());
  EXPECT_EQ(taken_over(), 3U);
}

TEST_F(TranscriptionTaskTest, AWindowThatCouldNotBeSavedIsSavedWithTheNext) {
  lease_.away_count = 3;
  ASSERT_TRUE(run());
  EXPECT_THAT(problems_, ElementsAre("no database", "no database", "no database"));
  EXPECT_THAT(lease_.rows, SizeIs(5));
}

TEST_F(TranscriptionTaskTest, ALostLeaseEndsTheAttempt) {
  recording_.before_window = [this](int index) { lease_.lost = index >= 2; };
  const auto result = run();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kConflict);
  EXPECT_THAT(lease_.rows, SizeIs(2));
  EXPECT_THAT(recording_.requests, SizeIs(1)) << "not begun anew: somebody else has it";
}

TEST_F(TranscriptionTaskTest, ACancelIsACancel) {
  recording_.before_window = [this](int index) {
    if (index == 2) stop_.request_stop();
  };
  const auto result = run();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kCancelled);
  EXPECT_THAT(problems_, IsEmpty());
}

TEST_F(TranscriptionTaskTest, ADamagedRecordingGivesItsTextWithANote) {
  recording_.error = {ErrorCode::kCorruptData, "talk.wav: the decoder died"};
  EXPECT_TRUE(run());
  recording_.window_count = 0;
  lease_.rows.clear();
  const auto nothing = run();
  ASSERT_FALSE(nothing) << "not a word was understood";
  EXPECT_EQ(nothing.error().message, "talk.wav: the decoder died");
}

TEST_F(TranscriptionTaskTest, OtherErrorsAreTheEnginesOwn) {
  for (const ErrorCode code : {ErrorCode::kTooLarge, ErrorCode::kInvalidArgument,
                               ErrorCode::kTimeout, ErrorCode::kUnavailable}) {
    recording_.error = {code, "what the engine says"};
    const auto result = run();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, code);
    EXPECT_EQ(result.error().message, "what the engine says");
  }
}

TEST_F(TranscriptionTaskTest, ASourceOutsideOfTheDataFolderIsRefused) {
  fs::create_symlink("/etc", data_ / "link");
  for (const char* source : {"/etc/passwd", "../x.wav", "uploads/../../x.wav", "link/passwd", ".",
                             "uploads/..", "a\\u0000b"}) {
    task_.args = std::string(R"({"job_id": "j", "source": ")") + source + R"("})";
    const auto result = run();
    ASSERT_FALSE(result) << source;
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument) << source;
    EXPECT_THAT(result.error().message, HasSubstr("not in the data folder"));
    EXPECT_THAT(recording_.requests, IsEmpty());
  }
}

TEST_F(TranscriptionTaskTest, WrongArgsAreRefusedBeforeAnythingIsRead) {
  task_.args = R"({"job_id": "j", "source": "uploads/talk.wav", "options": {"beam": 5}})";
  const auto result = run();
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("Did you mean `beam_size`?"));
  EXPECT_THAT(recording_.requests, IsEmpty());
}

}  // namespace
}  // namespace katip::app
