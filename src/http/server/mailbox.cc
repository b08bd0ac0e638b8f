#include "http/server/mailbox.h"

#include <atomic>
#include <utility>

#include <boost/asio/post.hpp>

#include "base/assert.h"

/// Tested by server_test.cc.
namespace katip::http {
namespace {

class MailboxStream final : public ResponseStream {
 public:
  explicit MailboxStream(std::shared_ptr<Mailbox> mailbox) : mailbox_(std::move(mailbox)) {}
  ~MailboxStream() override {
    if (!is_finished_) mailbox_->put_end(false);
  }
  bool write(std::string bytes) override { return mailbox_->put_bytes(std::move(bytes)); }
  void finish() override {
    if (!is_finished_.exchange(true)) mailbox_->put_end(true);
  }

 private:
  std::shared_ptr<Mailbox> mailbox_;
  std::atomic<bool> is_finished_ = false;
};

class MailboxExchange final : public Exchange {
 public:
  explicit MailboxExchange(std::shared_ptr<Mailbox> mailbox) : mailbox_(std::move(mailbox)) {}
  ~MailboxExchange() override {
    if (!is_answered_) {
      mailbox_->put_answer(
          std::unexpected(Failure(Error{ErrorCode::kInternal, "a request was not answered"})));
    }
  }
  void respond(Answer answer) override {
    KATIP_ASSERT(!is_answered_.exchange(true));
    mailbox_->put_answer(std::move(answer));
  }
  std::shared_ptr<ResponseStream> stream(Response head) override {
    KATIP_ASSERT(!is_answered_.exchange(true));
    mailbox_->put_stream_head(std::move(head));
    return std::make_shared<MailboxStream>(mailbox_);
  }
  void on_disconnect(std::function<void()> callback) override {
    mailbox_->set_on_disconnect(std::move(callback));
  }

 private:
  std::shared_ptr<Mailbox> mailbox_;
  std::atomic<bool> is_answered_ = false;
};

}  // namespace

void Mailbox::wake() {
  has_changed_ = true;
  boost::asio::post(*context_, [self = shared_from_this()] { self->timer_.cancel(); });
}

void Mailbox::put_answer(Answer answer) {
  const std::scoped_lock lock(mutex_);
  if (is_over()) return;
  answer_ = std::move(answer);
  wake();
}

void Mailbox::put_stream_head(Response head) {
  const std::scoped_lock lock(mutex_);
  if (is_over()) return;
  stream_head_ = std::move(head);
  wake();
}

bool Mailbox::put_bytes(std::string bytes) {
  const std::scoped_lock lock(mutex_);
  if (is_over() || is_ended_) return false;
  if (waiting_size_ > ResponseStream::kBufferSizeMax) {
    // Leaving out a piece would make a hole that nobody sees.
    is_ended_ = true;
    pieces_.clear();
    wake();
    return false;
  }
  waiting_size_ += bytes.size();
  pieces_.push_back(std::move(bytes));
  wake();
  return true;
}

void Mailbox::put_end(bool is_whole) {
  const std::scoped_lock lock(mutex_);
  if (is_over() || is_ended_) return;
  is_ended_ = true;
  is_whole_ = is_whole;
  wake();
}

void Mailbox::put_last(std::string bytes) {
  const std::scoped_lock lock(mutex_);
  if (is_over() || is_ended_) return;
  pieces_.push_back(std::move(bytes));
  is_ended_ = true;
  is_whole_ = true;
  wake();
}

void Mailbox::put_done(Status status) {
  const std::scoped_lock lock(mutex_);
  done_ = std::move(status);
  wake();
}

void Mailbox::set_on_disconnect(std::function<void()> callback) {
  {
    const std::scoped_lock lock(mutex_);
    if (is_closed_) return;
    if (!is_disconnected_) {
      on_disconnect_ = std::move(callback);
      return;
    }
  }
  callback();
}

Awaitable<void> Mailbox::wait() {
  // Both the check and the wake-up run on this thread, so none is missed between them.
  while (!has_news()) {
    timer_.expires_at(Timer::time_point::max());
    co_await timer_.async_wait(kAwait);
  }
}

Awaitable<bool> Mailbox::wait_for(std::chrono::milliseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (!has_news()) {
    timer_.expires_at(end);
    const auto [error] = co_await timer_.async_wait(kAwait);
    if (!error) co_return has_news();
  }
  co_return true;
}

bool Mailbox::has_news() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(has_changed_, false);
}

std::optional<Answer> Mailbox::take_answer() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(answer_, std::nullopt);
}

std::optional<Response> Mailbox::take_stream_head() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(stream_head_, std::nullopt);
}

Mailbox::Piece Mailbox::take_piece() {
  const std::scoped_lock lock(mutex_);
  Piece piece;
  for (std::string& bytes : pieces_) piece.bytes += bytes;
  pieces_.clear();
  waiting_size_ = 0;
  piece.is_end = is_ended_;
  piece.is_whole = is_whole_;
  return piece;
}

std::optional<Status> Mailbox::take_done() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(done_, std::nullopt);
}

std::function<void()> Mailbox::disconnect() {
  timer_.cancel();
  const std::scoped_lock lock(mutex_);
  if (is_closed_ || std::exchange(is_disconnected_, true)) return nullptr;
  pieces_.clear();
  has_changed_ = true;
  return std::exchange(on_disconnect_, nullptr);
}

void Mailbox::close() {
  std::function<void()> dropped;  // It may hold the exchange, and with it this mailbox.
  const std::scoped_lock lock(mutex_);
  is_closed_ = true;
  dropped = std::exchange(on_disconnect_, nullptr);
  pieces_.clear();
}

bool Mailbox::may_be_gone() {
  const std::scoped_lock lock(mutex_);
  return is_over();
}

bool Mailbox::is_ended() {
  const std::scoped_lock lock(mutex_);
  return is_ended_ || is_over();
}

bool Mailbox::is_disconnected() {
  const std::scoped_lock lock(mutex_);
  return is_disconnected_;
}

std::shared_ptr<Exchange> make_exchange(std::shared_ptr<Mailbox> mailbox) {
  return std::make_shared<MailboxExchange>(std::move(mailbox));
}

}  // namespace katip::http
