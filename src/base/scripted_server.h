#pragma once

#include <array>
#include <cstdlib>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/guarded.h"

namespace katip {

/// A server on the loopback device for tests: it gives its answers, byte for byte, to one
/// connection after the other, and remembers what was asked, bodies of a known length included.
class ScriptedServer {
 public:
  explicit ScriptedServer(std::vector<std::string> answers) : answers_(std::move(answers)) {
    for (const char* variable :
         {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
      ::unsetenv(variable);
    }
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    KATIP_ASSERT(::bind(listener_, generic, size) == 0 && ::listen(listener_, 16) == 0);
    KATIP_ASSERT(::getsockname(listener_, generic, &size) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this] { run(); });
  }
  ~ScriptedServer() {
    ::shutdown(listener_, SHUT_RDWR);  // Ends accept().
    thread_.join();
    ::close(listener_);
  }

  std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  std::vector<std::string> requests() const {
    return requests_.with_lock([](const auto& requests) { return requests; });
  }

 private:
  static bool is_whole(const std::string& request) {
    const std::size_t head = request.find("\r\n\r\n");
    if (head == std::string::npos) return false;
    const std::size_t field = request.find("Content-Length: ");
    const std::size_t size =
        field < head ? std::strtoul(request.c_str() + field + 16, nullptr, 10) : 0;
    return request.size() >= head + 4 + size;
  }
  void run() {
    for (const std::string& answer : answers_) {
      const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) {
        return;
      }
      std::string request;
      std::array<char, 4096> buffer{};
      while (!is_whole(request)) {
        const ssize_t count = ::read(connection, buffer.data(), buffer.size());
        if (count <= 0) {
          break;
        }
        request.append(buffer.data(), static_cast<std::size_t>(count));
      }
      requests_.with_lock([&](auto& requests) { requests.push_back(request); });
      ::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
      ::shutdown(connection, SHUT_WR);
      ::close(connection);
    }
    ::shutdown(listener_, SHUT_RDWR);  // The script is over: whoever comes now is refused.
  }

  std::vector<std::string> answers_;
  Guarded<std::vector<std::string>> requests_;
  int listener_ = -1;
  int port_ = 0;
  std::jthread thread_;
};

}  // namespace katip
