#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/server/core.h"
#include "http/server/finished_response.h"
#include "http/server/mailbox.h"
#include "http/server/transport.h"
#include "http/socket.h"

namespace katip::http {

class MessageParser;

/// One connection: reads requests one after the other and writes their answers.
///
/// Threads:  the thread of its io_context.
/// Lifetime: the core outlives it.
class Connection {
 public:
  Connection(std::unique_ptr<Transport> transport, ServerCore& core,
             std::shared_ptr<boost::asio::io_context> context, std::string client_ip);
  ~Connection();

  Awaitable<void> run();

  /// When nothing has happened until then, the connection is closed from outside.
  [[nodiscard]] std::chrono::steady_clock::time_point deadline() const { return deadline_; }
  /// Waits for a request of which nothing has come yet.
  [[nodiscard]] bool is_idle() const { return is_idle_; }
  void close();
  /// The server stops: closes when idle, and says goodbye to a socket. Nothing else is disturbed.
  void leave();

 private:
  /// One request and its answer in the making.
  struct Turn {
    Request request;
    const Route* route = nullptr;
    Headers extra;
    std::chrono::steady_clock::time_point start;
    std::int64_t sent_size = 0;
    bool is_kept_alive = false;  ///< The connection, after the answer.
    bool is_http_1_0 = false;    ///< No chunks, no "100 Continue".
    bool waits_for_100 = false;  ///< The client sends its body when it is told to.
    std::optional<Answer> answer;
    std::unique_ptr<RepeatableTurn> once;  ///< Of a stream whose body is being read.
  };
  enum class Next { kGoOn, kClose };

  Awaitable<Next> serve_one();
  Awaitable<bool> read_head(MessageParser& parser);
  Awaitable<Next> answer_bad_message(int status, std::string message);
  Awaitable<Next> answer(MessageParser& parser, Turn& turn);

  void find_route(Turn& turn, bool is_known_method) const;
  Awaitable<void> admit(Turn& turn);

  /// Reads the body to where the route wants it.
  Awaitable<void> take_body(MessageParser& parser, Turn& turn);
  /// Reads the rest of the body to `sink`, or to nobody. False: there is an answer already, or the
  /// connection broke.
  Awaitable<bool> read_body(MessageParser& parser, Turn& turn, BodySink* sink);
  Awaitable<bool> fill_for_body(std::size_t wanted, std::int64_t received,
                                std::chrono::steady_clock::time_point start);
  Awaitable<void> open_sink(Turn& turn, BodyKind kind, std::unique_ptr<BodySink>& sink);
  Awaitable<Status> give(BodySink* sink, std::string_view bytes);
  /// Of a form its file, of others the body.
  [[nodiscard]] std::int64_t file_size_max(const Turn& turn) const;

  Awaitable<void> run_handler(Turn& turn);
  Awaitable<Next> wait_for_answer(Turn& turn, const std::shared_ptr<Mailbox>& mailbox);
  Awaitable<Next> send_stream(Turn& turn, Response head, const std::shared_ptr<Mailbox>& mailbox);
  Awaitable<Next> send_answer(Turn& turn);
  Awaitable<Next> serve_socket(Turn& turn);
  Awaitable<CloseCode> run_socket(Turn& turn, const std::shared_ptr<Mailbox>& mailbox,
                                  SocketHandler& handler);
  Awaitable<CloseCode> read_socket(const std::shared_ptr<Mailbox>& mailbox, SocketHandler& handler,
                                   std::size_t message_size_max);
  Awaitable<void> write_socket(Turn& turn, std::shared_ptr<Mailbox> mailbox,
                               std::shared_ptr<Completion> completion);
  void allow_reading(std::chrono::milliseconds time);
  Awaitable<IoError> send_file(const FinishedResponse& response);
  Awaitable<void> linger();

  /// Whether what waits for a thread is refused when too much waits.
  enum class Urgency { kRefusable, kMustRun };
  /// Runs `work` on a thread that may block. kUnavailable: it was not run; kInternal: it threw.
  Awaitable<Status> run_elsewhere(std::function<void()> work, Urgency urgency);
  Awaitable<IoError> fill(std::size_t wanted);
  Awaitable<IoError> write(std::string_view first, std::string_view second = {});
  /// In pieces, each of which has its time.
  Awaitable<IoError> write_slowly(std::string_view bytes);
  /// Whoever would answer is told that nobody listens any more.
  void drop(Mailbox& mailbox);
  void watch_for_disconnect(const std::shared_ptr<Mailbox>& mailbox);
  void allow(std::chrono::milliseconds time) {
    deadline_ = std::chrono::steady_clock::now() + time;
  }
  void record(const Turn& turn, int status, std::string problem);
  [[nodiscard]] std::string_view unread() const { return {buffer_.data() + begin_, end_ - begin_}; }

  std::unique_ptr<Transport> transport_;
  ServerCore& core_;
  std::shared_ptr<boost::asio::io_context> context_;
  const std::string client_ip_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::chrono::steady_clock::time_point deadline_;
  std::chrono::steady_clock::time_point read_deadline_;   // Of a socket, which does both at once:
  std::chrono::steady_clock::time_point write_deadline_;  // the earlier one counts.
  bool is_idle_ = false;
  bool is_socket_ = false;
  std::weak_ptr<Mailbox> awaited_;  // Whose answer is waited for.
  bool is_broken_ = false;          // Nothing more can be written.
};

}  // namespace katip::http
