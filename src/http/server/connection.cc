#include "http/server/connection.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/trace_context.h"
#include "base/uuid.h"
#include "http/server/body_check.h"
#include "http/server/kept_exchange.h"
#include "http/server/message_parser.h"
#include "http/server/socket_handshake.h"
#include "http/wire/socket_frame.h"
#include "http/wire/url_text.h"

/// A request goes through: head, route, admission, body, handler, answer. What may block
/// (admission, files, handlers) runs on the pool, and this coroutine sleeps meanwhile.
///
/// Tested by server_test.cc.
namespace katip::http {
namespace {

namespace net = boost::asio;

constexpr std::size_t kSmallBuffer = 4 << 10;
constexpr std::size_t kWritePiece = 64 << 10;
constexpr std::int64_t kDrainSizeMax = 256 << 10;
constexpr std::int64_t kLingerSizeMax = 64 << 20;
constexpr std::chrono::seconds kLingerTime{10};

bool is_good_request_id(std::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         text.find_first_not_of(
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == text.npos;
}

std::string request_id_of(const Request& request) {
  static UuidSource ids(system_clock(), system_rng());
  const std::string_view given = request.headers.get("X-Request-Id");
  if (is_good_request_id(given)) return std::string(given);
  // The tasks of a request know its id alone, and find the trace by it.
  const auto trace = parse_traceparent(request.headers.get("traceparent"));
  return trace ? trace->trace_id : ids.next();
}

/// "https://host/path?query" -> "/path?query", as a proxy may ask.
std::string_view origin_form(std::string_view target) {
  if (target.starts_with('/')) return target;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!target.starts_with(scheme)) continue;
    const std::size_t slash = target.find('/', scheme.size());
    return slash == target.npos ? "/" : target.substr(slash);
  }
  return {};
}

std::string allow_header(const std::vector<Method>& allowed) {
  std::string text;
  for (const Method method : allowed) {
    text += text.empty() ? "" : ", ";
    text += name(method);
  }
  return text;
}

}  // namespace

Connection::Connection(std::unique_ptr<Transport> transport, ServerCore& core,
                       std::shared_ptr<net::io_context> context, std::string client_ip)
    : transport_(std::move(transport)),
      core_(core),
      context_(std::move(context)),
      client_ip_(std::move(client_ip)),
      deadline_(std::chrono::steady_clock::now() + core.options.header_timeout) {}

Connection::~Connection() = default;

void Connection::close() {
  transport_->close();
  if (const auto mailbox = awaited_.lock()) drop(*mailbox);
}

void Connection::leave() {
  if (is_idle_) close();
  const auto mailbox = awaited_.lock();
  if (is_socket_ && mailbox) {
    mailbox->put_last(socket_close_frame(CloseCode::kGoingAway, "the server stops"));
  }
}

void Connection::drop(Mailbox& mailbox) {
  if (auto callback = mailbox.disconnect()) core_.pool.post_always(std::move(callback));
}

Awaitable<void> Connection::run() {
  if (co_await transport_->handshake()) co_return;
  while (!core_.is_stopping) {
    if (co_await serve_one() == Next::kClose) break;
  }
  if (!is_broken_) {
    allow(core_.options.silence_timeout);
    co_await transport_->shutdown();
    co_await linger();
  }
}

/// Closing while the client still sends would throw away the answer on its way to it.
Awaitable<void> Connection::linger() {
  allow(kLingerTime);
  buffer_.resize(kSmallBuffer);
  for (std::int64_t left = kLingerSizeMax; left > 0;) {
    const IoResult read = co_await transport_->read_some(net::buffer(buffer_));
    if (read.error || read.size == 0) co_return;
    left -= static_cast<std::int64_t>(read.size);
  }
}

