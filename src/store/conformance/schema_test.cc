#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "store/conformance/filled_tables.h"
#include "store/conformance/schema_conformance.h"
#include "store/testing/catalog.h"

namespace katip::store {

namespace {

using testing::catalog_lines;
using ::testing::HasSubstr;
using testing::refusals;
using testing::sample_rows;
using testing::SchemaRow;

using Lines = std::vector<std::string>;

std::filesystem::path migrations_folder() {
  return std::filesystem::path(KATIP_SOURCE_DIR) / "migrations";
}

std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// What is on one side only: shorter to read than both.
Lines differences(const Lines& one, const Lines& other) {
  Lines lines;
  std::ranges::set_symmetric_difference(one, other, std::back_inserter(lines));
  return lines;
}

}  // namespace

migrate::RevisionGraph own_revisions() {
  std::vector<migrate::RevisionFile> files;
  for (const auto& entry : std::filesystem::directory_iterator(migrations_folder())) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() == ".sql" && !name.starts_with("schema.")) {
      files.push_back(must(migrate::parse_revision_file(read_text(entry.path()), entry.path())));
    }
  }
  std::ranges::sort(files, {}, &migrate::RevisionFile::path);
  return must(migrate::RevisionGraph::build(std::move(files)));
}

Result<Rows> insert_row(Connection& sql, const SchemaRow& row,
                        const std::vector<std::pair<std::string, Value>>& changes) {
  auto values = row.values;
  for (const auto& [column, value] : changes) {
    std::erase_if(values, [&](const auto& pair) { return pair.first == column; });
    if (!value.is_null()) values.emplace_back(column, value);
  }
  std::vector<std::string> columns;
  std::vector<std::string> places;
  std::vector<Value> parameters;
  for (auto& [column, value] : values) {
    columns.push_back(column);
    parameters.push_back(std::move(value));
    places.push_back("$" + std::to_string(parameters.size()));
  }
  return sql.query(fmt::format("insert into {} ({}) values ({})", row.table,
                               fmt::join(columns, ", "), fmt::join(places, ", ")),
                   parameters);
}

void fill_tables(Connection& sql) {
  const Lines lines = must(catalog_lines(sql));
  const std::string kind = sql.dialect() == Dialect::kSqlite ? "table " : "relation ";
  for (const SchemaRow& row : sample_rows()) {
    const std::string table = kind + row.table;
    const bool is_there = std::ranges::any_of(lines, [&](const std::string& line) {
      return line.starts_with(table + ":") || line.starts_with(table + " ");
    });
    if (!is_there) continue;
    const Rows count = must(sql.query("select count(*) from " + row.table));
    if (must(count[0].get<std::int64_t>(0)) == 0) must(insert_row(sql, row));
  }
}

