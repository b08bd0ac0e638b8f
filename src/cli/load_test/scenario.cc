#include "cli/load_test/scenario.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/clock.h"
#include "remote/http_client.h"

/// Tested by tests/e2e/test_load_test.py.
namespace katip::cli {
namespace {

namespace json = boost::json;
using Seconds = std::chrono::duration<double>;

constexpr std::chrono::seconds kRemovalMax{600};

/// One simulated person.
struct User {
  Login login = {};
  Secret token = {};
  std::string job_id = {};
  bool is_made = false;  ///< By us, so that we remove it.
};

class Load {
 public:
  Load(const LoadOptions& options, const std::function<void(const std::string&)>& on_status,
       std::stop_token stop)
      : options_(options),
        on_status_(on_status),
        stop_(std::move(stop)),
        client_(client_options()),
        users_(static_cast<std::size_t>(options.user_count)) {}

  Result<std::vector<PhaseFigures>> run() {
    const auto alive = client_.send({.url = options_.url + "/livez"}, stop_);
    if (!alive) return std::unexpected(alive.error());
    if (options_.users == LoadUsers::kOwn) name_users(options_.logins);
    if (options_.users != LoadUsers::kPrepared) return run_phases();
    name_users(make_logins(users_.size(), system_rng()));
    PhaseFigures made = measure("create", [this](User& user) { return create(user); });
    if (made.seconds.empty() && !made.errors.empty()) {
      return fail(ErrorCode::kUnavailable, "no users could be made: " + made.errors.begin()->first);
    }
    auto phases = run_phases();
    phases.insert(phases.begin(), std::move(made));
    // Also after Ctrl-C, which ends the test and not the cleaning.
    stop_ = {};
    const auto end = std::chrono::steady_clock::now() + kRemovalMax;
    phases.push_back(measure("remove", [this, end](User& user) { return remove(user, end); }));
    return phases;
  }

 private:
  using Step = std::function<Status(User&)>;

  std::vector<PhaseFigures> run_phases() {
    std::vector<PhaseFigures> phases;
    phases.push_back(measure("login", [this](User& user) { return log_in(user); }));
    phases.push_back(measure("upload", [this](User& user) { return upload(user); }));
    const auto end = std::chrono::steady_clock::now() + options_.completion_max;
    phases.push_back(measure("complete", [this, end](User& user) { return wait(user, end); }));
    phases.push_back(measure("fetch", [this](User& user) { return fetch(user); }));
    return phases;
  }

  void name_users(const std::vector<Login>& logins) {
    for (std::size_t i = 0; i < users_.size(); ++i) users_[i].login = logins[i];
  }

  static remote::HttpOptions client_options() {
    remote::HttpOptions options;
    options.stall_timeout = std::chrono::seconds(60);
    return options;
  }

  PhaseFigures measure(const std::string& name, const Step& step) {
    PhaseFigures phase{.name = name};
    std::mutex mutex;
    std::atomic<std::size_t> next = 0;
    const auto begin = std::chrono::steady_clock::now();
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < options_.concurrency; ++i) {
        threads.emplace_back([&] {
          for (std::size_t index = next++; index < users_.size() && !stop_.stop_requested();
               index = next++) {
            const auto start = std::chrono::steady_clock::now();
            const Status done = step(users_[index]);
            const Seconds spent = std::chrono::steady_clock::now() - start;
            const std::scoped_lock lock(mutex);
            if (done) {
              phase.seconds.push_back(spent.count());
            } else {
              ++phase.errors[done.error().message];
            }
            on_status_(fmt::format("{}: {} of {}", name, phase.count(), users_.size()));
          }
        });
      }
    }
    phase.elapsed_s = Seconds(std::chrono::steady_clock::now() - begin).count();
    std::ranges::sort(phase.seconds);
    return phase;
  }

  Result<json::object> ask(const remote::HttpRequest& request, int expected) {
    const auto answer = client_.send(request, stop_);
    if (!answer) return std::unexpected(answer.error());
    boost::system::error_code error;
    const json::value body = json::parse(answer->body, error);
    if (answer->status != expected) return refused(answer->status, body);
    if (error || !body.is_object()) return fail(ErrorCode::kCorruptData, "an answer is no JSON");
    const json::value* data = body.get_object().if_contains("data");
    return data != nullptr && data->is_object() ? data->get_object() : body.get_object();
  }

