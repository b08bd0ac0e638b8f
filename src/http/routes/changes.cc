#include "http/routes/changes.h"

#include "http/early_stream.h"

/// Tested by tests/e2e/test_jobs_api.py.
namespace katip::http {
namespace {

std::string events_of(const app::Changes& changes) {
  std::string text;
  if (changes.jobs) text += "event: jobs\ndata: {}\n\n";
  if (changes.queue) text += "event: queue\ndata: {}\n\n";
  return text.empty() ? ": still there\n\n" : text;
}

void follow(app::ChangeWatch& watch, const Request& request,
            const std::shared_ptr<Exchange>& exchange) {
  const auto stream = std::make_shared<EarlyStream>();
  const std::uint64_t id = watch.add(request.principal, [stream](const app::Changes& changes) {
    stream->write(events_of(changes));
  });
  stream->open(exchange->stream(event_stream_head()));
  exchange->on_disconnect([&watch, id] { watch.remove(id); });
}

}  // namespace

void add_change_routes(RouteTable& table, app::ChangeWatch& changes) {
  table.add({.path = "/api/v1/changes",
             .operation = "follow_changes",
             .summary = "When there is something new to ask for, as server-sent events",
             .tag = "jobs",
             .callers = Callers::kKnown,
             .answers = {{.status = 200,
                          .description = "jobs: of those that the caller sees; queue: of any "
                                         "queue, for those who operate",
                          .media_type = "text/event-stream"}},
             .handle_later = [&changes](Request& request, std::shared_ptr<Exchange> exchange) {
               follow(changes, request, exchange);
             }});
}

}  // namespace katip::http