namespace {

class RevisionsConformance : public Conformance {
 protected:
  Lines catalog() const { return must(catalog_lines(sql())); }
  void fill() const { fill_tables(sql()); }
};
KATIP_CONFORMANCE(RevisionsConformance);

TEST_P(RevisionsConformance, EveryRevisionGoesUpAndDownAndUpAgainOnFilledTables) {
  const migrate::RevisionGraph graph = own_revisions();
  migrate::Runner runner(sql(), graph, {});
  Lines before = catalog();
  for (std::size_t count = must(runner.upgrade("+1")).steps.size(), steps = 1; count > 0; ++steps) {
    SCOPED_TRACE("after " + std::to_string(steps) + " revisions");
    const Lines after = catalog();
    fill();
    must(runner.downgrade("-1"));
    EXPECT_EQ(differences(before, catalog()), Lines());
    must(runner.upgrade("+1"));
    EXPECT_EQ(differences(after, catalog()), Lines());
    fill();
    before = after;
    if (must(runner.rows()) == std::vector<std::string>{graph.heads().front()->id()}) break;
    count = must(runner.upgrade("+1")).steps.size();
  }
  must(runner.downgrade("base"));
  EXPECT_EQ(catalog(), Lines()) << "nothing is left behind";
}

TEST_P(RevisionsConformance, TheDeclaredSchemaIsWhatTheRevisionsLeadTo) {
  const migrate::RevisionGraph graph = own_revisions();
  must(migrate::Runner(sql(), graph, {}).upgrade("head"));
  auto declared = must(testing::TestDatabase::create(GetParam()));
  auto other = must(declared->connect());
  must(other->execute(
      read_text(migrations_folder() / pick("schema.sqlite.sql", "schema.postgres.sql"))));
  EXPECT_EQ(differences(catalog(), must(catalog_lines(*other))), Lines());
}

KATIP_CONFORMANCE(SchemaConformance);

TEST_P(SchemaConformance, AGoodRowOfEveryTableIsTaken) {
  fill();
  for (const SchemaRow& row : sample_rows()) EXPECT_EQ(count(row.table), 1) << row.table;
}

TEST_P(SchemaConformance, EachConstraintRefusesWhatItShould) {
  fill();
  for (const testing::Refusal& refusal : refusals()) {
    if (is_postgres() && refusal.constraint.ends_with("_bool")) continue;  // 2 is true there.
    const auto row = std::ranges::find(sample_rows(), refusal.table, &SchemaRow::table);
    const auto result = insert_row(sql(), *row, refusal.changes);
    ASSERT_FALSE(result) << refusal.constraint;
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument) << result.error().message;
    if (refusal.says == testing::Says::kConstraint || !is_postgres()) {
      EXPECT_THAT(result.error().message, HasSubstr(refusal.constraint));
    }
  }
}

TEST_P(SchemaConformance, NoConstraintIsWithoutATest) {
  std::set<std::string> tested;
  for (const testing::Refusal& refusal : refusals()) tested.insert(refusal.constraint);
  const std::regex constraint("constraint ([a-z0-9_]+)\\s+check");
  const std::string text =
      read_text(migrations_folder() / pick("schema.sqlite.sql", "schema.postgres.sql"));
  for (std::sregex_iterator found(text.begin(), text.end(), constraint), end; found != end;
       ++found) {
    const std::string name = (*found)[1].str();
    const bool is_of_these = std::ranges::any_of(
        sample_rows(), [&](const SchemaRow& row) { return name.starts_with(row.table + "_"); });
    if (is_of_these) {
      EXPECT_TRUE(tested.contains(name)) << name;
    }
  }
}

TEST_P(SchemaConformance, WhatIsUniqueIsTakenOnce) {
  fill();
  for (const auto& [table, column] : std::vector<std::pair<std::string, std::string>>{
           {"api_keys", "key_hash"},
           {"login_sessions", "token_hash"},
           {"lexicon_terms", "normalized_term, language"},
           {"jobs", "job_id"},
           {"transcript_edits", "job_id, version"},
           {"lexicon_evidence", "job_id, normalized_term, language, heard"},
           {"user_sessions", "session_id"},
           {"users", "login"},
           {"webhook_deliveries", "webhook_id, event_id"},
           {"idempotency_keys", "scope, idempotency_key"},
           {"backups", "file_name"}}) {
    const auto row = std::ranges::find(sample_rows(), table, &SchemaRow::table);
    const std::string other_id = "019a0000-0000-7000-8000-00000000ffff";
    const auto changes = table == "idempotency_keys"
                             ? std::vector<std::pair<std::string, Value>>{}
                             : std::vector<std::pair<std::string, Value>>{{"id", other_id}};
    EXPECT_EQ(code(insert_row(sql(), *row, changes)), ErrorCode::kConflict)
        << table << " (" << column << ")";
  }
}

