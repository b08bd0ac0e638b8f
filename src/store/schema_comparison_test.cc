#include "store/schema_comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/migrate/run/runner.h"
#include "store/testing/test_database.h"

/// One change of a schema at a time, those that Alembic was measured with: each has to be found,
/// written as SQL that leads there, and back.
namespace katip::store {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAreArray;

/// A schema as text, of which each case changes a piece.
struct Pieces {
  std::string table = "t";
  std::string a = "a varchar(20) not null";
  std::string b = "b integer";
  std::string c = "c numeric(10,2)";
  std::string more = "";  // Another column or constraint, with its comma in front.
  std::string foreign = ", constraint fk_p foreign key (pid) references parent (id)";
  std::string after = "";   // Statements behind the table.
  std::string before = "";  // Statements before it.
  std::string key = "id integer primary key";
};

std::string schema(const Pieces& p) {
  return p.before + "create table parent (id integer primary key);\ncreate table " + p.table +
         " (" + p.key + ", " + p.a + (p.b.empty() ? "" : ", " + p.b) + ", " + p.c +
         ", pid integer" + p.more + p.foreign + ");\n" + p.after;
}

struct Mutation {
  std::string name;
  Pieces from;
  Pieces to;
  std::vector<std::string> postgres;
  std::vector<std::string> sqlite;  // Empty: SQLite has no such thing.
};

using Kinds = std::vector<std::string>;

const Kinds kType = {"modify_type"};
const Kinds kIndexChange = {"modify_index"};

const Kinds kAdded = {"add_constraint"};
const Kinds kRemoved = {"remove_constraint"};
const Kinds kForeign = {"remove_fk", "add_fk"};
const std::string kIndex = "create index ix_a on t (a);";

Pieces with_foreign_key(const std::string& tail) {
  return {.foreign = ", constraint fk_p foreign key (pid) references parent (id) " + tail};
}

const std::vector<Mutation> kMutations = {
    {"add column", {}, {.more = ", n integer"}, {"add_column"}, {"add_column"}},
    {"drop column", {}, {.b = ""}, {"remove_column"}, {"remove_column"}},
    {"rename column",
     {},
     {.c = "c2 numeric(10,2) -- renamed_from: c\n"},
     {"rename_column"},
     {"rename_column"}},
    {"rename table",
     {},
     {.table = "t2 -- renamed_from: t\n"},
     {"rename_table", "rename_constraint"},
     {"rename_table"}},
    {"nullable flip", {}, {.a = "a varchar(20)"}, {"modify_nullable"}, {"modify_nullable"}},
    {"varchar(20) to varchar(50)", {}, {.a = "a varchar(50) not null"}, kType, kType},
    {"varchar to text", {}, {.a = "a text not null"}, kType, kType},
    {"integer to bigint", {}, {.b = "b bigint"}, kType, kType},
    {"integer to boolean", {}, {.b = "b boolean"}, kType, kType},
    {"integer to double", {}, {.b = "b double precision"}, kType, kType},
    {"integer to varchar", {}, {.b = "b varchar(9)"}, kType, kType},
    {"integer to json", {}, {.b = "b json"}, kType, kType},
    {"numeric precision", {}, {.c = "c numeric(12,2)"}, kType, kType},
    {"numeric scale", {}, {.c = "c numeric(10,4)"}, kType, kType},
    {"timestamp to timestamptz", {.b = "b timestamp"}, {.b = "b timestamptz"}, kType, kType},
    {"default add",
     {},
     {.a = "a varchar(20) default 'x' not null"},
     {"modify_default"},
     {"modify_default"}},
    {"default change",
     {.a = "a varchar(20) default 'x' not null"},
     {.a = "a varchar(20) default 'y' not null"},
     {"modify_default"},
     {"modify_default"}},
    {"default drop",
     {.a = "a varchar(20) default 'x' not null"},
     {},
     {"modify_default"},
     {"modify_default"}},
    {"fk drop", {}, {.foreign = ""}, {"remove_fk"}, {"remove_fk"}},
    {"fk add", {.foreign = ""}, {}, {"add_fk"}, {"add_fk"}},
    {"fk on delete", {}, with_foreign_key("on delete cascade"), kForeign, kForeign},
    {"fk on update", {}, with_foreign_key("on update cascade"), kForeign, kForeign},
    {"fk deferrable", {}, with_foreign_key("deferrable"), kForeign, kForeign},
    {"named unique add", {}, {.more = ", constraint uq_a unique (a)"}, kAdded, kAdded},
    {"unnamed unique add", {}, {.more = ", unique (a)"}, kAdded, kAdded},
    {"named unique drop", {.more = ", constraint uq_a unique (a)"}, {}, kRemoved, kRemoved},
    {"check add", {}, {.more = ", constraint ck_b check (b > 0)"}, kAdded, kAdded},
    {"check change",
     {.more = ", constraint ck_b check (b > 0)"},
     {.more = ", constraint ck_b check (b > 10)"},
     {"remove_constraint", "add_constraint"},
     {"remove_constraint", "add_constraint"}},
    {"check drop", {.more = ", constraint ck_b check (b > 0)"}, {}, kRemoved, kRemoved},
    {"unnamed check add", {}, {.more = ", check (b > 0)"}, kAdded, kAdded},
    {"index add", {}, {.after = kIndex}, {"add_index"}, {"add_index"}},
    {"index drop", {.after = kIndex}, {}, {"remove_index"}, {"remove_index"}},
    {"index unique flip",
     {.after = kIndex},
     {.after = "create unique index ix_a on t (a);"},
     kIndexChange,
     kIndexChange},
    {"index columns",
     {.after = kIndex},
     {.after = "create index ix_a on t (a, b);"},
     kIndexChange,
     kIndexChange},
    {"index column order",
     {.after = "create index ix_a on t (a, b);"},
     {.after = "create index ix_a on t (b, a);"},
     kIndexChange,
     kIndexChange},
    {"index desc",
     {.after = kIndex},
     {.after = "create index ix_a on t (a desc);"},
     kIndexChange,
     kIndexChange},
    {"index expression",
     {.after = kIndex},
     {.after = "create index ix_a on t (lower(a));"},
     kIndexChange,
     kIndexChange},
    {"index where change",
     {.after = "create index ix_a on t (a) where b > 1;"},
     {.after = "create index ix_a on t (a) where b > 2;"},
     kIndexChange,
     kIndexChange},
    {"index where add",
     {.after = kIndex},
     {.after = "create index ix_a on t (a) where b > 2;"},
     kIndexChange,
     kIndexChange},
    {"index method",
     {.after = kIndex},
     {.after = "create index ix_a on t using hash (a);"},
     kIndexChange,
     {}},
    {"computed add",
     {},
     {.more = ", n integer generated always as (b + 1) stored"},
     {"add_column"},
     {"add_column"}},
    {"computed change",
     {.more = ", n integer generated always as (b + 1) stored"},
     {.more = ", n integer generated always as (b + 2) stored"},
     {"modify_computed"},
     {"modify_computed"}},
    {"column comment",
     {.more = ", n integer"},
     {.more = ", n integer", .after = "comment on column t.n is 'it''s';"},
     {"modify_comment"},
     {}},
    {"enum add value",
     {.more = ", n en", .before = "create type en as enum ('x', 'y');"},
     {.more = ", n en", .before = "create type en as enum ('x', 'y', 'z');"},
     {"modify_enum"},
     {}},
    {"primary key change",
     {.more = ", n integer not null"},
     {.more = ", n integer not null, constraint t_pkey primary key (id, n)",
      .key = "id integer not null"},
     {"remove_constraint", "add_constraint"},
     {"remove_constraint", "add_constraint"}},
    {"identity",
     {.more = ", n integer not null"},
     {.more = ", n integer generated by default as identity not null"},
     {"modify_identity"},
     {}},
    {"collation",
     {},
     {.a = "a varchar(20) collate {} not null"},
     {"modify_collation"},
     {"modify_collation"}},
};

std::string for_dialect(std::string sql, Dialect dialect) {
  const std::size_t at = sql.find("{}");
  if (at != std::string::npos) {
    sql.replace(at, 2, dialect == Dialect::kPostgres ? "\"C\"" : "nocase");
  }
  return sql;
}

class Comparison : public ::testing::TestWithParam<Dialect> {
 protected:
  void SetUp() override {
    auto database = testing::TestDatabase::create(GetParam());
    if (!database) GTEST_SKIP() << database.error().message;
    database_ = *std::move(database);
    renew();
  }

