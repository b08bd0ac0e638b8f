#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "http/exchange.h"
#include "http/server/asio_types.h"

namespace katip::http {

/// What other threads hand to a connection that waits: an answer, or pieces of a stream. The
/// connection sleeps on a timer that never ends by itself; whoever puts something in wakes it.
///
/// Threads: thread-safe, but wait() and what is marked: the connection's.
/// Lifetime: shared by the connection and those who answer it; outlives both.
class Mailbox : public std::enable_shared_from_this<Mailbox> {
 public:
  explicit Mailbox(std::shared_ptr<boost::asio::io_context> context)
      : context_(std::move(context)), timer_(context_->get_executor()) {}

  void put_answer(Answer answer);
  void put_stream_head(Response head);
  /// False: nobody listens any more, or too slowly, and then the stream has broken off.
  bool put_bytes(std::string bytes);
  /// `is_whole`: the end of the stream; false: it broke off.
  void put_end(bool is_whole);
  /// As put_bytes() and put_end(true) in one, unless it has ended already.
  void put_last(std::string bytes);
  void set_on_disconnect(std::function<void()> callback);

  // For the connection.
  /// Until has_news().
  Awaitable<void> wait();
  /// The same for so long; false: nothing came.
  Awaitable<bool> wait_for(std::chrono::milliseconds time);
  [[nodiscard]] bool has_news();
  std::optional<Answer> take_answer();
  std::optional<Response> take_stream_head();
  struct Piece {
    std::string bytes;
    bool is_end = false;
    bool is_whole = false;
  };
  Piece take_piece();
  /// Nobody listens any more: throws away what is here. Gives what is to be called on a thread that
  /// may block, as somebody asked to be told; may be empty.
  [[nodiscard]] std::function<void()> disconnect();
  [[nodiscard]] bool is_disconnected();
  /// Disconnected or closed: the connection may be gone.
  [[nodiscard]] bool may_be_gone();
  /// Nothing more can be put in.
  [[nodiscard]] bool is_ended();
  /// The exchange is over: nobody is told any more.
  void close();

  // What became of a function on another thread.
  void put_done(Status status);
  std::optional<Status> take_done();

 private:
  /// Wakes the connection. Called under the lock, so that nothing is posted to an executor whose
  /// connection has gone: it would keep itself alive there for ever.
  void wake();
  [[nodiscard]] bool is_over() const { return is_disconnected_ || is_closed_; }

  std::shared_ptr<boost::asio::io_context> context_;  // Outlives the timer.
  Timer timer_;                                       // Touched on the executor only.
  std::mutex mutex_;
  std::optional<Answer> answer_;
  std::optional<Response> stream_head_;
  std::deque<std::string> pieces_;
  std::size_t waiting_size_ = 0;
  bool is_ended_ = false;
  bool is_whole_ = false;
  std::optional<Status> done_;
  bool is_disconnected_ = false;
  bool is_closed_ = false;
  bool has_changed_ = false;
  std::function<void()> on_disconnect_;
};

/// Reports what became of a function when it is destroyed, run or not.
///
/// Threads: one thread at a time.
class Completion {
 public:
  explicit Completion(std::shared_ptr<Mailbox> mailbox) : mailbox_(std::move(mailbox)) {}
  ~Completion() { mailbox_->put_done(std::move(status)); }
  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;

  Status status = fail(ErrorCode::kUnavailable, "the server has too much to do; please try again");

 private:
  std::shared_ptr<Mailbox> mailbox_;
};

/// The Exchange of a connection with this mailbox.
std::shared_ptr<Exchange> make_exchange(std::shared_ptr<Mailbox> mailbox);

}  // namespace katip::http
