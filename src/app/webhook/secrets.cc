#include "app/webhook/secrets.h"

#include <algorithm>

#include "base/trimmed.h"
#include "remote/webhook_signature.h"

/// Tested by webhooks_test.cc.
namespace katip::app {
namespace {

constexpr std::size_t kSecretCountMax = 3;  ///< As many as the column holds.

}  // namespace

Result<std::vector<WebhookSecret>> parse_webhook_secrets(std::string_view text) {
  std::vector<WebhookSecret> secrets;
  while (!text.empty()) {
    const std::string_view entry = take_until(text, ' ');
    // Base64 has slashes too, the time has none.
    const std::size_t end = secrets.empty() ? entry.size() : entry.rfind('/');
    WebhookSecret secret{.secret = Secret(std::string(entry.substr(0, end)))};
    if (!secrets.empty()) {
      if (end == entry.npos) return fail(ErrorCode::kCorruptData, "a secret without its end");
      secret.until = KATIP_TRY(store::parse_timestamp(entry.substr(end + 1)));
    }
    if (!remote::is_webhook_secret(secret.secret.reveal())) {
      return fail(ErrorCode::kCorruptData, "the secret of a webhook cannot be read");
    }
    secrets.push_back(std::move(secret));
  }
  if (secrets.empty()) return fail(ErrorCode::kCorruptData, "a webhook without a secret");
  return secrets;
}

std::string to_text(const std::vector<WebhookSecret>& secrets) {
  std::string text;
  for (const WebhookSecret& each : secrets) {
    text += text.empty() ? each.secret.reveal()
                         : " " + each.secret.reveal() + "/" + store::to_text(each.until);
  }
  return text;
}

std::vector<WebhookSecret> secrets_at(std::vector<WebhookSecret> secrets, store::Timestamp now) {
  std::erase_if(secrets, [&](const WebhookSecret& each) { return each.until <= now; });
  return secrets;
}

std::vector<WebhookSecret> rotated(std::vector<WebhookSecret> secrets, Secret next,
                                   store::Timestamp now, store::Timestamp until) {
  secrets = secrets_at(std::move(secrets), now);
  for (WebhookSecret& each : secrets) each.until = std::min(each.until, until);
  secrets.insert(secrets.begin(), WebhookSecret{.secret = std::move(next)});
  secrets = secrets_at(std::move(secrets), now);
  if (secrets.size() > kSecretCountMax) secrets.resize(kSecretCountMax);
  return secrets;
}

}  // namespace katip::app
