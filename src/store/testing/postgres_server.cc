#include "store/testing/postgres_server.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "base/clock.h"
#include "base/testing/free_port.h"
#include "store/connection.h"

namespace katip::store::testing {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto kStartTimeMax = 60s;
constexpr auto kStopTimeMax = 30s;
constexpr int kPortAttemptCountMax = 5;
constexpr std::size_t kLogSizeShown = 2'000;

struct Account {
  uid_t user;
  gid_t group;
};

// Debian keeps the server's programs out of the search path; the newest version counts.
Result<std::string> find_programs() {
  std::vector<std::pair<int, std::string>> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", ignored)) {
    if (fs::exists(entry.path() / "bin" / "initdb", ignored)) {
      found.emplace_back(std::atoi(entry.path().filename().c_str()), entry.path() / "bin");
    }
  }
  for (const char* folder : {"/usr/local/bin", "/usr/bin"}) {
    if (fs::exists(fs::path(folder) / "initdb", ignored)) {
      found.emplace_back(0, folder);
    }
  }
  if (found.empty()) {
    return fail(ErrorCode::kNotFound, "PostgreSQL is not installed: apt-get install postgresql-15");
  }
  return std::ranges::max(found).second;
}

Result<std::optional<Account>> account_to_use() {
  if (::geteuid() != 0) {
    return std::nullopt;
  }
  const passwd* const entry = ::getpwnam("postgres");
  if (entry == nullptr) {
    return fail(ErrorCode::kNotFound,
                "PostgreSQL does not run as root, and there is no user postgres to run it as");
  }
  return Account{entry->pw_uid, entry->pw_gid};
}

// Between fork and exec: system calls only.
[[noreturn]] void become(char* const* argv, const std::optional<Account>& account, int log,
                         pid_t parent) {
  const int null = ::open("/dev/null", O_RDONLY);
  ::dup2(null, STDIN_FILENO);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  if (account && (::setgroups(0, nullptr) != 0 || ::setgid(account->group) != 0 ||
                  ::setuid(account->user) != 0)) {
    ::_exit(126);
  }
  // A test that dies takes its server along. Set after the change of user, which clears it.
  ::prctl(PR_SET_PDEATHSIG, SIGINT);
  if (::getppid() != parent || ::chdir("/") != 0) {
    ::_exit(126);
  }
  ::execv(argv[0], argv);
  ::_exit(127);
}

Result<pid_t> spawn(std::vector<std::string> arguments, const std::optional<Account>& account,
                    const fs::path& log_path) {
  std::vector<char*> argv;
  for (std::string& argument : arguments) {
    argv.push_back(argument.data());
  }
  argv.push_back(nullptr);
  const int log = ::open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (log < 0) {
    return std::unexpected(file_error("write", log_path, errno));
  }
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) {
    become(argv.data(), account, log, parent);
  }
  ::close(log);
  if (pid < 0) {
    return fail(ErrorCode::kInternal, fmt::format("fork: {}", std::strerror(errno)));
  }
  return pid;
}

// The exit status, or nothing when it still runs then.
std::optional<int> wait_for_end(pid_t pid, std::chrono::steady_clock::duration time_max) {
  const auto deadline = system_clock().now() + time_max;
  while (true) {
    int status = 0;
    const pid_t ended = ::waitpid(pid, &status, WNOHANG);
    if (ended == pid) {
      return status;
    }
    if (ended < 0 || system_clock().now() >= deadline) {
      return std::nullopt;
    }
    system_clock().sleep_for(5ms, {});
  }
}

}  // namespace

PostgresServer::PostgresServer(const PostgresServerOptions& options)
    : folder_(options.folder.empty() ? fs::temp_directory_path() : fs::path(options.folder)),
      options_(options) {}

Result<std::unique_ptr<PostgresServer>> PostgresServer::start(
    const PostgresServerOptions& options) {
  std::unique_ptr<PostgresServer> server(new PostgresServer(options));
  server->programs_ = KATIP_TRY(find_programs());
  server->password_ = fmt::format("{:016x}", system_rng().next());
  KATIP_TRY(server->initialise());
  Status status;
  for (int i = 0; i < kPortAttemptCountMax; ++i) {
    server->port_ = free_port();
    status = server->resume();
    if (status) {
      return server;
    }
  }
  return std::unexpected(std::move(status).error());
}

PostgresServer::~PostgresServer() { static_cast<void>(stop(Stop::kFast)); }

