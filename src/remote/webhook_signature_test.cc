#include "remote/webhook_signature.h"

#include <gtest/gtest.h>

namespace katip::remote {
namespace {

// The example of the specification, which its libraries test themselves with.
TEST(WebhookSignature, IsThatOfTheSpecification) {
  const auto signature = sign_webhook(Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
                                      {.id = "msg_p5jXN8AQM9LWM0D4loKWxJek",
                                       .timestamp_s = 1614265330,
                                       .body = R"({"test": 2432232314})"});
  ASSERT_TRUE(signature) << signature.error().message;
  EXPECT_EQ(*signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(WebhookSignature, SecretsAreNewEachTime) {
  const Secret one = make_webhook_secret(system_rng());
  const Secret other = make_webhook_secret(system_rng());
  EXPECT_TRUE(is_webhook_secret(one.reveal()));
  EXPECT_NE(one.reveal(), other.reveal());
  EXPECT_EQ(one.reveal().size(), 6U + 44U);
}

TEST(WebhookSignature, RefusesWhatIsNoSecret) {
  for (const char* text :
       {"", "whsec_", "whsec_AAAA", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", "whsec_MfKQ9r8GKYqr wjUPD8ILPZIo2LaLaSw",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa==x", "whsec_===="}) {
    EXPECT_FALSE(is_webhook_secret(text)) << text;
    EXPECT_FALSE(sign_webhook(Secret(text), {.id = "a", .body = "b"})) << text;
  }
}

}  // namespace
}  // namespace katip::remote
