#include "store/migrate/testing/killed_process.h"

#include <csignal>

#include <sys/wait.h>
#include <unistd.h>

namespace katip::store::migrate::testing {
namespace {

/// Counts, and ends its process behind a certain statement.
class Killer final : public StatementObserver {
 public:
  explicit Killer(int last) : last_(last) {}
  void on_statement(std::string_view, std::chrono::microseconds, const Error*) override {
    if (++count_ == last_) static_cast<void>(::kill(::getpid(), SIGKILL));
  }
  [[nodiscard]] int count() const { return count_; }

 private:
  const int last_;
  int count_ = 0;
};

bool run(const DatabaseUrl& url, Killer& killer, const DatabaseWork& work) {
  ConnectionOptions options;
  options.observer = &killer;
  const auto connection = Connection::open(url, options);
  return connection && work(**connection);
}

}  // namespace

ProcessEnd run_and_kill(const DatabaseUrl& url, int statement, const DatabaseWork& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    Killer killer(statement);
    ::_exit(run(url, killer, work) ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) return ProcessEnd::kKilled;
  return WEXITSTATUS(status) == 0 ? ProcessEnd::kDone : ProcessEnd::kFailed;
}

int count_statements(const DatabaseUrl& url, const DatabaseWork& work) {
  Killer counter(0);
  return run(url, counter, work) ? counter.count() : 0;
}

}  // namespace katip::store::migrate::testing
