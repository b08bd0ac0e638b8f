#include <chrono>

#include <gmock/gmock.h>

#include "store/conformance/schema_conformance.h"
#include "store/search/folded_words.h"
#include "store/search/search_query.h"

namespace katip::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kSqliteSearch =
    "select j.job_id from jobs j where j.search_id in "
    "(select rowid from jobs_search where jobs_search match $1) order by j.job_id";
constexpr const char* kPostgresSearch =
    "select job_id from jobs where search_vector @@ "
    "(to_tsquery('simple', $1) || to_tsquery('turkish', $2)) "
    "and not exists (select 1 from jsonb_array_elements_text($3::jsonb) as p (text) "
    "where strpos(' ' || search_text || ' ', p.text) = 0) "
    "and not exists (select 1 from jsonb_array_elements_text($4::jsonb) as p (text) "
    "where strpos(' ' || search_text || ' ', p.text) > 0) order by job_id";

class SearchConformance : public SchemaConformance {
 protected:
  void add(const std::string& job_id, const std::string& text) {
    ++count_;
    std::string id = "019a0000-0000-7000-8000-000000000000";
    id.replace(id.size() - 3, 3, std::to_string(100 + count_));
    must(sql().query("insert into jobs (id, job_id, text, search_text) values ($1, $2, $3, $4)",
                     {id, job_id, text, search_text(text)}));
  }
  std::vector<std::string> find(std::string_view typed) const {
    const SearchQuery query = must(SearchQuery::parse(typed));
    const Rows rows = is_postgres()
                          ? must(sql().query(kPostgresSearch,
                                             {query.tsquery_simple(), query.tsquery_turkish(),
                                              query.phrases_json(), query.excluded_phrases_json()}))
                          : must(sql().query(kSqliteSearch, {query.fts5()}));
    std::vector<std::string> found;
    for (const Row row : rows) found.push_back(must(row.get<std::string>(0)));
    return found;
  }

 private:
  int count_ = 0;
};
KATIP_CONFORMANCE(SearchConformance);

TEST_P(SearchConformance, TurkishInEverySpelling) {
  add("a", "ISPARTA'nın gülleri");
  add("b", "İstanbul toplantısı");
  add("c", "ıspanak");
  for (const char* typed : {"isparta", "ısparta", "ISPARTA", "İSPARTA", "Isparta'nın"}) {
    EXPECT_THAT(find(typed), ElementsAre("a")) << typed;
  }
  EXPECT_THAT(find("istanbul"), ElementsAre("b"));
  EXPECT_THAT(find("TOPLANTISI"), ElementsAre("b"));
  EXPECT_THAT(find("toplantisi"), ElementsAre("b"));
  EXPECT_THAT(find("ankara"), IsEmpty());
}

TEST_P(SearchConformance, English) {
  add("a", "The INTERNET of things, version 3.14");
  add("b", "It's an interesting café");
  EXPECT_THAT(find("internet"), ElementsAre("a"));
  EXPECT_THAT(find("Internet THINGS"), ElementsAre("a"));
  EXPECT_THAT(find("cafe"), ElementsAre("b"));
  EXPECT_THAT(find("the"), ElementsAre("a")) << "no word is too common to be looked for";
  EXPECT_THAT(find("3.14"), ElementsAre("a"));
  EXPECT_THAT(find("it's"), ElementsAre("b"));
}

TEST_P(SearchConformance, OtherScripts) {
  add("a", "東京都に行きました");
  add("b", "हिन्दी भाषा");
  add("c", "Привет, мир");
  add("d", "ภาษาไทยง่าย");
  EXPECT_THAT(find("行き"), ElementsAre("a"));
  EXPECT_THAT(find("हिन्दी"), ElementsAre("b"));
  EXPECT_THAT(find("ПРИВЕТ"), ElementsAre("c"));
  EXPECT_THAT(find("ภาษา"), ElementsAre("d"));
}

TEST_P(SearchConformance, WordsMixedWithDigits) {
  for (const char* word : {"covid19", "1e5", "x264", "2b3c", "0x1f", "10km", "h2o", "007",
                           "12345678901234567890", "e5"}) {
    add(std::string("job-") + word, std::string("ve ") + word + " ile");
    EXPECT_THAT(find(word), ElementsAre(std::string("job-") + word)) << word;
    must(sql().query("delete from jobs"));
  }
}

