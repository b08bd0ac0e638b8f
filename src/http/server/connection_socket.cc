#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fmt/format.h>

#include "http/server/connection.h"
#include "http/server/socket_handshake.h"
#include "http/wire/socket_frame.h"

/// A WebSocket has two coroutines: this one reads frames and gives messages to the handler, one
/// after the other; another one writes what is in the mailbox, and a ping when it has been quiet.
///
/// Tested by server_socket_test.cc.
namespace katip::http {
namespace {

namespace net = boost::asio;

constexpr std::size_t kReadPiece = 16 << 10;
constexpr std::size_t kWritePiece = 64 << 10;
/// How long the other side may take for its goodbye.
constexpr std::chrono::seconds kGoodbyeTime{5};

class MailboxSocket final : public SocketSender {
 public:
  explicit MailboxSocket(std::shared_ptr<Mailbox> mailbox) : mailbox_(std::move(mailbox)) {}
  bool send_text(std::string_view text) override {
    return mailbox_->put_bytes(socket_frame(SocketOpcode::kText, text));
  }
  bool send_binary(std::string_view bytes) override {
    return mailbox_->put_bytes(socket_frame(SocketOpcode::kBinary, bytes));
  }
  void close(CloseCode code, std::string_view reason) override {
    mailbox_->put_last(socket_close_frame(code, reason));
  }

 private:
  std::shared_ptr<Mailbox> mailbox_;
};

}  // namespace

Awaitable<Connection::Next> Connection::serve_socket(Turn& turn) {
  const auto mailbox = std::make_shared<Mailbox>(context_);
  std::unique_ptr<SocketHandler> handler;
  auto open = [&] {
    auto opened = turn.route->open_socket(turn.request, std::make_shared<MailboxSocket>(mailbox));
    if (opened) {
      handler = *std::move(opened);
    } else {
      turn.answer = std::unexpected(std::move(opened).error());
    }
  };
  const Status opened = co_await run_elsewhere(std::move(open), Urgency::kRefusable);
  if (!opened) turn.answer = std::unexpected(Failure(opened.error()));
  if (turn.answer) {
    mailbox->close();
    co_return co_await send_answer(turn);
  }
  awaited_ = mailbox;
  is_socket_ = true;
  allow(core_.options.silence_timeout);
  const IoError error = co_await write(
      head_text(finish_head(socket_welcome(turn.request, turn.route->socket_protocols),
                            turn.request, turn.extra, core_.options),
                {}));
  CloseCode code = CloseCode::kAbnormal;
  if (!error) code = co_await run_socket(turn, mailbox, *handler);
  auto end = [&] {
    handler->on_close(code);
    handler.reset();
  };
  allow(std::chrono::hours(1));
  static_cast<void>(co_await run_elsewhere(std::move(end), Urgency::kMustRun));
  mailbox->close();
  is_socket_ = false;
  record(turn, error ? 499 : 101, "");
  co_return Next::kClose;
}

Awaitable<CloseCode> Connection::run_socket(Turn& turn, const std::shared_ptr<Mailbox>& mailbox,
                                            SocketHandler& handler) {
  const auto written = std::make_shared<Mailbox>(context_);
  write_deadline_ = std::chrono::steady_clock::time_point::max();
  net::co_spawn(context_->get_executor(),
                write_socket(turn, mailbox, std::make_shared<Completion>(written)), net::detached);
  CloseCode code = CloseCode::kAbnormal;
  try {
    code = co_await read_socket(mailbox, handler, turn.route->message_size_max);
  } catch (const std::exception& exception) {
    core_.logger.error("a socket ended by an exception", {{"error_message", exception.what()}});
  }
  if (code == CloseCode::kAbnormal) drop(*mailbox);
  // The other coroutine uses this connection: it has to end first.
  while (!written->take_done()) co_await written->wait();
  co_return code;
}

void Connection::allow_reading(std::chrono::milliseconds time) {
  read_deadline_ = std::chrono::steady_clock::now() + time;
  deadline_ = std::min(read_deadline_, write_deadline_);
}

Awaitable<CloseCode> Connection::read_socket(const std::shared_ptr<Mailbox>& mailbox,
                                             SocketHandler& handler, std::size_t message_size_max) {
  SocketParser parser(message_size_max);
  const auto silence = 2 * core_.options.socket_ping_interval + core_.options.silence_timeout;
  while (true) {
    const SocketParser::Step step = parser.read(unread());
    begin_ += step.used;
    if (step.progress == SocketParser::Progress::kBad) {
      mailbox->put_last(socket_close_frame(parser.problem(), "this cannot be read"));
      co_return parser.problem();
    }
    if (step.progress == SocketParser::Progress::kMore) {
      allow_reading(mailbox->is_ended() ? kGoodbyeTime : silence);
      if (co_await fill(kReadPiece)) co_return CloseCode::kAbnormal;
      continue;
    }
    const SocketOpcode opcode = parser.opcode();
    const std::string payload = parser.take();
    if (opcode == SocketOpcode::kClose) {
      const CloseCode code = parser.close_code();
      mailbox->put_last(
          socket_close_frame(code == CloseCode::kNone ? CloseCode::kNormal : code, ""));
      co_return code;
    }
    if (opcode == SocketOpcode::kPing) {
      mailbox->put_bytes(socket_frame(SocketOpcode::kPong, payload));
    } else if (opcode != SocketOpcode::kPong && !mailbox->is_ended()) {
      auto work = [&] {
        if (opcode == SocketOpcode::kText) {
          handler.on_text(payload);
        } else {
          handler.on_binary(payload);
        }
      };
      allow_reading(std::chrono::hours(1));  // A handler's time is not the client's.
      const Status run = co_await run_elsewhere(std::move(work), Urgency::kMustRun);
      if (!run) {
        core_.logger.error("a socket's handler failed", {{"error_message", run.error().message}});
        mailbox->put_last(socket_close_frame(CloseCode::kInternal, "something went wrong here"));
      }
    }
  }
}

Awaitable<void> Connection::write_socket(Turn& turn, std::shared_ptr<Mailbox> mailbox,
                                         std::shared_ptr<Completion> completion) {
  IoError error;
  bool is_whole = false;
  while (!error && !is_whole) {
    Mailbox::Piece piece = mailbox->take_piece();
    turn.sent_size += static_cast<std::int64_t>(piece.bytes.size());
    for (std::string_view left = piece.bytes; !left.empty() && !error;) {
      write_deadline_ = std::chrono::steady_clock::now() + core_.options.silence_timeout;
      deadline_ = std::min(read_deadline_, write_deadline_);
      error = co_await write(left.substr(0, kWritePiece));
      left.remove_prefix(std::min(left.size(), kWritePiece));
    }
    write_deadline_ = std::chrono::steady_clock::time_point::max();
    deadline_ = std::min(read_deadline_, write_deadline_);
    is_whole = piece.is_end && piece.is_whole;
    if (mailbox->is_disconnected() || (piece.is_end && !is_whole)) error = net::error::eof;
    if (error || is_whole) break;
    if (!co_await mailbox->wait_for(core_.options.socket_ping_interval)) {
      mailbox->put_bytes(socket_frame(SocketOpcode::kPing, ""));
    }
  }
  if (error) {
    is_broken_ = true;
    transport_->close();  // Which ends the reading.
  } else {
    allow_reading(kGoodbyeTime);
  }
  completion->status = {};
}

}  // namespace katip::http
