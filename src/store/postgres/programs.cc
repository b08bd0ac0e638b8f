#include "store/postgres/programs.h"

#include <charconv>
#include <chrono>
#include <map>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "base/subprocess.h"

/// Tested by programs_test.cc and conformance/copies_test.cc.
namespace katip::store::postgres {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDebianFolder = "/usr/lib/postgresql";
constexpr std::chrono::seconds kVersionTimeMax(20);
constexpr std::chrono::hours kTimeMax(24);
constexpr std::size_t kMessageSizeMax = 600;

/// 0: it is not there, or is none.
int version_of(const std::string& program, std::stop_token stop) {
  const auto result = run_subprocess({program, "--version"}, kVersionTimeMax, std::move(stop));
  return result && result->exit_code == 0 ? major_version(result->output) : 0;
}

/// By their major versions.
std::map<int, fs::path> debian_programs(std::string_view name) {
  std::map<int, fs::path> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(kDebianFolder, error)) {
    const std::string version = entry.path().filename();
    const fs::path program = entry.path() / "bin" / name;
    int major = 0;
    std::from_chars(version.data(), version.data() + version.size(), major);
    if (major > 0 && ::access(program.c_str(), X_OK) == 0) found[major] = program;
  }
  return found;
}

/// A file of libpq's services that goes away again.
class ServiceFile {
 public:
  static Result<ServiceFile> create(const DatabaseUrl& url, const fs::path& folder) {
    std::string path = (folder / "connect.XXXXXX").string();
    const int descriptor = ::mkostemp(path.data(), O_CLOEXEC);
    if (descriptor < 0) return std::unexpected(file_error("write", path, errno));
    ServiceFile file(path);
    const std::string text = text_of(url);
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    ::close(descriptor);
    if (written != static_cast<ssize_t>(text.size())) {
      return std::unexpected(file_error("write", path, ENOSPC));
    }
    return file;
  }
  ~ServiceFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  ServiceFile(ServiceFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ServiceFile& operator=(ServiceFile&&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  explicit ServiceFile(std::string path) : path_(std::move(path)) {}

  static std::string text_of(const DatabaseUrl& url) {
    std::string text = "[katip]\n";
    const auto add = [&](std::string_view key, std::string_view value) {
      if (!value.empty()) text += fmt::format("{}={}\n", key, value);
    };
    add("host", url.host());
    add("port", url.port());
    add("user", url.user());
    add("dbname", url.database());
    for (const PostgresSetting& setting : url.settings()) add(setting.key, setting.value);
    return text;
  }

  std::string path_;
};

std::string shortened(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  if (text.size() > kMessageSizeMax) text = "…" + text.substr(text.size() - kMessageSizeMax);
  return text;
}

}  // namespace

int major_version(std::string_view text) {
  const std::size_t begin = text.find(") ");
  if (begin == std::string_view::npos) return 0;
  int major = 0;
  std::from_chars(text.data() + begin + 2, text.data() + text.size(), major);
  return major;
}

Result<std::string> find_program(std::string_view name, int server_major, const fs::path& folder,
                                 std::stop_token stop) {
  if (folder.empty()) {
    const auto known = debian_programs(name);
    if (const auto found = known.lower_bound(server_major); found != known.end()) {
      return found->second.string();
    }
  }
  const std::string program =
      folder.empty() ? std::string(name) : (folder / std::string(name)).string();
  const int major = version_of(program, stop);
  if (major >= server_major) return program;
  if (major == 0) {
    return fail(ErrorCode::kNotFound,
                fmt::format("{} is not installed; install the package postgresql-client-{}, or say "
                            "where it is: KATIP_BACKUP_POSTGRES_PROGRAMS",
                            program, server_major));
  }
  return fail(ErrorCode::kNotFound,
              fmt::format("{} is of version {} and the server of {}: install the package "
                          "postgresql-client-{}",
                          program, major, server_major, server_major));
}

Status run_program(const std::vector<std::string>& arguments, const DatabaseUrl& url,
                   const fs::path& scratch_dir, std::stop_token stop) {
  const ServiceFile service = KATIP_TRY(ServiceFile::create(url, scratch_dir));
  std::vector<SubprocessVariable> variables = {{.name = "PGSERVICEFILE", .value = service.path()},
                                               {.name = "PGAPPNAME", .value = "katip backup"}};
  if (!url.password().empty()) {
    variables.push_back({.name = "PGPASSWORD", .value = url.password().reveal()});
  }
  const SubprocessResult result =
      KATIP_TRY(run_subprocess(arguments, kTimeMax, std::move(stop), variables));
  if (result.exit_code == 0) return {};
  return fail(ErrorCode::kInternal,
              fmt::format("{} failed: {}", fs::path(arguments.front()).filename().string(),
                          shortened(result.output)));
}

}  // namespace katip::store::postgres
