#include "app/task_secrets.h"

#include <gtest/gtest.h>

namespace katip::app {
namespace {

TEST(TaskSecrets, WhatIsNoSecretStaysAsItIs) {
  for (const char* text : {"{}", R"({"days":3,"path":"a/b.mp4","list":[1,null,true]})",
                           R"({"url":"https://example.org/a?b=c"})", R"("a: b")"}) {
    EXPECT_EQ(without_secrets(text), text);
  }
}

TEST(TaskSecrets, ValuesOfSuchNamesAreHiddenAtAnyDepth) {
  EXPECT_EQ(without_secrets(R"({"Password":"x","a":[{"api_key":["k"],"token_count":3}]})"),
            R"({"Password":"[hidden]","a":[{"api_key":"[hidden]","token_count":3}]})");
}

TEST(TaskSecrets, AddressesLoseTheirPasswordsAndSignatures) {
  EXPECT_EQ(without_secrets(R"({"url":"https://a:b@h.org/x?X-Amz-Signature=abc&y=1#token=2"})"),
            R"({"url":"https://[hidden]@h.org/x?X-Amz-Signature=[hidden]&y=1#token=[hidden]"})");
}

TEST(TaskSecrets, WhatIsNoJsonIsHidden) { EXPECT_EQ(without_secrets("{x"), R"("[hidden]")"); }

}  // namespace
}  // namespace katip::app
