#include "http/server.h"

#include <csignal>
#include <set>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include "base/assert.h"
#include "http/server/connection.h"
#include "http/server/core.h"
#include "http/server/transport.h"

/// One thread accepts and gives the connections to all io threads in turn. Each io thread looks at
/// the deadlines of its connections four times a second: a timer for each would cost more.
///
/// Tested by server_test.cc.
namespace katip::http {
namespace {

namespace net = boost::asio;

constexpr std::chrono::milliseconds kDeadlineInterval{250};
constexpr std::chrono::milliseconds kAcceptPause{100};
constexpr std::chrono::milliseconds kFullPause{20};

Status in_range(std::string_view field, std::int64_t value, std::int64_t minimum,
                std::int64_t maximum) {
  if (value >= minimum && value <= maximum) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} is {}; it must be {} to {}", field, value, minimum, maximum));
}

Result<net::ip::address> parse_address(const std::string& text) {
  IoError error;
  const auto address = net::ip::make_address(text == "localhost" ? "127.0.0.1" : text, error);
  if (error) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("`{}` is no IP address to listen on; 127.0.0.1 is this machine alone, "
                            "0.0.0.0 is everybody",
                            text));
  }
  return address;
}

/// One thread of input and output, with its connections.
class IoThread {
 public:
  IoThread() : context_(std::make_shared<net::io_context>(1)), guard_(context_->get_executor()) {}

  void start() {
    net::co_spawn(context_->get_executor(), watch_deadlines(), net::detached);
    thread_ = std::jthread([this] { context_->run(); });
  }
  void stop() {
    context_->stop();
    if (thread_.joinable()) thread_.join();
    // What was posted meanwhile holds the context that holds it, until it has run.
    context_->restart();
    context_->poll();
  }
  [[nodiscard]] const std::shared_ptr<net::io_context>& context() const { return context_; }

  void adopt(std::unique_ptr<Transport> transport, ServerCore& core, std::string client_ip) {
    auto connection =
        std::make_unique<Connection>(std::move(transport), core, context_, std::move(client_ip));
    net::co_spawn(context_->get_executor(), serve(std::move(connection), core), net::detached);
  }
  /// Closes those that wait for a request and sockets, or all.
  void close(bool is_all) {
    net::post(*context_, [this, is_all] {
      for (Connection* connection : connections_) {
        is_all ? connection->close() : connection->leave();
      }
    });
  }

 private:
  Awaitable<void> serve(std::unique_ptr<Connection> connection, ServerCore& core) {
    connections_.insert(connection.get());
    try {
      co_await connection->run();
    } catch (const std::exception& exception) {
      core.logger.error("a connection ended by an exception",
                        {{"error_message", exception.what()}});
    }
    connections_.erase(connection.get());
    connection.reset();
    --core.connection_count;
  }
  Awaitable<void> watch_deadlines() {
    Timer timer(context_->get_executor());
    while (true) {
      timer.expires_after(kDeadlineInterval);
      co_await timer.async_wait(kAwait);
      const auto now = std::chrono::steady_clock::now();
      for (Connection* connection : connections_) {
        if (connection->deadline() < now) connection->close();
      }
    }
  }

  std::shared_ptr<net::io_context> context_;
  net::executor_work_guard<Executor> guard_;
  std::set<Connection*> connections_;  // Touched on the thread only.
  std::jthread thread_;
};

}  // namespace

