#include <limits>

#include "store/conformance/conformance.h"

namespace katip::store {
namespace {

class TypesConformance : public Conformance {
 protected:
  void SetUp() override {
    Conformance::SetUp();
    if (!IsSkipped()) {
      must(
          sql().execute(pick("create table t (id integer primary key, i integer, r real, s text, "
                             "b blob) strict",
                             "create table t (id bigint primary key, i bigint, r double precision, "
                             "s text, b bytea)")));
    }
  }

  Row round_trip(const Value& i, const Value& r, const Value& s, const Value& b) {
    must(sql().execute("delete from t"));
    must(
        sql().query("insert into t (id, i, r, s, b) values ($1, $2, $3, $4, $5)", {1, i, r, s, b}));
    rows_ = must(sql().query("select i, r, s, b from t"));
    return rows_[0];
  }

  Rows rows_;
};
KATIP_CONFORMANCE(TypesConformance);

TEST_P(TypesConformance, NullStaysNull) {
  const Row row = round_trip({}, {}, {}, {});
  for (std::size_t i = 0; i < row.size(); ++i) {
    EXPECT_TRUE(row[i].is_null());
  }
}

TEST_P(TypesConformance, NumbersComeBackExactly) {
  using Int = std::numeric_limits<std::int64_t>;
  using Real = std::numeric_limits<double>;
  for (const std::int64_t i : {Int::min(), Int::max(), std::int64_t{0}, std::int64_t{-1}}) {
    EXPECT_EQ(round_trip(i, 0.0, "", {})[0], Value(i));
  }
  for (const double r : {0.1, -0.0, 1e300, Real::min(), Real::denorm_min(), Real::max(),
                         Real::infinity(), -Real::infinity(), 1.0 / 3.0, 3.0}) {
    EXPECT_EQ(round_trip(0, r, "", {})[1], Value(r)) << r;
  }
}

TEST_P(TypesConformance, TextComesBackAsItWasWritten) {
  for (const std::string& text :
       {std::string(), std::string(" "), std::string("ığüşöçİĞ"), std::string("日本語 🎙️"),
        std::string("'; drop table t; --"), std::string("$1 ? :x \\ \" \r\n\t\x7F"),
        std::string("e\xCC\x81"), std::string(1 << 20, 'x')}) {
    EXPECT_EQ(round_trip(0, 0.0, text, {})[2], Value(text));
  }
}

TEST_P(TypesConformance, BytesOfAllValuesComeBack) {
  Bytes all;
  for (int i = 0; i < 256; ++i) {
    all.push_back(static_cast<std::byte>(i));
  }
  EXPECT_EQ(round_trip(0, 0.0, "", all)[3], Value(all));
  EXPECT_EQ(round_trip(0, 0.0, "", Bytes())[3], Value(Bytes()));
  EXPECT_EQ(round_trip(0, 0.0, "", Bytes(1 << 20, std::byte{0}))[3],
            Value(Bytes(1 << 20, std::byte{0})));
}

TEST_P(TypesConformance, TheSameStatementTakesOtherKindsOfValues) {
  for (int i = 0; i < 3; ++i) {  // The second time it is a prepared one.
    EXPECT_EQ(round_trip(1, 2.5, "x", Bytes{std::byte{7}})[3], Value(Bytes{std::byte{7}}));
    EXPECT_TRUE(round_trip(nullptr, nullptr, nullptr, nullptr)[3].is_null());
    EXPECT_EQ(round_trip(1, 2, "x", nullptr)[1], Value(2.0));
  }
}

TEST_P(TypesConformance, ParametersMayStandInAnyOrderAndTwice) {
  const Rows rows = must(sql().query(
      "select cast($2 as text) as b, cast($1 as bigint) as a, cast($2 as text) as c", {4, "x"}));
  EXPECT_EQ(rows.columns(), (std::vector<std::string>{"b", "a", "c"}));
  EXPECT_EQ(rows[0].get<std::string>("b"), "x");
  EXPECT_EQ(rows[0].get<std::int64_t>("a"), 4);
  EXPECT_EQ(rows[0].get<std::string>("c"), "x");
}

TEST_P(TypesConformance, ElevenParametersKeepTheirNumbers) {
  const Rows rows = must(sql().query(
      "select cast($11 as bigint) - cast($1 as bigint) + cast($2 as bigint) as d, "
      "cast($3 as text), cast($4 as text), cast($5 as text), cast($6 as text), cast($7 as text), "
      "cast($8 as text), cast($9 as text), cast($10 as text)",
      {1, 20, "3", "4", "5", "6", "7", "8", "9", "10", 300}));
  EXPECT_EQ(rows[0].get<std::int64_t>("d"), 319);
}

TEST_P(TypesConformance, ComputedValuesHaveOneKind) {
  must(sql().query("insert into t (id, i, r) values (1, 2, 0.5), (2, 3, 0.25)"));
  const Rows rows = must(sql().query(
      "select count(*) as n, sum(i) as s, sum(r) as f, max(i) > 2 as more, avg(i) as mean from t"));
  EXPECT_EQ(rows[0].get<std::int64_t>("n"), 2);
  EXPECT_EQ(rows[0].get<std::int64_t>("s"), 5);
  EXPECT_EQ(rows[0].get<double>("f"), 0.75);
  EXPECT_EQ(rows[0].get<bool>("more"), true);
  EXPECT_EQ(rows[0].get<double>("mean"), 2.5);
}

TEST_P(TypesConformance, TimesAreSpelledTheSame) {
  const std::string create =
      pick("create table times (at text)", "create table times (at timestamptz)");
  must(sql().execute(create));
  for (const char* time : {"2026-03-01T12:00:00.000Z", "2026-03-01T12:00:00.120Z",
                           "1999-12-31T23:59:59.999Z", "2026-03-01T12:00:00.123456Z"}) {
    must(sql().query("insert into times values ($1)", {time}));
    const Rows rows = must(sql().query("select at from times where at = $1", {time}));
    ASSERT_EQ(rows.size(), 1u) << time;
    EXPECT_EQ(rows[0].get<std::string>("at"), time);
  }
}

TEST_P(TypesConformance, ReportsHowManyRowsWereChanged) {
  EXPECT_EQ(must(sql().query("insert into t (id) values (1), (2), (3)")).affected_count(), 3);
  EXPECT_EQ(must(sql().query("update t set i = 1 where id > 1")).affected_count(), 2);
  EXPECT_EQ(must(sql().query("select * from t")).affected_count(), 0);
  EXPECT_EQ(must(sql().query("update t set i = 1 where id > 9")).affected_count(), 0);
  const Rows deleted = must(sql().query("delete from t where id < 3 returning id"));
  EXPECT_EQ(deleted.affected_count(), 2);
  EXPECT_EQ(deleted.size(), 2u);
  EXPECT_EQ(must(sql().query("create table u (id integer)")).affected_count(), 0);
}

TEST_P(TypesConformance, AnEmptyAnswerHasItsColumns) {
  const Rows rows = must(sql().query("select id, s from t"));
  EXPECT_TRUE(rows.empty());
  EXPECT_EQ(rows.columns(), (std::vector<std::string>{"id", "s"}));
}

}  // namespace
}  // namespace katip::store