  /// "status 409 CONFLICT: …". The text says what to do; figures are of few texts all the same.
  static std::unexpected<Error> refused(int status, const json::value& body) {
    std::string text = fmt::format("status {}", status);
    const json::value* error = body.is_object() ? body.get_object().if_contains("error") : nullptr;
    const auto* fields = error == nullptr ? nullptr : error->if_object();
    for (const char* name : {"code", "message"}) {
      const json::value* value = fields == nullptr ? nullptr : fields->if_contains(name);
      if (value == nullptr || !value->is_string()) continue;
      text += fmt::format("{}{}", name[0] == 'c' ? " " : ": ", std::string(value->get_string()));
    }
    return fail(ErrorCode::kUnavailable, text);
  }

  Status create(User& user) {
    const json::object body{{"login", user.login.name},
                            {"password", user.login.password.reveal()},
                            {"role", "editor"},
                            {"display_name", "made by katip load-test"}};
    KATIP_TRY(ask({.url = options_.url + "/api/v1/admin/users",
                   .method = remote::Method::kPost,
                   .bearer_token = options_.key,
                   .body = json::serialize(body),
                   .header_lines = {"Content-Type: application/json"}},
                  201));
    user.is_made = true;
    return {};
  }

  Status remove(const User& user, std::chrono::steady_clock::time_point end) {
    if (!user.is_made) return {};
    if (std::chrono::steady_clock::now() > end) {
      return fail(ErrorCode::kTimeout, "not removed in time; katip user delete LOGIN");
    }
    KATIP_TRY(ask({.url = options_.url + "/api/v1/admin/users/" + user.login.name,
                   .method = remote::Method::kDelete,
                   .bearer_token = options_.key},
                  200));
    return {};
  }

  Status log_in(User& user) {
    if (user.login.name.empty()) {
      user.token = options_.key;
      KATIP_TRY(ask({.url = options_.url + "/api/v1/auth/me", .bearer_token = user.token}, 200));
      return {};
    }
    const json::object body{{"login", user.login.name}, {"password", user.login.password.reveal()}};
    const auto session = ask({.url = options_.url + "/api/v1/auth/login",
                              .method = remote::Method::kPost,
                              .body = json::serialize(body),
                              .header_lines = {"Content-Type: application/json"}},
                             200);
    if (!session) return std::unexpected(session.error());
    const json::value* token = session->if_contains("token");
    if (token == nullptr || !token->is_string()) {
      return fail(ErrorCode::kCorruptData, "the answer to a login has no token");
    }
    user.token = Secret(std::string(token->get_string()));
    return {};
  }

  Status upload(User& user) {
    const remote::Form form{.fields = {{"options", R"({"language":"en"})"}},
                            .files = {{.name = "file",
                                       .path = options_.file,
                                       .file_name = options_.file.filename().string(),
                                       .media_type = "application/octet-stream"}}};
    const auto job = ask({.url = options_.url + "/api/v1/jobs",
                          .method = remote::Method::kPost,
                          .bearer_token = user.token,
                          .body = form},
                         202);
    if (!job) return std::unexpected(job.error());
    user.job_id = json::value_to<std::string>(job->at("job_id"));
    return {};
  }

  /// From when we begin to look: uploads have been waiting since they came.
  Status wait(const User& user, std::chrono::steady_clock::time_point end) {
    if (user.job_id.empty()) return fail(ErrorCode::kNotFound, "there was no upload");
    const std::string url = options_.url + "/api/v1/jobs/" + user.job_id;
    while (std::chrono::steady_clock::now() < end) {
      const auto job = ask({.url = url, .bearer_token = user.token}, 200);
      if (!job) return std::unexpected(job.error());
      const auto status = json::value_to<std::string>(job->at("status"));
      if (status == "completed") return {};
      if (status == "failed" || status == "cancelled") {
        return fail(ErrorCode::kInternal, "the job has " + status);
      }
      if (!system_clock().sleep_for(std::chrono::milliseconds(200), stop_)) break;
    }
    return fail(ErrorCode::kTimeout, "not complete in time");
  }

  Status fetch(const User& user) {
    if (user.job_id.empty()) return fail(ErrorCode::kNotFound, "there was no upload");
    const auto answer = client_.send(
        {.url = fmt::format("{}/api/v1/jobs/{}/transcript?format=json", options_.url, user.job_id),
         .bearer_token = user.token},
        stop_);
    if (!answer) return std::unexpected(answer.error());
    return answer->status == 200 && !answer->body.empty()
               ? Status{}
               : fail(ErrorCode::kUnavailable, fmt::format("status {}", answer->status));
  }

  const LoadOptions& options_;
  const std::function<void(const std::string&)>& on_status_;
  std::stop_token stop_;
  const remote::HttpClient client_;
  std::vector<User> users_;
};

}  // namespace

Result<std::vector<PhaseFigures>> run_load(const LoadOptions& options,
                                           const std::function<void(const std::string&)>& on_status,
                                           std::stop_token stop) {
  return Load(options, on_status, std::move(stop)).run();
}

}  // namespace katip::cli