  /// Empties the database; on PostgreSQL a new one would take longer.
  void renew() {
    count_ = 0;
    if (GetParam() == Dialect::kPostgres && connection_ != nullptr) {
      ASSERT_TRUE(connection_->execute("drop schema public cascade; create schema public"));
      return;
    }
    database_ = testing::TestDatabase::create(GetParam()).value();
    connection_ = database_->connect().value();
  }

  SchemaDifference compare(const std::string& declared) {
    auto difference = compare_schema(*connection_, database_->url(),
                                     for_dialect(declared, GetParam()), {.shadow_place = place_});
    EXPECT_TRUE(difference) << difference.error().message << "\n" << declared;
    return difference.value_or(SchemaDifference());
  }

  Kinds kinds(const std::string& declared) {
    Kinds kinds;
    for (const SchemaChange& change : compare(declared).changes) kinds.push_back(change.kind);
    return kinds;
  }

  /// As the next revision of a history, so in the way in which it would really run.
  void run(const std::string& sql) {
    const std::string id = "r" + std::to_string(++count_);
    auto file = migrate::parse_revision_file(
        "-- revision: " + id + "\n-- upgrade " + std::string(name(GetParam())) + "\n" + sql + "\n",
        id + ".sql");
    ASSERT_TRUE(file) << file.error().message << "\n" << sql;
    auto graph = migrate::RevisionGraph::build({*file});
    ASSERT_TRUE(connection_->execute("drop table if exists alembic_version"));
    const auto plan = migrate::Runner(*connection_, *graph, {}).upgrade("head");
    ASSERT_TRUE(plan) << plan.error().message << "\n" << sql;
  }