Awaitable<Connection::Next> Connection::serve_one() {
  MessageParser parser(core_.options.header_size_max);
  if (!co_await read_head(parser)) co_return Next::kClose;
  Turn turn;
  turn.start = std::chrono::steady_clock::now();
  turn.is_kept_alive = parser.is_kept_alive();
  turn.is_http_1_0 = parser.is_http_1_0();
  turn.request.headers = parser.headers();
  turn.waits_for_100 = !turn.is_http_1_0 && !parser.is_done() &&
                       equals_ignoring_case(turn.request.headers.get("Expect"), "100-continue");
  turn.request.request_id = request_id_of(turn.request);
  const Client client = core_.options.proxies.client_of(
      turn.request.headers, {.ip = client_ip_, .is_secure = transport_->is_secure()});
  turn.request.client_ip = client.ip;
  turn.request.is_secure = client.is_secure;
  turn.request.target = parser.target();
  const auto method = parse_method(parser.method());
  turn.request.method = method.value_or(Method::kGet);
  // Some networks let no PATCH and DELETE through: tus asks for this way around.
  const std::string_view meant = turn.request.headers.get("X-HTTP-Method-Override");
  const bool is_upload = origin_form(turn.request.target).starts_with("/api/v1/uploads");
  if (method == Method::kPost && is_upload && (meant == "PATCH" || meant == "DELETE")) {
    turn.request.method = *parse_method(meant);
  }
  find_route(turn, method.has_value());
  const Next next = co_await answer(parser, turn);
  if (!turn.request.form.files.empty()) {  // Deleting a large file takes time.
    auto form = std::make_shared<Form>(std::move(turn.request.form));
    core_.pool.post_always([form = std::move(form)] { form->files.clear(); });
  }
  co_return next;
}

Awaitable<bool> Connection::read_head(MessageParser& parser) {
  if (begin_ == end_) {
    // An idle connection keeps no buffer.
    buffer_ = {};
    begin_ = end_ = 0;
    is_idle_ = true;
    allow(core_.options.idle_timeout);
    const IoError error = co_await transport_->idle();
    is_idle_ = false;
    if (error || core_.is_stopping) {
      is_broken_ = static_cast<bool>(error);
      co_return false;
    }
  }
  allow(core_.options.header_timeout);
  while (true) {
    if (begin_ < end_) {
      const MessageParser::Step step = parser.read_head(unread());
      begin_ += step.used;
      if (step.progress == MessageParser::Progress::kDone) co_return true;
      if (step.progress == MessageParser::Progress::kBad) {
        co_await answer_bad_message(400,
                                    "this is no HTTP request that can be read in one way only");
        co_return false;
      }
      if (step.progress == MessageParser::Progress::kHeadTooLarge) {
        co_await answer_bad_message(431, fmt::format("the head of a request may have {} bytes",
                                                     core_.options.header_size_max));
        co_return false;
      }
    }
    if (co_await fill(kSmallBuffer)) {
      is_broken_ = true;
      co_return false;
    }
  }
}

Awaitable<Connection::Next> Connection::answer_bad_message(int status, std::string message) {
  Turn turn;
  turn.start = std::chrono::steady_clock::now();
  turn.request.request_id = request_id_of(turn.request);
  turn.request.client_ip = client_ip_;
  Failure failure(status, status == 431 ? "HEADERS_TOO_LARGE" : "BAD_REQUEST", std::move(message));
  turn.answer = std::unexpected(std::move(failure));
  co_return co_await send_answer(turn);
}

