#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Which trace something belongs to. Ids follow from the request id, which goes along with tasks
/// and webhooks anyway, so whoever has it knows the trace without asking anybody.
///
/// Source: W3C Trace Context, level 1.
namespace katip {

struct TraceContext {
  std::string trace_id;  ///< 32 hexadecimal digits.
  std::string span_id;   ///< 16: who asks.
  bool is_sampled = true;
};

/// "00-4bf9…4736-00f0…02b7-01"; nothing for what is none.
std::optional<TraceContext> parse_traceparent(std::string_view text);
std::string to_traceparent(const TraceContext& context);

/// The request id itself when it is a trace id, else one that follows from it.
std::string trace_id_of(std::string_view request_id);
/// The same for the same: span_id_of("task", "0190…/1").
std::string span_id_of(std::string_view kind, std::string_view id);

}  // namespace katip
