#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

/// How a receiver knows that a message is ours and new: the signatures of Standard Webhooks.
///
/// Source: the specification of Standard Webhooks 1.0.0, "Signature scheme".
namespace katip::remote {

/// "whsec_" and 32 random bytes in base64.
Secret make_webhook_secret(Rng& rng);

/// "whsec_" and 24 to 64 bytes in base64.
bool is_webhook_secret(std::string_view text);

struct SignedMessage {
  std::string_view id;  ///< The same in every attempt; without dots.
  std::int64_t timestamp_s = 0;
  std::string_view body;
};

/// "v1," and the HMAC-SHA256 of "id.timestamp.body" in base64: one entry of webhook-signature.
///
/// Errors: kInvalidArgument for a secret that is none.
Result<std::string> sign_webhook(const Secret& secret, const SignedMessage& message);

}  // namespace katip::remote