void Connection::find_route(Turn& turn, bool is_known_method) const {
  Request& request = turn.request;
  const std::string_view target = origin_form(request.target);
  const std::size_t question = std::min(target.find('?'), target.size());
  const std::string_view path = target.substr(0, question);
  auto decoded = percent_decoded(path);
  auto query = parse_query(target.substr(std::min(question + 1, target.size())));
  request.path =
      decoded ? *decoded : std::string(path);  // What is refused has a shape by its path.
  if (!decoded || decoded->empty() || !query) {
    turn.answer = std::unexpected(
        Failure(400, "BAD_REQUEST", "the address of the request has a faulty %-code"));
    return;
  }
  request.query = *std::move(query);
  RouteMatch match = core_.table.find(request.method, path);
  request.path_values = std::move(match.path_values);
  if (is_preflight(request) && !match.allowed.empty()) {
    turn.answer = preflight_response(request, match.allowed);
    return;
  }
  if (is_known_method) turn.route = match.route;
  if (turn.route != nullptr) {
    request.cursors = turn.route->cursor_seal;
    return;
  }
  if (match.allowed.empty()) {
    turn.answer = std::unexpected(Failure(404, "NOT_FOUND", "there is nothing at " + request.path));
  } else if (is_known_method && request.method == Method::kOptions) {
    Response response = empty_response();
    response.headers.set("Allow", allow_header(match.allowed));
    turn.answer = std::move(response);
  } else {
    Failure failure(405, "METHOD_NOT_ALLOWED",
                    "this method is not possible here; what is: " + allow_header(match.allowed));
    failure.headers.set("Allow", allow_header(match.allowed));
    turn.answer = std::unexpected(std::move(failure));
  }
}

Awaitable<Connection::Next> Connection::answer(MessageParser& parser, Turn& turn) {
  allow(std::chrono::hours(24));  // The gate and handlers have limits of their own.
  if (!turn.answer && turn.route->is_immediate) turn.answer = turn.route->handle(turn.request);
  // Who may not do this learns nothing about how it is done.
  if (!turn.answer) co_await admit(turn);
  if (!turn.answer) {
    if (auto failure = refuse_body(*turn.route, turn.request, parser, file_size_max(turn))) {
      turn.answer = std::unexpected(*std::move(failure));
    } else if (turn.route->open_socket) {
      take_socket_key(turn.request);
      failure = refuse_socket(turn.request, core_.options);
      if (failure) turn.answer = std::unexpected(*std::move(failure));
    }
  }
  if (!turn.answer) co_await take_body(parser, turn);
  if (is_broken_) {
    record(turn, 499, "");
    co_return Next::kClose;
  }
  // What is left of a body has to be read before the next request; much of it is not worth that.
  if (!parser.is_done()) {
    if (turn.waits_for_100 || parser.body_size().value_or(kDrainSizeMax + 1) > kDrainSizeMax) {
      turn.is_kept_alive = false;
    } else if (!co_await read_body(parser, turn, nullptr)) {
      turn.is_kept_alive = false;
    }
  }
  if (turn.answer) co_return co_await send_answer(turn);
  if (turn.route->open_socket) co_return co_await serve_socket(turn);
  if (turn.route->handle_later) {
    auto mailbox = std::make_shared<Mailbox>(context_);
    auto later = [this, &turn, mailbox] {
      if (auto failure = check_body(*turn.route, turn.request)) {
        mailbox->put_answer(std::unexpected(*std::move(failure)));
        return;
      }
      Begun begun = core_.gate.begin(turn.request, *turn.route);
      if (begun.answer) {
        mailbox->put_answer(*std::move(begun.answer));
        return;
      }
      auto exchange = make_exchange(mailbox);
      if (begun.turn) exchange = keeping(std::move(exchange), std::move(begun.turn), core_.pool);
      turn.route->handle_later(turn.request, std::move(exchange));
    };
    const Status begun = co_await run_elsewhere(std::move(later), Urgency::kRefusable);
    if (begun) co_return co_await wait_for_answer(turn, mailbox);
    mailbox->close();
    turn.answer = std::unexpected(Failure(begun.error()));
  } else {
    co_await run_handler(turn);
  }
  co_return co_await send_answer(turn);
}

