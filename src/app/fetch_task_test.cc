#include "app/fetch_task.h"

#include <fstream>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/scripted_server.h"
#include "base/testing/temporary_folder.h"
#include "jobs/testing/no_lease.h"
#include "jobs/testing/queue_fixture.h"
#include "store/job_store.h"

namespace katip::app {
namespace {

namespace fs = std::filesystem;
using jobs::must;
using ::testing::HasSubstr;

std::string answer(const std::string& body, const std::string& headers = "", int status = 200) {
  return fmt::format("HTTP/1.1 {} X\r\nContent-Length: {}\r\n{}\r\n{}", status, body.size(),
                     headers, body);
}

class FetchTest : public jobs::QueueFixture {
 protected:
  static remote::OutgoingGuard guard() { return *remote::OutgoingGuard::create({"127.0.0.1"}); }
  Submitted submit(const std::string& url) {
    UrlSubmission submission{.url = url, .tenant = "ayşe", .priority = 9, .request_id = "req-1"};
    submission.args.options.language = "tr";
    submission.submitted_by = "ayşe";
    submission.keep_for = std::chrono::hours(36);
    return must(submit_url(queue(), guard(), submission, {}));
  }
  store::JobRecord job(const std::string& job_id) {
    const auto sql = must(pool().acquire({}));
    return must(store::find_job_by_job_id(*sql, job_id)).value();
  }
  /// One attempt of the task that waits.
  void run() {
    must(queue().wake_due({}));
    const auto task = claim(worker()).at(0);
    jobs::NoLease lease;
    jobs::TaskContext context{task, lease, {}};
    auto result = handler_(context);
    jobs::Outcome outcome{.task = task, .status = {}};
    if (result) {
      outcome.effect = result->effect;
    } else {
      outcome.status = std::unexpected(result.error());
    }
    EXPECT_TRUE(must(queue().settle(std::span(&outcome, 1), {})).at(0));
  }
  std::size_t file_count() {
    std::error_code error;
    const fs::directory_iterator files(folder_.path() / "media", error);
    return static_cast<std::size_t>(std::distance(files, fs::directory_iterator()));
  }