TEST_P(SchemaConformance, AnIdIsTakenOnceAndAParentHasToBeThere) {
  fill();
  for (const SchemaRow& row : sample_rows()) {
    EXPECT_EQ(code(insert_row(sql(), row)), ErrorCode::kConflict) << row.table;
  }
  const std::string nobody = "019a0000-0000-7000-8000-00000000dead";
  const std::string other_id = "019a0000-0000-7000-8000-00000000ffff";
  for (const auto& [table, column] :
       std::vector<std::pair<std::string, std::string>>{{"jobs", "api_key_id"},
                                                        {"feedback", "job_id"},
                                                        {"transcript_edits", "job_id"},
                                                        {"lexicon_evidence", "job_id"},
                                                        {"sales_logs", "job_id"},
                                                        {"speaker_embeddings", "speaker_id"},
                                                        {"speaker_embeddings", "job_id"},
                                                        {"webhooks", "api_key_id"},
                                                        {"artifacts", "job_id"},
                                                        {"uploads", "job_id"},
                                                        {"login_sessions", "user_id"}}) {
    const auto row = std::ranges::find(sample_rows(), table, &SchemaRow::table);
    std::vector<std::pair<std::string, Value>> changes = {{"id", other_id}, {column, nobody}};
    if (table == "jobs") changes.emplace_back("job_id", "another");
    const auto result = insert_row(sql(), *row, changes);
    EXPECT_EQ(code(result), ErrorCode::kConflict) << table << "." << column;
  }
}

TEST_P(SchemaConformance, AJobTakesItsPartsAlongAndLeavesTheBooks) {
  fill();
  must(sql().query("update converted_sounds set job_id = (select id from jobs)"));
  must(sql().query("delete from jobs"));
  EXPECT_EQ(count("feedback"), 0);
  EXPECT_EQ(count("transcript_edits"), 0);
  EXPECT_EQ(count("lexicon_evidence"), 0);
  EXPECT_EQ(count("artifacts"), 0);
  EXPECT_EQ(count("job_tags"), 0);
  for (const char* table : {"sales_logs", "speaker_embeddings", "webhook_deliveries",
                            "idempotency_keys", "uploads", "converted_sounds"}) {
    EXPECT_EQ(count(std::string(table) + " where job_id is null"), 1) << table;
  }
}

TEST_P(SchemaConformance, KeysSpeakersAndWebhooksThatGo) {
  fill();
  must(sql().query("delete from api_keys"));
  for (const char* table : {"jobs", "webhooks", "uploads"}) {
    EXPECT_EQ(count(std::string(table) + " where api_key_id is null"), 1) << table;
  }
  EXPECT_EQ(count("api_key_days"), 0);
  must(sql().query("delete from users"));
  EXPECT_EQ(count("login_sessions"), 0) << "whoever is deleted is logged out";
  must(sql().query("delete from speakers"));
  EXPECT_EQ(count("speaker_embeddings"), 0);
  must(sql().query("delete from webhooks"));
  EXPECT_EQ(count("webhook_deliveries"), 0);
}

TEST_P(SchemaConformance, TheAuditLogIsNotChanged) {
  fill();
  const auto result = sql().query("update audit_log set actor = 'somebody else'");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(result.error().message, HasSubstr("never changed"));
  must(sql().query("delete from audit_log"));  // What is too old goes.
}

TEST_P(SchemaConformance, TimesHaveMillisecondsAndAreUtc) {
  fill();
  must(sql().query("update jobs set expires_at = $1", {"2026-03-01T12:00:00.120Z"}));
  const Rows rows = must(sql().query("select created_at, expires_at from jobs"));
  EXPECT_THAT(must(rows[0].get<std::string>("created_at")),
              ::testing::MatchesRegex("....-..-..T..:..:..\\....Z"));
  EXPECT_EQ(must(rows[0].get<std::string>("expires_at")), "2026-03-01T12:00:00.120Z");
}

/// SQLite reads a row from its beginning: what comes behind a transcript costs a walk through it.
TEST_P(SchemaConformance, WhatIsLargeStandsAtTheEndOfARow) {
  const Rows rows = must(sql().query("select * from jobs"));
  std::vector<std::string> columns = rows.columns();
  std::erase(columns, "search_vector");
  EXPECT_EQ(std::vector(columns.end() - 4, columns.end()),
            (std::vector<std::string>{"options", "transcript", "text", "search_text"}));
}

}  // namespace
}  // namespace katip::store
