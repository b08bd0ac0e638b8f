#pragma once

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/testing/free_port.h"
#include "base/testing/temporary_folder.h"
#include "media/s3_blobs.h"

namespace katip::media::testing {

/// A real S3 server of the test's own, on a free port of the loopback, gone when it ends:
/// versitygw, which checks every signature and keeps objects as files. tools/setup_s3_server builds
/// it.
class S3Server {
 public:
  /// Where the program is. Empty: nowhere.
  static std::filesystem::path program() {
    const std::filesystem::path path =
        std::filesystem::path(KATIP_SOURCE_DIR) / ".deps/s3_server/versitygw";
    std::error_code ignored;
    return std::filesystem::is_regular_file(path, ignored) ? path : std::filesystem::path();
  }

  S3Server() {
    for (const char* variable : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy"}) {
      ::unsetenv(variable);
    }
    std::filesystem::create_directories(folder_.path() / "katip-test");  // The bucket.
    port_ = free_port();
    const std::string program_path = program().string();
    const std::string address = "127.0.0.1:" + std::to_string(port_);
    const std::string root = folder_.path().string();
    const pid_t parent = ::getpid();
    process_ = ::fork();
    if (process_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (::getppid() != parent) ::_exit(126);
      const int null = ::open("/dev/null", O_RDWR);
      for (int stream = 0; stream < 3; ++stream) ::dup2(null, stream);
      ::setenv("ROOT_ACCESS_KEY", "katipkey", 1);
      ::setenv("ROOT_SECRET_KEY", "katipsecret", 1);
      ::execl(program_path.c_str(), "versitygw", "--port", address.c_str(), "--region", "us-east-1",
              "posix", root.c_str(), nullptr);
      ::_exit(127);
    }
  }
  ~S3Server() {
    ::kill(process_, SIGKILL);
    int status = 0;
    ::waitpid(process_, &status, 0);
  }
  S3Server(const S3Server&) = delete;
  S3Server& operator=(const S3Server&) = delete;

  [[nodiscard]] S3Options options() const {
    S3Options options;
    options.url = "s3://katip-test/below/here";
    options.endpoint = "http://127.0.0.1:" + std::to_string(port_);
    options.access_key = "katipkey";
    options.secret_key = Secret("katipsecret");
    options.part_size = 5 << 20;
    return options;
  }
  /// Until it answers.
  void wait() const {
    const auto blobs = S3Blobs::open(options(), system_clock(), system_rng());
    KATIP_ASSERT(blobs.has_value());
    for (int i = 0; i < 600; ++i) {
      if ((*blobs)->list("", "", 1, {})) return;
      system_clock().sleep_for(std::chrono::milliseconds(50), {});
    }
    KATIP_ASSERT(false);
  }

 private:
  TemporaryFolder folder_;
  int port_ = 0;
  pid_t process_ = -1;
};

}  // namespace katip::media::testing