Awaitable<void> Connection::admit(Turn& turn) {
  auto work = [this, &turn] {
    auto admitted = core_.gate.admit(turn.request, *turn.route);
    if (!admitted) {
      turn.answer = std::unexpected(std::move(admitted).error());
      return;
    }
    turn.extra = *std::move(admitted);
    auto errors = check_parameters(*turn.route, turn.request);
    if (errors.empty()) errors = open_cursors(*turn.route, turn.request);
    if (!errors.empty()) turn.answer = std::unexpected(Failure::of_fields(std::move(errors)));
    if (turn.answer || body_kind_of(*turn.route, turn.request) != BodyKind::kForm) return;
    auto failure = refuse_without_room(turn.request, core_.options);
    if (failure) turn.answer = std::unexpected(*std::move(failure));
  };
  const Status run = co_await run_elsewhere(std::move(work), Urgency::kRefusable);
  if (!run) turn.answer = std::unexpected(Failure(run.error()));
}

Awaitable<void> Connection::run_handler(Turn& turn) {
  auto work = [this, &turn] {
    if (auto failure = check_body(*turn.route, turn.request)) {
      turn.answer = std::unexpected(*std::move(failure));
      return;
    }
    Begun begun = core_.gate.begin(turn.request, *turn.route);
    turn.answer = begun.answer ? std::move(begun.answer) : turn.route->handle(turn.request);
    if (begun.turn) begun.turn->keep(*turn.answer);
  };
  const Status run = co_await run_elsewhere(std::move(work), Urgency::kRefusable);
  if (!run) turn.answer = std::unexpected(Failure(run.error()));
}

Awaitable<Status> Connection::run_elsewhere(std::function<void()> work, Urgency urgency) {
  auto mailbox = std::make_shared<Mailbox>(context_);
  // A function that is dropped unrun, by a full pool or one that stops, reports that by itself.
  auto run = [work = std::move(work), completion = std::make_shared<Completion>(mailbox)] {
    try {
      work();
      completion->status = {};
    } catch (const std::exception& exception) {
      completion->status =
          fail(ErrorCode::kInternal, fmt::format("handler threw: {}", exception.what()));
    }
  };
  if (urgency == Urgency::kMustRun) {
    core_.pool.post_always(std::move(run));
  } else {
    static_cast<void>(core_.pool.post(std::move(run)));
  }
  while (true) {
    if (auto status = mailbox->take_done()) co_return *std::move(status);
    co_await mailbox->wait();
  }
}

Awaitable<IoError> Connection::fill(std::size_t wanted) {
  if (begin_ == end_) begin_ = end_ = 0;
  if (buffer_.size() < wanted) buffer_.resize(wanted);
  if (end_ == buffer_.size()) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    if (end_ == buffer_.size()) buffer_.resize(buffer_.size() * 2);
  }
  const IoResult read =
      co_await transport_->read_some(net::buffer(buffer_.data() + end_, buffer_.size() - end_));
  end_ += read.size;
  co_return read.error;
}

Awaitable<IoError> Connection::write(std::string_view first, std::string_view second) {
  const std::array<net::const_buffer, 2> buffers = {net::buffer(first.data(), first.size()),
                                                    net::buffer(second.data(), second.size())};
  const IoError error = co_await transport_->write(buffers);
  if (error) is_broken_ = true;
  co_return error;
}

Awaitable<IoError> Connection::write_slowly(std::string_view bytes) {
  while (!bytes.empty()) {
    allow(core_.options.silence_timeout);
    const IoError error = co_await write(bytes.substr(0, kWritePiece));
    if (error) co_return error;
    bytes.remove_prefix(std::min(bytes.size(), kWritePiece));
  }
  co_return IoError{};
}

void Connection::record(const Turn& turn, int status, std::string problem) {
  core_.gate.on_answered({.request = turn.request,
                          .route = turn.route,
                          .status = status,
                          .body_size = turn.sent_size,
                          .duration = std::chrono::duration_cast<std::chrono::microseconds>(
                              std::chrono::steady_clock::now() - turn.start),
                          .problem = std::move(problem)});
}

}  // namespace katip::http
