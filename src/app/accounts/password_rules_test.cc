#include "app/accounts/password_rules.h"

#include <string>

#include <gmock/gmock.h>

namespace katip::app {
namespace {

bool is_taken(const std::string& password, std::string_view login = "ayse") {
  return check_password(Secret(password), login).has_value();
}

TEST(PasswordRules, WordsInARowAndLongOnesAreTaken) {
  for (const char* password :
       {"correct horse battery", "kedi pencerede uyuyor", "tr0ub4dor&3", "şişede durduğu gibi",
        "9f8a7d6c5b", "ısırgan1", "hello darkness my old friend", "passwordless-login"}) {
    EXPECT_TRUE(is_taken(password)) << password;
  }
  EXPECT_TRUE(is_taken("uzun bir " + std::string(500, 'x') + " cümle"));
}

TEST(PasswordRules, EightCharactersAreCountedAsPeopleCountThem) {
  EXPECT_FALSE(is_taken("kedi üç"));
  EXPECT_TRUE(is_taken("kedi üçü"));
  EXPECT_FALSE(is_taken(""));
}

TEST(PasswordRules, WhatIsTriedFirstIsRefused) {
  for (const char* password :
       {"password",      "Password1",   "P@ssw0rd",       "p4$$w0rd!",        "12345678",
        "123456789",     "87654321",    "qwertyuiop",     "qwerty123",        "1q2w3e4r",
        "asdfghjkl",     "abcdefgh",    "abc12345",       "aaaaaaaa",         "11111111",
        "00000000",      "iloveyou",    "sunshine",       "Welcome2026!",     "letmein1",
        "trustno1",      "football7",   "dragon123",      "monkey12",         "admin123",
        "administrator", "galatasaray", "Fenerbahce1907", "besiktas1903",     "sifre123",
        "şifre1234",     "parola12",    "istanbul34",     "merhaba1",         "seniseviyorum",
        "19051905",      "05321234567", "abcabcabc",      "passwordpassword", "asdfasdf",
        "zxcvbnm1",      "changeme",    "superman1",      "starwars",         "baseball",
        "master12"}) {
    EXPECT_FALSE(is_taken(password)) << password;
  }
}

TEST(PasswordRules, TheLoginIsNoPassword) {
  EXPECT_FALSE(is_taken("mehmetyilmaz", "mehmetyilmaz"));
  EXPECT_FALSE(is_taken("MehmetYilmaz1!", "mehmetyilmaz"));
  EXPECT_TRUE(is_taken("mehmetyilmaz", "ayse"));
}

TEST(PasswordRules, BytesThatAreNoTextAndTooManyAreRefused) {
  EXPECT_FALSE(is_taken("abc\xFF\xFE xyzzy"));
  EXPECT_FALSE(is_taken(std::string("kedi\0pencerede", 14)));
  EXPECT_FALSE(is_taken(std::string(1'025, 'x') + "kedi"));
}

TEST(PasswordRules, MessagesSayWhatToDoAndNotThePassword) {
  const auto refused = check_password(Secret("galatasaray1"), "x");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message.find("galatasaray"), std::string::npos);
  EXPECT_THAT(refused.error().message, ::testing::HasSubstr("words"));
}

}  // namespace
}  // namespace katip::app
