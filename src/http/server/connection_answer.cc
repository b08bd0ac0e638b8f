#include <algorithm>

#include <fmt/format.h>
#include <unistd.h>

#include "http/server/connection.h"

/// How a connection waits for answers and sends them.
///
/// Tested by server_test.cc.
namespace katip::http {
namespace {

namespace net = boost::asio;

constexpr std::size_t kQuickBody = 8 << 10;  // Summed and compressed without leaving the io thread.
constexpr std::size_t kPiece = 256 << 10;    // Of a file; of a body that goes out with its head.

}  // namespace

Awaitable<Connection::Next> Connection::wait_for_answer(Turn& turn,
                                                        const std::shared_ptr<Mailbox>& mailbox) {
  awaited_ = mailbox;
  watch_for_disconnect(mailbox);
  while (true) {
    co_await mailbox->wait();
    if (auto head = mailbox->take_stream_head()) {
      co_return co_await send_stream(turn, *std::move(head), mailbox);
    }
    if (auto given = mailbox->take_answer()) {
      turn.answer = *std::move(given);
      break;
    }
    if (mailbox->is_disconnected()) {
      is_broken_ = true;
      record(turn, 499, "");
      co_return Next::kClose;
    }
  }
  mailbox->close();
  IoError ignored;
  transport_->socket().cancel(ignored);
  co_return co_await send_answer(turn);
}

/// The client cannot be asked whether it is still there, but its going away makes the socket
/// readable with nothing to read.
void Connection::watch_for_disconnect(const std::shared_ptr<Mailbox>& mailbox) {
  transport_->socket().async_wait(Tcp::socket::wait_read,
                                  [this, weak = std::weak_ptr(mailbox)](const IoError& error) {
                                    const auto mailbox_now = weak.lock();
                                    // When the exchange is over, so may this be.
                                    if (error || !mailbox_now || mailbox_now->may_be_gone()) return;
                                    const Peek peek = transport_->peek();
                                    if (peek == Peek::kClosed) {
                                      drop(*mailbox_now);
                                    } else if (peek == Peek::kNothing) {
                                      watch_for_disconnect(mailbox_now);
                                    }
                                  });
}

Awaitable<Connection::Next> Connection::send_stream(Turn& turn, Response head,
                                                    const std::shared_ptr<Mailbox>& mailbox) {
  const FinishedResponse response =
      finish_head(std::move(head), turn.request, turn.extra, core_.options);
  const bool is_head_only = turn.request.method == Method::kHead;
  // HTTP/1.0 has no chunks: there the end of the connection is the end of the body.
  const bool is_chunked = !turn.is_http_1_0;
  if (!is_chunked || core_.is_stopping) turn.is_kept_alive = false;
  Headers fields = {{"Connection", turn.is_kept_alive ? "keep-alive" : "close"}};
  if (is_chunked) fields.add("Transfer-Encoding", "chunked");
  allow(core_.options.silence_timeout);
  IoError error = co_await write(head_text(response, fields));
  bool is_whole = is_head_only;
  while (!error && !is_head_only) {
    Mailbox::Piece piece = mailbox->take_piece();
    if (!piece.bytes.empty()) {
      if (is_chunked) {
        piece.bytes.insert(0, fmt::format("{:x}\r\n", piece.bytes.size()));
        piece.bytes += "\r\n";
      }
      error = co_await write_slowly(piece.bytes);
      turn.sent_size += static_cast<std::int64_t>(piece.bytes.size());
    }
    if (piece.is_end && !error) {
      is_whole = piece.is_whole;
      allow(core_.options.silence_timeout);
      if (is_whole && is_chunked) error = co_await write("0\r\n\r\n");
      break;
    }
    if (mailbox->is_disconnected()) {
      error = net::error::eof;
      break;
    }
    deadline_ = std::chrono::steady_clock::time_point::max();
    if (!error) co_await mailbox->wait();
  }
  is_broken_ = static_cast<bool>(error) || !is_whole;
  if (is_broken_ || is_head_only) drop(*mailbox);
  mailbox->close();
  IoError ignored;
  transport_->socket().cancel(ignored);
  record(turn, error ? 499 : response.status, "");
  co_return turn.is_kept_alive && !is_broken_ ? Next::kGoOn : Next::kClose;
}

Awaitable<Connection::Next> Connection::send_answer(Turn& turn) {
  FinishedResponse response;
  auto work = [&] {
    Answer answer = *std::exchange(turn.answer, std::nullopt);
    response = finish(std::move(answer), turn.request, turn.route, turn.extra, core_.options);
  };
  const auto* text =
      turn.answer->has_value() ? std::get_if<std::string>(&(*turn.answer)->body) : nullptr;
  if (!turn.answer->has_value() || (text != nullptr && text->size() < kQuickBody)) {
    work();
  } else {
    const Status finished = co_await run_elsewhere(std::move(work), Urgency::kMustRun);
    if (!finished) response.status = status_of(finished.error().code);
  }
  const bool has_file = response.file >= 0;
  const auto size = has_file ? response.size : static_cast<std::int64_t>(response.body.size());
  if (core_.is_stopping) turn.is_kept_alive = false;
  Headers fields = {{"Connection", turn.is_kept_alive ? "keep-alive" : "close"}};
  if (response.status != 204 && response.status != 304) {
    fields.add("Content-Length", fmt::format("{}", size));
  }
  const bool has_body =
      turn.request.method != Method::kHead && response.status != 204 && response.status != 304;
  allow(core_.options.silence_timeout);
  const std::string head = head_text(response, fields);
  const std::string_view body = has_body && !has_file ? response.body : std::string_view();
  IoError error = co_await write(head, body.substr(0, kPiece));
  if (!error && body.size() > kPiece) error = co_await write_slowly(body.substr(kPiece));
  if (!error && has_file && has_body) error = co_await send_file(response);
  if (has_file) ::close(response.file);
  turn.sent_size = has_body ? size : 0;
  is_broken_ = static_cast<bool>(error);
  record(turn, error ? 499 : response.status, std::move(response.problem));
  co_return turn.is_kept_alive && !error ? Next::kGoOn : Next::kClose;
}

Awaitable<IoError> Connection::send_file(const FinishedResponse& response) {
  std::vector<char> piece(kPiece);
  for (std::int64_t sent = 0; sent < response.size;) {
    ssize_t got = 0;
    auto read = [&] {
      const auto wanted =
          std::min<std::int64_t>(response.size - sent, static_cast<std::int64_t>(piece.size()));
      got = ::pread(response.file, piece.data(), static_cast<std::size_t>(wanted),
                    response.offset + sent);
    };
    const Status run = co_await run_elsewhere(std::move(read), Urgency::kMustRun);
    if (!run || got <= 0)
      co_return net::error::eof;  // Somebody cut the file: no answer mends that.
    const IoError error = co_await write_slowly({piece.data(), static_cast<std::size_t>(got)});
    if (error) co_return error;
    sent += got;
  }
  co_return IoError{};
}

}  // namespace katip::http