  std::unique_ptr<testing::TestDatabase> database_;
  std::unique_ptr<Connection> connection_;
  int count_ = 0;
  ShadowPlace place_ = ShadowPlace::kSchema;  // A database each time takes minutes.
};

TEST_P(Comparison, EveryMutationIsFoundAndLeadsThereAndBack) {
  int found = 0;
  for (const Mutation& mutation : kMutations) {
    SCOPED_TRACE(mutation.name);
    const Kinds& expected = GetParam() == Dialect::kPostgres ? mutation.postgres : mutation.sqlite;
    if (expected.empty()) continue;
    renew();
    const std::string from = schema(mutation.from);
    const std::string to = schema(mutation.to);
    run(for_dialect(from, GetParam()));
    const bool has_n = from.contains(", n integer not null");
    run(std::string("insert into parent values (1); insert into t (id, a, pid") +
        (has_n ? ", n) values (1, 'x', 1, 7)" : ") values (1, 'x', 1)"));
    EXPECT_THAT(kinds(from), IsEmpty()) << "the unchanged schema";
    const SchemaDifference difference = compare(to);
    Kinds actual;
    for (const SchemaChange& change : difference.changes) actual.push_back(change.kind);
    EXPECT_THAT(actual, UnorderedElementsAreArray(expected));
    run(difference.upgrade_sql);
    EXPECT_THAT(kinds(to), IsEmpty()) << "after the upgrade:\n" << difference.upgrade_sql;
    run(difference.downgrade_sql);
    EXPECT_THAT(kinds(from), IsEmpty()) << "after the downgrade:\n" << difference.downgrade_sql;
    EXPECT_EQ(connection_->query("select 1 from t where id = 1 and a = 'x' and pid = 1")->size(),
              1U)
        << "the row is still there";
    ++found;
    if (HasFatalFailure()) return;
  }
  EXPECT_EQ(found, GetParam() == Dialect::kPostgres ? 47 : 43);
}

TEST_P(Comparison, ANewSchemaIsMadeAndTakenAwayWithEverythingInIt) {
  place_ = ShadowPlace::kDatabase;
  const bool is_postgres = GetParam() == Dialect::kPostgres;
  const std::string function =
      "create function touch() returns trigger language plpgsql as $$ begin return new; end; $$;\n";
  const std::string declared =
      "create table a (id integer primary key, \"Order\" text default 'x;y', b_id integer "
      "references b (id));\n"
      "create table b (id integer primary key, a_id integer references a (id));\n"
      "create view v as select id from a;\ncreate view w as select id from v;\n"
      "create index ix on a (b_id);\n" +
      (is_postgres ? function +
                         "create trigger tr before update on a for each row execute "
                         "function touch();\ncreate type mood as enum ('ok');\n"
                         "create table c (id bigserial primary key, m mood);"
                   : std::string("create trigger tr after update on a begin update b set a_id = "
                                 "new.id; end;\n"));
  std::string wanted = declared;
  if (is_postgres) {
    // PostgreSQL wants the other table first.
    wanted.replace(wanted.find(" references b (id)"), 18, "");
    wanted += "alter table a add foreign key (b_id) references b (id);";
  }
  const SchemaDifference difference = compare(wanted);
  EXPECT_FALSE(difference.changes.empty());
  run(difference.upgrade_sql);
  EXPECT_THAT(kinds(wanted), IsEmpty()) << difference.upgrade_sql;
  run(difference.downgrade_sql);
  EXPECT_EQ(compare(wanted).changes.size(), difference.changes.size()) << difference.downgrade_sql;
}

TEST_P(Comparison, ARenamedTableAndColumnKeepTheirRows) {
  run("create table old (id integer primary key, x integer check (x > 0)); create index i on old "
      "(x); create table child (o integer references old (id)); insert into old values (1, 2)");
  const std::string declared =
      "-- renamed_from: old\ncreate table fresh (\n  id integer primary key,\n"
      "  y integer check (y > 0), -- renamed_from: x\n  z integer\n);\n"
      "create index i on fresh (y); create table child (o integer references fresh (id));";
  const SchemaDifference difference = compare(declared);
  run(difference.upgrade_sql);
  EXPECT_THAT(kinds(declared), IsEmpty()) << difference.upgrade_sql;
  EXPECT_EQ(connection_->query("select y from fresh")->size(), 1U);
  run(difference.downgrade_sql);
  EXPECT_EQ(connection_->query("select x from old where x = 2")->size(), 1U);
}

TEST_P(Comparison, AnEmptyDeclarationIsRefusedRatherThanDroppingEverything) {
  EXPECT_FALSE(
      compare_schema(*connection_, database_->url(), "-- nothing yet\n", {.shadow_place = place_}));
  const auto wrong = compare_schema(*connection_, database_->url(), "select 1;\n\ncreate tabel",
                                    {.shadow_place = place_});
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message, ::testing::HasSubstr("declared schema, line 3"));
}

