#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "http/proxies.h"
#include "http/route.h"

/// The server: HTTP/1.1 with keep-alive, bodies of any size in constant memory both ways, TLS.
///
///   const auto server = KATIP_TRY(Server::create(options, std::move(table), gate, log));
///   KATIP_TRY(server->start());
///   … server->stop();
///
/// A few threads do all the reading and writing and never block; handlers run on threads of their
/// own, which may.
namespace katip::http {

struct ServerOptions {
  std::string address = "127.0.0.1";  ///< An IP address, or "localhost".
  int port = 8002;                    ///< 0: any that is free.
  int io_thread_count = 2;
  int work_thread_count = 16;
  int work_waiting_max = 2'000;  ///< Requests that wait for a thread; more get a 503.
  int connection_count_max = 12'000;
  std::size_t header_size_max = 32 << 10;    ///< Bytes.
  std::int64_t upload_size_max = 4LL << 30;  ///< Bytes, of a form's file or a stream.
  std::chrono::milliseconds header_timeout{10'000};
  std::chrono::milliseconds idle_timeout{75'000};
  std::chrono::milliseconds silence_timeout{30'000};  ///< In the middle of a body, either way.
  std::chrono::milliseconds body_grace{20'000};       ///< After this a body needs a rate of …
  int body_rate_min = 1'000;                          ///< … so many bytes a second.
  std::chrono::milliseconds socket_ping_interval{
      20'000};                                   ///< When a socket has been quiet so long.
  std::chrono::milliseconds stop_grace{30'000};  ///< For requests in hand, at the end.
  std::filesystem::path temporary_dir = {};      ///< Where the files of forms lie meanwhile.
  std::int64_t free_size_min = 0;                ///< Bytes that forms leave free of its disk.
  std::vector<std::string> cors_origins = {};    ///< "*": any, without cookies.
  TrustedProxies proxies = {};                   ///< Who may say for whom a request is.
  std::string tls_certificate = {};              ///< Files in PEM; empty: no TLS.
  std::string tls_key = {};

  /// kInvalidArgument, naming the field and its limits.
  [[nodiscard]] Status validate() const;
};

/// What is known about a request when it has been answered, for logs and figures.
struct RequestRecord {
  const Request& request;
  const Route* route = nullptr;  ///< Null: none fitted.
  int status = 0;                ///< 499: the client went away first.
  std::int64_t body_size = 0;    ///< Bytes sent, without the head.
  std::chrono::microseconds duration{0};
  std::string problem = {};  ///< What the client was not told of a 500.
};

/// A request that is to be done once, and is being done.
///
/// Threads: one thread at a time, which may block.
class RepeatableTurn {
 public:
  /// Without keep() nothing was done, and the request may come again.
  virtual ~RepeatableTurn() = default;
  /// What a request that comes again is answered.
  virtual void keep(const Answer& answer) = 0;
};

/// How a request begins.
struct Begun {
  std::optional<Answer> answer = {};               ///< It was done before, or is being done.
  std::unique_ptr<RepeatableTurn> turn = nullptr;  ///< It is to be done once; else null.
};

/// Who decides about requests before and around their handlers.
///
/// Threads: called on several threads at once, which may block.
class Gate {
 public:
  virtual ~Gate() = default;
  /// Before the body is read: sets request.principal, or refuses. The headers are added to the
  /// answer, whatever it is.
  virtual std::expected<Headers, Failure> admit(Request& request, const Route& route) = 0;
  /// Before the handler; of a stream: before its body is read.
  virtual Begun begin(const Request& request, const Route& route) {
    (void)request, (void)route;
    return {};
  }
  /// On a thread that must not block.
  virtual void on_answered(const RequestRecord& record) { (void)record; }
};

/// Threads: thread-safe.
class Server {
 public:
  /// Errors: kInvalidArgument for options; those of loading the certificate.
  /// Lifetime: gate and log outlive the server.
  static Result<std::unique_ptr<Server>> create(ServerOptions options, RouteTable table, Gate& gate,
                                                Log* log);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Errors: kConflict when the port is taken, kPermissionDenied, kInvalidArgument.
  Status start();
  /// Where it listens, also when the port was chosen by the system.
  [[nodiscard]] int port() const;
  [[nodiscard]] int connection_count() const;
  /// Takes nothing new, lets requests in hand finish for stop_grace, then closes them.
  void stop();

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace katip::http
