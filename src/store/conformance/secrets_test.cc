#include <gtest/gtest.h>

#include "store/conformance/schema_conformance.h"
#include "store/secret_store.h"
#include "store/transaction.h"

namespace katip::store {
namespace {

class SecretsConformance : public SchemaConformance {};
KATIP_CONFORMANCE(SecretsConformance);

std::string keep(Connection& sql, std::string_view name, char letter) {
  const auto kept = run_transaction(sql, {}, {}, [&](Connection& connection) {
    return keep_server_secret(connection, name, Secret(std::string(32, letter)));
  });
  return kept ? kept->reveal() : kept.error().message;
}

TEST_P(SecretsConformance, TheFirstOfferIsKeptForAll) {
  EXPECT_EQ(keep(sql(), "cursors", 'a'), std::string(32, 'a'));
  EXPECT_EQ(keep(sql(), "cursors", 'b'), std::string(32, 'a'));
  EXPECT_EQ(keep(sql(), "others", 'c'), std::string(32, 'c'));
}

TEST_P(SecretsConformance, WhatIsTooShortToBeSecretIsRefusedWithoutBeingShown) {
  const auto kept = keep_server_secret(sql(), "cursors", Secret("hunter2"));
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().message.find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace katip::store