INSTANTIATE_TEST_SUITE_P(Databases, Comparison,
                         ::testing::Values(Dialect::kSqlite, Dialect::kPostgres),
                         [](const auto& info) { return std::string(name(info.param)); });

TEST(ComparisonOnSqlite, ARebuiltTableKeepsRowsTriggersViewsAndChildren) {
  const auto database = testing::TestDatabase::create(Dialect::kSqlite).value();
  const auto connection = database->connect().value();
  const std::string rest =
      "create index i on p (y); create view v as select x from p; create table k (p integer "
      "references p (x) on delete cascade); create trigger tr after insert on p begin update k set "
      "p = new.x; end; create trigger other after insert on k begin update p set y = 'k'; end;";
  ASSERT_TRUE(connection->execute("create table p (x integer primary key, y text);" + rest +
                                  "insert into p values (1, 'a'); insert into k values (1)"));
  const std::string declared = "create table p (x integer primary key, y text not null);" + rest;
  const auto difference = compare_schema(*connection, database->url(), declared, {});
  ASSERT_TRUE(difference) << difference.error().message;
  ASSERT_TRUE(connection->execute("pragma foreign_keys = off"));
  const Status done = connection->execute(difference->upgrade_sql);
  ASSERT_TRUE(done) << done.error().message << difference->upgrade_sql;
  EXPECT_TRUE(compare_schema(*connection, database->url(), declared, {})->changes.empty());
  EXPECT_EQ(connection->query("select * from v")->size(), 1U);
  EXPECT_EQ(connection->query("select * from k")->size(), 1U);
  EXPECT_TRUE(connection->query("pragma foreign_key_check")->empty());
}

}  // namespace
}  // namespace katip::store