  TemporaryFolder folder_;
  jobs::Handler handler_ = [this](jobs::TaskContext& context) {
    return fetch_handler(queue(),
                         {.shelf = folder_.path(), .guard = guard(), .size_max = 1'000})(context);
  };
};
KATIP_ON_BOTH_DATABASES(FetchTest);

TEST_P(FetchTest, ARecordingIsFetchedAndThenTranscribed) {
  ScriptedServer server({answer("", "Location: /real.mp3\r\n", 302),
                         answer("sound", "Content-Type: audio/mpeg; x=y\r\n")});
  const Submitted submitted = submit(server.url("/a/talk.mp3?token=x"));
  EXPECT_EQ(record(submitted.task_id).queue, "critical");
  EXPECT_EQ(job(submitted.job_id).status, store::JobStatus::kQueued);
  run();
  const store::JobRecord fetched = job(submitted.job_id);
  EXPECT_EQ(fetched.source_name, "talk.mp3");
  EXPECT_EQ(fetched.source_url, server.url("/a/talk.mp3?token=x"));
  EXPECT_EQ(fetched.submitted_by, "ayşe");
  EXPECT_EQ(fetched.expires_at, fetched.created_at + std::chrono::hours(36));
  EXPECT_EQ(fetched.priority, 9);
  EXPECT_EQ(fetched.file_size, 5);
  EXPECT_EQ(fetched.media_type, "audio/mpeg");
  EXPECT_TRUE(fetched.media_sha256.has_value());
  EXPECT_TRUE(fs::exists(folder_.path() / fetched.media_key.value()));

  const auto next = claim(worker("engine"), 1, "engine").at(0);
  EXPECT_EQ(next.kind, "transcription.process");
  EXPECT_EQ(next.job_id, fetched.id);
  EXPECT_EQ(next.priority, 9);
  EXPECT_EQ(next.tenant, "ayşe");
  EXPECT_EQ(next.request_id, "req-1");
  const TranscriptionArgs args = must(parse_transcription_args(next.args));
  EXPECT_EQ(args.job_id, submitted.job_id);
  EXPECT_EQ(args.source, *fetched.media_key);
  EXPECT_EQ(args.options.language, "tr");
}

TEST_P(FetchTest, WhatCannotBeFetchedFailsTheJobWithTheReason) {
  const std::string page = answer("<html>", "Content-Type: text/html; charset=utf-8\r\n");
  const std::pair<std::string, std::string> cases[] = {
      {answer("", "", 404), "404"},
      {answer("", "", 403), "403"},
      {page, "web page"},
      {answer(""), "empty"},
      {answer(std::string(1'001, 'x')), "larger than 1000 bytes"},
      {answer("", "Location: http://10.0.0.1/\r\n", 302), "outgoing.allow"},
      {answer("", "Location: file:///etc/passwd\r\n", 302), "http"}};
  for (const auto& [said, reason] : cases) {
    ScriptedServer server({said});
    const Submitted submitted = submit(server.url("/x.mp3"));
    run();
    EXPECT_EQ(job(submitted.job_id).status, store::JobStatus::kFailed) << reason;
    EXPECT_THAT(job(submitted.job_id).error_message.value_or(""), HasSubstr(reason));
    EXPECT_EQ(state(submitted.task_id), "discarded");
  }
  EXPECT_EQ(file_count(), 0U);
}

TEST_P(FetchTest, ABrokenDownloadGoesOnWithTheNextAttempt) {
  // 10 bytes are announced, 4 come; then the rest is asked for.
  ScriptedServer server(
      {"HTTP/1.1 200 X\r\nETag: \"1\"\r\nContent-Length: 10\r\n\r\n0123",
       "HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n",
       "HTTP/1.1 206 X\r\nETag: \"1\"\r\nContent-Range: bytes 4-9/10\r\nContent-Length: "
       "6\r\n\r\n456789"});
  const Submitted submitted = submit(server.url("/x.mp3"));
  run();
  EXPECT_EQ(state(submitted.task_id), "retryable");
  EXPECT_EQ(job(submitted.job_id).status, store::JobStatus::kQueued);
  clock().advance(std::chrono::hours(1));
  run();
  EXPECT_EQ(state(submitted.task_id), "completed");
  EXPECT_EQ(job(submitted.job_id).file_size, 10);
}

TEST_P(FetchTest, ACancelledJobIsNotTranscribed) {
  ScriptedServer server({answer("sound")});
  const Submitted submitted = submit(server.url("/x.mp3"));
  must(queue().cancel(submitted.task_id, {}));
  EXPECT_EQ(job(submitted.job_id).status, store::JobStatus::kCancelled);
  EXPECT_TRUE(claim(worker("engine"), 1, "engine").empty());
  EXPECT_TRUE(server.requests().empty());
}

TEST_P(FetchTest, AnAddressThatIsNoneMakesNoJob) {
  for (const char* url : {"", "x", "ftp://a/b", "http://10.0.0.1/a", "http://u:p@host/a"}) {
    const auto submitted = submit_url(queue(), guard(), {.url = url}, {});
    ASSERT_FALSE(submitted) << url;
    EXPECT_THAT(submitted.error().message, HasSubstr("url: "));
  }
  const auto sql = must(pool().acquire({}));
  EXPECT_TRUE(must(store::list_jobs(*sql, {}, {}, 10)).jobs.empty());
}

TEST_P(FetchTest, ArgsFromElsewhereLeadNowhere) {
  for (const char* args :
       {"{}", R"({"url":"http://127.0.0.1/","transcription":{"job_id":"a","source":"../x"}})",
        R"({"url":"http://127.0.0.1/","transcription":{"job_id":"a","source":"media/../../x"}})",
        R"({"url":5,"transcription":{"job_id":"a","source":"media/x"}})"}) {
    const std::string id = put({.kind = kFetchKind, .args = args});
    run();
    EXPECT_EQ(state(id), "discarded") << args;
  }
}

}  // namespace
}  // namespace katip::app