Status PostgresServer::initialise() {
  const auto account = KATIP_TRY(account_to_use());
  const fs::path home = folder_.path() / "pg";
  const fs::path password_file = home / "password";
  fs::create_directory(home);
  KATIP_TRY(write_file_atomically(password_file, password_ + "\n"));
  fs::permissions(folder_.path(), fs::perms(0755));
  if (account && (::chown(home.c_str(), account->user, account->group) != 0 ||
                  ::chown(password_file.c_str(), account->user, account->group) != 0)) {
    return fail(ErrorCode::kInternal, "cannot give the folder to the user postgres");
  }
  const pid_t pid = KATIP_TRY(
      spawn({programs_ + "/initdb", "--pgdata=" + (home / "data").string(), "--username=katip",
             "--auth=scram-sha-256", "--pwfile=" + password_file.string(), "--encoding=UTF8",
             "--locale=C.UTF-8", "--no-sync"},
            account, folder_.path() / "log"));
  const std::optional<int> status = wait_for_end(pid, kStartTimeMax);
  if (status != 0) {
    ::kill(pid, SIGKILL);
    return fail(ErrorCode::kInternal, "initdb failed: " + log_end());
  }
  return {};
}

Status PostgresServer::resume() {
  std::vector<std::string> arguments = {programs_ + "/postgres",
                                        "-D",
                                        (folder_.path() / "pg" / "data").string(),
                                        "-p",
                                        std::to_string(port_),
                                        "-c",
                                        "listen_addresses=127.0.0.1",
                                        "-c",
                                        "unix_socket_directories=",
                                        "-c",
                                        "max_connections=200"};
  if (!options_.is_durable) {
    for (const char* setting : {"fsync=off", "synchronous_commit=off", "full_page_writes=off"}) {
      arguments.insert(arguments.end(), {"-c", setting});
    }
  }
  for (const std::string& setting : options_.settings) {
    arguments.insert(arguments.end(), {"-c", setting});
  }
  const auto account = KATIP_TRY(account_to_use());
  pid_ = KATIP_TRY(spawn(std::move(arguments), account, folder_.path() / "log"));
  Status status = wait_until_ready();
  if (!status) {
    static_cast<void>(stop(Stop::kCrash));
  }
  return status;
}

Status PostgresServer::wait_until_ready() {
  const DatabaseUrl target = KATIP_TRY(DatabaseUrl::parse(url("postgres")));
  const auto deadline = system_clock().now() + kStartTimeMax;
  while (true) {
    const auto connection = Connection::open(target, {});
    if (connection) {
      return {};
    }
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      return fail(ErrorCode::kInternal, "PostgreSQL ended at its start: " + log_end());
    }
    if (system_clock().now() >= deadline) {
      return fail("PostgreSQL does not become ready", connection.error());
    }
    system_clock().sleep_for(20ms, {});
  }
}

Status PostgresServer::stop(Stop how) {
  if (pid_ < 0) {
    return {};
  }
  ::kill(pid_, how == Stop::kFast ? SIGINT : SIGQUIT);
  const bool has_ended = wait_for_end(pid_, kStopTimeMax).has_value();
  if (!has_ended) {
    ::kill(pid_, SIGKILL);
    wait_for_end(pid_, kStopTimeMax);
  }
  pid_ = -1;
  return has_ended ? Status{} : fail(ErrorCode::kTimeout, "PostgreSQL did not stop by itself");
}

bool PostgresServer::is_running() {
  if (pid_ >= 0 && ::waitpid(pid_, nullptr, WNOHANG) == pid_) {
    pid_ = -1;
  }
  return pid_ >= 0;
}

std::string PostgresServer::url(const std::string& database) const {
  return fmt::format("postgresql://katip:{}@127.0.0.1:{}/{}", password_, port_, database);
}

Result<std::string> PostgresServer::create_database(const std::string& original) {
  const DatabaseUrl target = KATIP_TRY(DatabaseUrl::parse(url("postgres")));
  const auto connection = KATIP_TRY(Connection::open(target, {}));
  std::string name = fmt::format("katip_test_{}", ++database_count_);
  // Files are copied four times as fast as pages that go through its log.
  KATIP_TRY(connection->execute("create database " + name + " template " + original +
                                " strategy file_copy"));
  return name;
}

std::string PostgresServer::log_end() const {
  std::ifstream file(folder_.path() / "log", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return text.substr(text.size() - std::min(text.size(), kLogSizeShown));
}

Result<PostgresServer*> shared_postgres_server() {
  static const auto server = PostgresServer::start({});
  if (!server) {
    return std::unexpected(server.error());
  }
  return server->get();
}

}  // namespace katip::store::testing
