#include "http/server/socket_handshake.h"

#include <gtest/gtest.h>

namespace katip::http {
namespace {

Request handshake() {
  Request request;
  request.headers = {{"Host", "katip.example:8002"},
                     {"Connection", "keep-alive, Upgrade"},
                     {"Upgrade", "WebSocket"},
                     {"Sec-WebSocket-Version", "13"},
                     {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
  return request;
}

int status_of_handshake(const Request& request, const ServerOptions& options = {}) {
  const auto failure = refuse_socket(request, options);
  return failure ? failure->status : 101;
}

TEST(SocketHandshakeTest, TakesOneAndNothingElse) {
  EXPECT_EQ(status_of_handshake(handshake()), 101);
  for (const char* field :
       {"Connection", "Upgrade", "Sec-WebSocket-Version", "Sec-WebSocket-Key"}) {
    Request request = handshake();
    request.headers.remove(field);
    EXPECT_EQ(status_of_handshake(request), 426) << field;
    request.headers.set(field, "other");
    EXPECT_EQ(status_of_handshake(request), 426) << field;
  }
  EXPECT_EQ(refuse_socket({}, {})->headers.get("Sec-WebSocket-Version"), "13");
}

TEST(SocketHandshakeTest, PagesOfOtherOriginsAreRefused) {
  Request request = handshake();
  request.headers.set("Origin", "https://katip.example:8002");
  EXPECT_EQ(status_of_handshake(request), 101) << "a page of this server";
  for (const char* origin : {"https://evil.example", "null", "https://katip.example", "://"}) {
    request.headers.set("Origin", origin);
    EXPECT_EQ(status_of_handshake(request), 403) << origin;
    EXPECT_EQ(status_of_handshake(request, {.cors_origins = {"*"}}), 101);
    EXPECT_EQ(status_of_handshake(request, {.cors_origins = {origin}}), 101);
    EXPECT_EQ(status_of_handshake(request, {.cors_origins = {"https://app.example"}}), 403);
  }
}

TEST(SocketHandshakeTest, BrowsersSayWhoTheyAreInTheProtocols) {
  Request request = handshake();
  request.headers.set("Sec-WebSocket-Protocol", "realtime, openai-insecure-api-key.kp_abc");
  take_socket_key(request);
  EXPECT_EQ(request.headers.get("Authorization"), "Bearer kp_abc");
  request.headers.set("Authorization", "Bearer other");
  take_socket_key(request);
  EXPECT_EQ(request.headers.get("Authorization"), "Bearer other");
  const Response welcome = socket_welcome(request, {"realtime"});
  EXPECT_EQ(welcome.status, 101);
  EXPECT_EQ(welcome.headers.get("Sec-WebSocket-Protocol"), "realtime");
  EXPECT_EQ(welcome.headers.get("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_FALSE(socket_welcome(request, {}).headers.has("Sec-WebSocket-Protocol"));
}

}  // namespace
}  // namespace katip::http