TEST_P(SearchConformance, AllWordsPhrasesPrefixesAndExclusions) {
  add("a", "yıllık rapor hazır");
  add("b", "rapor yıllık değil, raporlama hazır");
  add("c", "raportör");
  EXPECT_THAT(find("rapor hazır"), ElementsAre("a", "b"));
  EXPECT_THAT(find("\"yıllık rapor\""), ElementsAre("a"));
  EXPECT_THAT(find("\"rapor yıllık\""), ElementsAre("b"));
  EXPECT_THAT(find("raporl*"), ElementsAre("b"));
  EXPECT_THAT(find("rapor*"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(find("\"yıllık ra*\""), ElementsAre("a"));
  EXPECT_THAT(find("hazır -değil"), ElementsAre("a"));
  EXPECT_THAT(find("hazır -\"yıllık rapor\""), ElementsAre("b"));
  EXPECT_THAT(find("hazır -\"hazır rapor\""), ElementsAre("a", "b"));
}

TEST_P(SearchConformance, PostgresKnowsTurkishStems) {
  add("a", "kitapları okudum");
  EXPECT_EQ(find("kitaplar").size(), is_postgres() ? 1U : 0U);
}

TEST_P(SearchConformance, FollowsChangesAndDeletions) {
  add("a", "elma");
  must(sql().query("update jobs set text = $1, search_text = $2", {"armut", "armut"}));
  EXPECT_THAT(find("elma"), IsEmpty());
  EXPECT_THAT(find("armut"), ElementsAre("a"));
  must(sql().query("update jobs set progress = 0.5"));
  EXPECT_THAT(find("armut"), ElementsAre("a"));
  must(sql().query("delete from jobs"));
  EXPECT_THAT(find("armut"), IsEmpty());
  if (!is_postgres()) {
    must(sql().query("insert into jobs_search (jobs_search) values ('integrity-check')"));
  }
}

TEST_P(SearchConformance, FindsTheSameAfterVacuum) {
  for (const char* job : {"a", "b", "c"}) add(job, std::string("söz ") + job + "x");
  must(sql().query("delete from jobs where job_id = 'a'"));
  must(sql().execute("vacuum"));
  EXPECT_THAT(find("bx"), ElementsAre("b"));
  EXPECT_THAT(find("söz"), ElementsAre("b", "c"));
}

TEST_P(SearchConformance, WhateverIsTypedIsOnlyWords) {
  add("a", "drop table jobs");
  for (const char* typed : {"'; drop table jobs; --",
                            "\" OR 1=1",
                            "a AND",
                            "NOT a",
                            "a NEAR/2 b",
                            "text:a",
                            "{a b}:c",
                            "^a",
                            "a:*b",
                            "a & b | !c <-> d",
                            "\\",
                            "a\\'b",
                            "''",
                            "a*b*c",
                            "((((a",
                            "a+b",
                            "-a b",
                            "\"a\" \"",
                            "jobs\" -",
                            "* a",
                            "a:ABCD",
                            "%_",
                            "$1",
                            "\xff\xfe a",
                            "a\tb\nc",
                            "😀 a"}) {
    const auto query = SearchQuery::parse(typed);
    if (query) find(typed);  // An error of the database would end the test.
  }
  EXPECT_EQ(count("jobs"), 1);
  EXPECT_THAT(find("'; drop table jobs; --"), ElementsAre("a"));
}

TEST_P(SearchConformance, ALongRecordingIsFoundToItsEnd) {
  std::string text;
  for (int i = 0; i < 60'000; ++i) text += "söz" + std::to_string(i % 3'000) + " ";
  text += "en sonunda kapanış konuşması";
  add("a", text);
  EXPECT_THAT(find("kapanış"), ElementsAre("a"));
  EXPECT_THAT(find("\"kapanış konuşması\""), ElementsAre("a"));
  EXPECT_THAT(find("\"konuşması kapanış\""), IsEmpty());
}

TEST_P(SearchConformance, ATextThatNoIndexHoldsIsStoredAllTheSame) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "w" + std::to_string(i * 7919) + " ";
  add("a", text);
  EXPECT_EQ(count("jobs"), 1);
  EXPECT_THAT(find("w7919"), ElementsAre("a"));
}

}  // namespace
}  // namespace katip::store
