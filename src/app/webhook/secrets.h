#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "store/timestamp.h"

namespace katip::app {

/// The secrets of a webhook as its row has them, the newest first: the first one signs for ever,
/// the others until their time comes. See WebhookRecord::secret.
struct WebhookSecret {
  Secret secret;
  store::Timestamp until = store::Timestamp::max();
};

/// Errors: kCorruptData.
Result<std::vector<WebhookSecret>> parse_webhook_secrets(std::string_view text);
std::string to_text(const std::vector<WebhookSecret>& secrets);

/// Those that sign now.
std::vector<WebhookSecret> secrets_at(std::vector<WebhookSecret> secrets, store::Timestamp now);

/// The new one in front; those before it sign until then.
std::vector<WebhookSecret> rotated(std::vector<WebhookSecret> secrets, Secret next,
                                   store::Timestamp now, store::Timestamp until);

}  // namespace katip::app
