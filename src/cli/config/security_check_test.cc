#include "cli/config/security_check.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/atomic_file.h"

namespace katip::cli {
namespace {

using Variables = std::map<std::string, std::string>;

// A configuration that passes everything; each test spoils one thing.
Variables good() {
  return {{"SECRET_KEY", "4f1a9c0e7b6d5a3828f0e1d2c3b4a59687786a5b4c3d2e1f"},
          {"KATIP_HOST", "127.0.0.1"},
          {"KATIP_BACKUP_DIR", "/var/backups/katip"}};
}

std::vector<std::string> refused(const Variables& variables) {
  std::vector<std::string> names;
  for (const Finding& finding : check_security(Environment(variables), "production")) {
    if (finding.verdict == Verdict::kRefused) {
      names.push_back(finding.variable);
    }
  }
  return names;
}

std::vector<std::string> refused_with(const std::string& name, const std::string& value) {
  Variables variables = good();
  variables[name] = value;
  return refused(variables);
}

using Names = std::vector<std::string>;

TEST(SecurityCheck, PassesAGoodConfiguration) { EXPECT_EQ(refused(good()), Names{}); }

TEST(SecurityCheck, RefusesAMissingShortOrDefaultSecretKey) {
  EXPECT_EQ(refused({}), Names{"SECRET_KEY"});
  for (const char* value : {"short", "CHANGE_ME_run_openssl_rand_hex_32_now_please",
                            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "secret"}) {
    EXPECT_EQ(refused_with("SECRET_KEY", value), Names{"SECRET_KEY"}) << value;
  }
}

TEST(SecurityCheck, RefusesWeakPasswords) {
  EXPECT_EQ(refused_with("REDIS_PASSWORD", "redis"), Names{"REDIS_PASSWORD"});
  EXPECT_EQ(refused_with("FLOWER_PASSWORD", "admin"), Names{"MONITOR_PASSWORD"});
  EXPECT_EQ(refused_with("KATIP_MONITOR_PORT", "5555"), Names{"MONITOR_PASSWORD"});
  EXPECT_EQ(refused_with("REDIS_URL", "redis://redis:6379/0"), Names{"REDIS_PASSWORD"});
  EXPECT_EQ(refused_with("REDIS_URL", "redis://:redis@redis:6379/0"), Names{"REDIS_URL"});
  EXPECT_EQ(refused_with("OPENAI_API_KEY", "sk-..."), Names{"OPENAI_API_KEY"});
}

TEST(SecurityCheck, RefusesDatabasesWithoutPasswordOrEncryption) {
  EXPECT_EQ(refused_with("DATABASE_URL", "postgresql://katip@localhost/katip"),
            Names{"DATABASE_URL"});
  EXPECT_EQ(refused_with("DATABASE_URL", "postgresql://katip:postgres@localhost/katip"),
            Names{"DATABASE_URL"});
  EXPECT_EQ(refused_with("DATABASE_URL", "postgresql://k:7hUq2-pX9_mm-4@db:5432/katip"),
            Names{"DATABASE_URL"});
  EXPECT_EQ(refused_with("DATABASE_URL", "mysql://k:7hUq2-pX9_mm-4@db/katip"),
            Names{"DATABASE_URL"});
  EXPECT_EQ(refused_with("DATABASE_URL",
                         "postgresql://k:7hUq2-pX9_mm-4@db:5432/katip?sslmode=verify-full"),
            Names{});
  EXPECT_EQ(refused_with("DATABASE_URL", "postgresql://k:7hUq2-pX9_mm-4@127.0.0.1:5432/katip"),
            Names{});
}

TEST(SecurityCheck, RefusesAWordAboutTheSchemaThatNobodyUnderstands) {
  EXPECT_EQ(refused_with("AUTO_MIGRATE", "ture"), Names{"AUTO_MIGRATE"});
  EXPECT_EQ(refused_with("AUTO_MIGRATE_TIMEOUT", "1m"), Names{"AUTO_MIGRATE"});
  EXPECT_EQ(refused_with("AUTO_MIGRATE", "True"), Names{});
}

TEST(SecurityCheck, RefusesOpenPagesAndPlainTransport) {
  EXPECT_EQ(refused_with("CORS_ORIGINS", "*"), Names{"CORS_ORIGINS"});
  EXPECT_EQ(refused_with("CORS_ORIGINS", "https://a.org,http://b.org"), Names{"CORS_ORIGINS"});
  EXPECT_EQ(refused_with("CORS_ORIGINS", "https://a.org"), Names{});
  EXPECT_EQ(refused_with("STORAGE_SECURE", "false"), Names{"STORAGE_SECURE"});
  EXPECT_EQ(refused_with("STORAGE_SECURE", "off"), Names{"STORAGE_SECURE"});
  EXPECT_EQ(refused_with("STORAGE_ENDPOINT", "s3.a.org"), Names{});
  EXPECT_EQ(refused_with("STORAGE_ENDPOINT", "HTTP://s3.a.org"), Names{"STORAGE_ENDPOINT"});
  EXPECT_EQ(refused_with("STORAGE_PUBLIC_ENDPOINT", "http://a"), Names{"STORAGE_ENDPOINT"});
  EXPECT_EQ(refused_with("KATIP_HOST", "0.0.0.0"), Names{"KATIP_TLS_CERT"});
  EXPECT_EQ(refused_with("KATIP_TLS_CERT", "/nonexistent/cert"), Names{"KATIP_TLS_KEY"});
  EXPECT_EQ(refused_with("KATIP_LOG_KEEP_DAYS", "0"), Names{"KATIP_LOG_KEEP_DAYS"});
  EXPECT_EQ(refused_with("KATIP_LOG_FILE_SIZE_MAX_MB", "0"), Names{"KATIP_LOG_FILE_SIZE_MAX_MB"});
}

TEST(SecurityCheck, RefusesAKeyFileThatOthersCanRead) {
  const auto folder = std::filesystem::path(testing::TempDir());
  const auto file = folder / "katip_security_check_key";
  ASSERT_TRUE(write_file_atomically(file, "key"));
  Variables variables = good();
  variables["KATIP_TLS_CERT"] = file;
  variables["KATIP_TLS_KEY"] = file;
  EXPECT_EQ(refused(variables), Names{"KATIP_TLS_KEY"});
  std::filesystem::permissions(file, std::filesystem::perms::owner_read);
  EXPECT_EQ(refused(variables), Names{});
  std::filesystem::remove(file);
}

TEST(SecurityCheck, OnlyWarnsInDevelopment) {
  EXPECT_FALSE(is_refused(check_security(Environment(), "development")));
  EXPECT_TRUE(is_refused(check_security(Environment(), "staging")));
}

TEST(SecurityCheck, NeverShowsASecret) {
  const std::string secret = "hunter2hunter2";
  Variables variables = good();
  for (const char* name : {"SECRET_KEY", "REDIS_PASSWORD", "MONITOR_PASSWORD", "OPENAI_API_KEY",
                           "STORAGE_SECRET_KEY", "HF_TOKEN"}) {
    variables[name] = secret;
  }
  variables["DATABASE_URL"] = "postgresql://k:" + secret + "@db/katip";
  variables["REDIS_URL"] = "redis://:" + secret + "@redis";
  for (const Finding& finding : check_security(Environment(variables), "production")) {
    EXPECT_EQ(finding.message.find(secret), std::string::npos) << finding.variable;
  }
}

}  // namespace
}  // namespace katip::cli
