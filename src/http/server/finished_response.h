#pragma once

#include <cstdint>
#include <string>

#include "http/response.h"
#include "http/route.h"
#include "http/server.h"

namespace katip::http {

/// An answer ready to be sent.
struct FinishedResponse {
  int status = 200;
  Headers headers = {};  ///< Without Content-Length and Connection, which the connection knows.
  std::string body = {};
  /// Else the body is this part of a file.
  int file = -1;  ///< Open for reading; closed by the connection.
  std::int64_t offset = 0;
  std::int64_t size = 0;
  std::string problem = {};  ///< What the client is not told.
};

/// Adds what every answer has (request id, date, CORS, nosniff), and does what the request allows:
/// 304 for what the client has already, ranges of files, gzip.
///
/// Errors end in the answer. `route` may be null. May read a file: on a thread that may block.
FinishedResponse finish(Answer answer, const Request& request, const Route* route,
                        const Headers& extra, const ServerOptions& options);

/// The same for the head of a stream.
FinishedResponse finish_head(Response head, const Request& request, const Headers& extra,
                             const ServerOptions& options);

/// The answer to a preflight request of a browser; nothing when the request is none.
bool is_preflight(const Request& request);
Response preflight_response(const Request& request, const std::vector<Method>& allowed);

/// Status line and fields, up to the empty line.
std::string head_text(const FinishedResponse& response, const Headers& connection_fields);

}  // namespace katip::http