Status ServerOptions::validate() const {
  KATIP_TRY(parse_address(address));
  KATIP_TRY(in_range("port", port, 0, 65'535));
  KATIP_TRY(in_range("io_thread_count", io_thread_count, 1, 64));
  KATIP_TRY(in_range("work_thread_count", work_thread_count, 1, 1'024));
  KATIP_TRY(in_range("connection_count_max", connection_count_max, 1, 1'000'000));
  KATIP_TRY(in_range("socket_ping_interval", socket_ping_interval.count(), 1, 3'600'000));
  KATIP_TRY(in_range("upload_size_max", upload_size_max, 1, 1LL << 44));
  KATIP_TRY(
      in_range("header_size_max", static_cast<std::int64_t>(header_size_max), 1'024, 1 << 20));
  if (tls_certificate.empty() != tls_key.empty()) {
    return fail(ErrorCode::kInvalidArgument, "TLS needs both a certificate and its key");
  }
  return {};
}

struct Server::State {
  State(ServerOptions options, RouteTable table, Gate& gate, Log* log)
      : core(std::move(options), std::move(table), gate, log) {}

  Awaitable<void> accept();
  Awaitable<void> wait_for_room(Timer& pause);
  Status listen(const net::ip::address& address);

  ServerCore core;
  std::shared_ptr<const TlsContext> tls;
  std::vector<std::unique_ptr<IoThread>> threads;
  std::unique_ptr<Acceptor> acceptor;
  int port = 0;
  std::atomic<bool> is_started = false;
};

/// Nobody is let in before somebody leaves; who wants in waits in the kernel, as with a busy
/// server.
Awaitable<void> Server::State::wait_for_room(Timer& pause) {
  const auto is_full = [this] {
    return core.connection_count >= core.options.connection_count_max && !core.is_stopping;
  };
  if (!is_full()) co_return;
  core.logger.warning("too many connections; more wait until one ends",
                      {{"count", core.connection_count.load()}});
  while (is_full()) {
    pause.expires_after(kFullPause);
    co_await pause.async_wait(kAwait);
  }
}

Awaitable<void> Server::State::accept() {
  Timer pause(threads.front()->context()->get_executor());
  for (std::size_t turn = 0; !core.is_stopping; ++turn) {
    co_await wait_for_room(pause);
    if (core.is_stopping) co_return;
    IoThread& thread = *threads[turn % threads.size()];
    Tcp::endpoint peer;
    Socket socket(thread.context()->get_executor());
    const auto [error] = co_await acceptor->async_accept(socket, peer, kAwait);
    if (error == net::error::operation_aborted || core.is_stopping) co_return;
    if (error) {  // No descriptors left: those who wait keep waiting in the kernel.
      pause.expires_after(kAcceptPause);
      co_await pause.async_wait(kAwait);
      continue;
    }
    IoError ignored;
    socket.set_option(Tcp::no_delay(true), ignored);
    socket.set_option(net::socket_base::keep_alive(true), ignored);
    ++core.connection_count;  // From here on stop() waits for it.
    auto transport = tls ? tls->accept(std::move(socket)) : plain_transport(std::move(socket));
    net::post(
        *thread.context(),
        [this, &thread, moved = std::make_shared<std::unique_ptr<Transport>>(std::move(transport)),
         ip = peer.address().to_string()] { thread.adopt(std::move(*moved), core, ip); });
  }
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() { stop(); }

Result<std::unique_ptr<Server>> Server::create(ServerOptions options, RouteTable table, Gate& gate,
                                               Log* log) {
  KATIP_TRY(options.validate());
  auto state = std::make_unique<State>(std::move(options), std::move(table), gate, log);
  const ServerOptions& checked = state->core.options;
  if (!checked.tls_certificate.empty()) {
    state->tls = KATIP_TRY(TlsContext::load(checked.tls_certificate, checked.tls_key));
  }
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

Status Server::start() {
  KATIP_ASSERT(!state_->is_started);
  std::signal(SIGPIPE, SIG_IGN);  // A client that went away is an error of write(), not the end.
  const ServerOptions& options = state_->core.options;
  const auto address = KATIP_TRY(parse_address(options.address));
  for (int i = 0; i < options.io_thread_count; ++i) {
    state_->threads.push_back(std::make_unique<IoThread>());
  }
  const Status listening = state_->listen(address);
  if (!listening) {
    state_->threads.clear();
    return listening;
  }
  net::co_spawn(state_->threads.front()->context()->get_executor(), state_->accept(),
                net::detached);
  for (const auto& thread : state_->threads) thread->start();
  state_->is_started = true;
  return {};
}

Status Server::State::listen(const net::ip::address& address) {
  const ServerOptions& options = core.options;
  const Tcp::endpoint endpoint(address, static_cast<unsigned short>(options.port));
  auto opened = std::make_unique<Acceptor>(threads.front()->context()->get_executor());
  IoError error;
  opened->open(endpoint.protocol(), error);
  if (!error) opened->set_option(Acceptor::reuse_address(true), error);
  if (!error) opened->bind(endpoint, error);
  if (!error) opened->listen(net::socket_base::max_listen_connections, error);
  if (error) {
    const bool is_taken = error == net::error::address_in_use;
    return fail(is_taken ? ErrorCode::kConflict : ErrorCode::kPermissionDenied,
                fmt::format("cannot listen on {} port {}: {}{}", options.address, options.port,
                            error.message(), is_taken ? "; choose another one with --port" : ""));
  }
  port = opened->local_endpoint().port();
  acceptor = std::move(opened);
  return {};
}

int Server::port() const { return state_->port; }

int Server::connection_count() const { return state_->core.connection_count; }

void Server::stop() {
  if (!state_->is_started.exchange(false)) return;
  state_->core.is_stopping = true;
  net::post(*state_->threads.front()->context(), [this] {
    IoError ignored;
    state_->acceptor->close(ignored);
  });
  const auto wait_until_empty = [this](std::chrono::milliseconds time) {
    const auto end = std::chrono::steady_clock::now() + time;
    while (state_->core.connection_count > 0 && std::chrono::steady_clock::now() < end) {
      for (const auto& thread : state_->threads) thread->close(false);
      system_clock().sleep_for(std::chrono::milliseconds(20), {});
    }
  };
  wait_until_empty(state_->core.options.stop_grace);
  for (const auto& thread : state_->threads) thread->close(true);
  wait_until_empty(std::chrono::seconds(2));
  // Handlers in hand write into requests of connections; what was dropped ends its connections.
  state_->core.pool.stop();
  wait_until_empty(std::chrono::seconds(2));
  for (const auto& thread : state_->threads) thread->stop();
}

}  // namespace katip::http
