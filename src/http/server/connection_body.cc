#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "http/server/body_check.h"
#include "http/server/connection.h"
#include "http/server/form_sink.h"
#include "http/server/message_parser.h"

/// How a connection reads bodies: pieces go to a sink, on the pool where that may block. A client
/// has to keep a rate, so that nobody holds a connection by sending a byte now and then.
///
/// Tested by server_test.cc.
namespace katip::http {
namespace {

constexpr std::int64_t kMemorySizeMax = 1 << 20;
constexpr std::size_t kMemoryPiece = 16 << 10;
constexpr std::size_t kFilePiece = 256 << 10;

/// A body in memory.
class TextSink final : public BodySink {
 public:
  Status write(std::string_view bytes) override {
    text.append(bytes);
    return {};
  }
  Answer finish() override { return Response{}; }
  std::string text;
};

}  // namespace

Awaitable<void> Connection::take_body(MessageParser& parser, Turn& turn) {
  const Route& route = *turn.route;
  const BodyKind kind = body_kind_of(route, turn.request);
  if (kind == BodyKind::kNone) {
    co_return;
  }
  if (turn.waits_for_100) {
    if (co_await write("HTTP/1.1 100 Continue\r\n\r\n")) co_return;
    turn.waits_for_100 = false;
  }
  std::unique_ptr<BodySink> sink;
  co_await open_sink(turn, kind, sink);
  if (turn.answer) co_return;
  if (!co_await read_body(parser, turn, sink.get())) {
    auto abandon = [&] {
      sink->abandon();
      sink.reset();  // With its files.
      turn.once.reset();
    };
    static_cast<void>(co_await run_elsewhere(std::move(abandon), Urgency::kMustRun));
    co_return;
  }
  if (kind == BodyKind::kForm || kind == BodyKind::kStream) {
    auto finish = [&] {
      Answer answer = sink->finish();
      if (turn.once) std::exchange(turn.once, nullptr)->keep(answer);
      if (!answer || kind == BodyKind::kStream) turn.answer = std::move(answer);
    };
    const Status finished = co_await run_elsewhere(std::move(finish), Urgency::kMustRun);
    if (!finished) turn.answer = std::unexpected(Failure(finished.error()));
    if (auto* form = dynamic_cast<FormSink*>(sink.get())) turn.request.form = form->take();
  } else {
    turn.request.body = std::move(static_cast<TextSink&>(*sink).text);
  }
}

Awaitable<void> Connection::open_sink(Turn& turn, BodyKind kind, std::unique_ptr<BodySink>& sink) {
  const Route& route = *turn.route;
  if (kind == BodyKind::kForm) {
    auto form = FormSink::open(turn.request.headers.get("Content-Type"),
                               core_.options.temporary_dir, file_size_max(turn));
    if (form) {
      sink = *std::move(form);
    } else {
      turn.answer = std::unexpected(Failure(form.error()));
    }
  } else if (kind == BodyKind::kStream) {
    auto open = [&] {
      Begun begun = core_.gate.begin(turn.request, route);
      if (begun.answer) {
        turn.answer = std::move(begun.answer);
        return;
      }
      auto opened = route.open_body(turn.request);
      if (opened) {
        sink = *std::move(opened);
        turn.once = std::move(begun.turn);
      } else {
        turn.answer = std::unexpected(std::move(opened).error());
        if (begun.turn) begun.turn->keep(*turn.answer);
      }
    };
    const Status opened = co_await run_elsewhere(std::move(open), Urgency::kMustRun);
    if (!opened) turn.answer = std::unexpected(Failure(opened.error()));
  } else {
    sink = std::make_unique<TextSink>();
  }
}

std::int64_t Connection::file_size_max(const Turn& turn) const {
  if (turn.route == nullptr) return core_.options.upload_size_max;
  if (turn.route->body_size_max > 0) return turn.route->body_size_max;
  // What is kept in memory is never as large as what goes to the disk.
  const BodyKind kind = body_kind_of(*turn.route, turn.request);
  const bool is_file = kind == BodyKind::kForm || kind == BodyKind::kStream;
  return is_file ? core_.options.upload_size_max : kMemorySizeMax;
}

Awaitable<Status> Connection::give(BodySink* sink, std::string_view bytes) {
  if (sink == nullptr || bytes.empty()) co_return Status{};
  if (dynamic_cast<TextSink*>(sink) != nullptr) co_return sink->write(bytes);
  Status status;
  allow(std::chrono::hours(1));  // Of a disk, not of the client.
  auto work = [&] { status = sink->write(bytes); };
  const Status run = co_await run_elsewhere(std::move(work), Urgency::kMustRun);
  co_return run ? status : run;
}

Awaitable<bool> Connection::fill_for_body(std::size_t wanted, std::int64_t received,
                                          std::chrono::steady_clock::time_point start) {
  const auto earned = core_.options.body_grace +
                      std::chrono::milliseconds(received * 1'000 / core_.options.body_rate_min);
  deadline_ =
      std::min(start + earned, std::chrono::steady_clock::now() + core_.options.silence_timeout);
  is_broken_ = static_cast<bool>(co_await fill(wanted));
  co_return !is_broken_;
}

Awaitable<bool> Connection::read_body(MessageParser& parser, Turn& turn, BodySink* sink) {
  using Progress = MessageParser::Progress;
  const auto start = std::chrono::steady_clock::now();
  const std::int64_t limit = file_size_max(turn);
  const std::int64_t room =
      turn.route == nullptr ? 0 : size_besides_file(body_kind_of(*turn.route, turn.request));
  const bool is_file = sink != nullptr && dynamic_cast<TextSink*>(sink) == nullptr;
  std::vector<char> piece(is_file ? kFilePiece : kMemoryPiece);
  std::size_t filled = 0;
  std::int64_t total = 0;
  Progress progress = parser.is_done() ? Progress::kDone : Progress::kMore;
  bool is_stuck = false;
  std::optional<Failure> failure;
  while (progress == Progress::kMore && !failure) {
    // A piece that the parser takes nothing of is the begin of a line: more has to come first.
    if ((is_stuck || unread().empty()) && !co_await fill_for_body(piece.size(), total, start)) {
      // Resumable uploads keep what came before the connection broke.
      static_cast<void>(co_await give(sink, {piece.data(), filled}));
      co_return false;
    }
    const auto step = parser.read_body(unread(), std::span(piece).subspan(filled));
    begin_ += step.used;
    filled += step.size;
    total += static_cast<std::int64_t>(step.size);
    progress = step.progress;
    is_stuck = step.used == 0 && step.size == 0;
    const bool is_endless = is_stuck && unread().size() > core_.options.header_size_max;
    if (progress == Progress::kBad || is_endless) {
      failure = Failure(400, "BAD_REQUEST", "the body cannot be read");
    } else if (total > limit + room) {
      failure = Failure(
          413, "TOO_LARGE",
          fmt::format("Maximum content size limit ({}) exceeded ({} bytes read)", limit, total));
    } else if (progress == Progress::kDone || filled == piece.size() || !is_file) {
      const Status given = co_await give(sink, {piece.data(), filled});
      if (!given) failure = Failure(given.error());
      filled = 0;
    }
  }
  allow(std::chrono::hours(24));  // Handlers have limits of their own.
  if (!failure) co_return true;
  turn.is_kept_alive = false;
  turn.answer = std::unexpected(*std::move(failure));
  co_return false;
}

}  // namespace katip::http
