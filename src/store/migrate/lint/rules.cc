#include "store/migrate/lint/rules.h"

#include <algorithm>
#include <initializer_list>

#include <fmt/format.h>

#include "store/migrate/lint/alter_table_rules.h"
#include "store/migrate/lint/lint.h"

/// Tested by lint_test.cc.
namespace katip::store::migrate {
namespace {

constexpr std::size_t kNameSizeMax = 63;

constexpr LintRule kRules[] = {
    {"drop-table", "a table and its data are lost"},
    {"drop-column", "a column and its data are lost"},
    {"drop-schema", "a schema or database and everything in it is lost"},
    {"truncate", "all rows of a table are lost"},
    {"delete-all", "delete without where"},
    {"update-all", "update without where: every row is locked and written in one go"},
    {"rename-table", "running programs know the old name"},
    {"rename-column", "running programs know the old name"},
    {"rename-enum-value", "running programs know the old value"},
    {"required-column", "a new column that is not null and has no default"},
    {"volatile-default", "a default that is computed for each row (PostgreSQL)"},
    {"rewriting-column", "a stored generated or serial column (PostgreSQL)"},
    {"change-type", "the type of a column changes (PostgreSQL)"},
    {"set-not-null", "all rows are read under a lock (PostgreSQL)"},
    {"drop-not-null", "programs that count on a value fail without one (PostgreSQL)"},
    {"foreign-key-validated", "a foreign key without not valid (PostgreSQL)"},
    {"check-validated", "a check without not valid (PostgreSQL)"},
    {"constraint-builds-index", "a unique or primary key without using index (PostgreSQL)"},
    {"index-without-concurrently", "writers wait while the index is built (PostgreSQL)"},
    {"drop-index-without-concurrently", "everybody waits for the lock (PostgreSQL)"},
    {"concurrently-in-transaction", "concurrently needs -- katip: no-transaction (PostgreSQL)"},
    {"rewriting-command", "vacuum full, cluster, reindex, refresh under a lock (PostgreSQL)"},
    {"lock-table", "an explicit lock (PostgreSQL)"},
    {"not-repeatable", "no-transaction without if exists: fails when it has to run again"},
    {"backfill-under-lock", "rows change while a table is locked by an alter (PostgreSQL)"},
    {"validated-at-once", "not valid, but validated under the same lock (PostgreSQL)"},
    {"detach-without-concurrently", "everybody waits for a partition to leave (PostgreSQL)"},
    {"domain-constraint", "checked in every table that has the type, under locks (PostgreSQL)"},
    {"cascade", "takes along what nobody reads in the file (PostgreSQL)"},
    {"small-key", "a primary key of 32 bits or less runs out (PostgreSQL)"},
    {"prefer-jsonb", "json has no equality and no index (PostgreSQL)"},
    {"prefer-timestamptz",
     "timestamp without time zone means another moment everywhere "
     "(PostgreSQL)"},
    {"identifier-too-long", "PostgreSQL cuts names behind 63 bytes"},
    {"unknown-rule", "-- katip: allow names a rule that does not exist"},
};

class StatementRules {
 public:
  StatementRules(const Statement& statement, const SqlWords& words, const LintContext& context,
                 const OnLintHit& on_hit)
      : statement_(statement), words_(words), context_(context), on_hit_(on_hit) {}

  void run() {
    for (const std::string& column : statement_.lost) {
      hit("drop-column", fmt::format("the data of the column {} is lost", column), true);
    }
    if (begins("drop")) check_drop();
    if (begins("truncate")) check_truncate();
    if (begins("delete from")) check_all_rows("delete-all", 2, true);
    if (begins("update")) check_all_rows("update-all", 1, false);
    if (begins("alter table")) apply_alter_table_rules(words_, context_, on_hit_);
    if (context_.dialect == Dialect::kPostgres) check_postgres();
  }

 private:
  [[nodiscard]] bool begins(std::string_view keywords) const { return has_at(words_, 0, keywords); }
  [[nodiscard]] bool contains(std::string_view keywords) const {
    return find_words(words_, keywords) < words_.size();
  }
  void hit(std::string_view rule, std::string message, bool loses_data = false) const {
    on_hit_({rule, std::move(message), loses_data});
  }

  void check_drop() const {
    if (begins("drop schema") || begins("drop database")) {
      hit("drop-schema", "everything in it is lost", true);
    }
    if (!begins("drop table")) return;
    std::size_t at = 2;
    do {
      const std::string table = take_table_name(words_, at);
      const bool is_ours = context_.created.contains(table) || context_.replaced.contains(table);
      if (!is_ours) {
        hit("drop-table",
            fmt::format("the table {} and its data are lost, and programs that still "
                        "use it fail",
                        table),
            true);
      }
    } while (at < words_.size() && words_[at++].is(","));
  }

  void check_truncate() const {
    std::size_t at = words_.size() > 1 && words_[1].is("table") ? 2 : 1;
    const std::string table = take_table_name(words_, at);
    if (context_.created.contains(table)) return;
    hit("truncate", fmt::format("all rows of {} are lost", table), true);
  }

  void check_all_rows(std::string_view rule, std::size_t at, bool loses_data) const {
    const std::string table = take_table_name(words_, at);
    if (contains("where") || context_.created.contains(table)) return;
    hit(rule,
        fmt::format("every row of {} is changed in one transaction: say which, or do it in "
                    "batches outside of a migration",
                    table),
        loses_data);
  }

  void check_postgres() const {
    check_index();
    check_types();
    check_keys();
    check_domain();
    check_detach();
    check_cascade();
    if (begins("alter type") && contains("rename value")) {
      hit("rename-enum-value", "programs that know the old value fail from here on");
    }
    const bool rewrites = begins("vacuum full") || begins("cluster") || begins("reindex") ||
                          begins("refresh materialized view");
    if (rewrites && !contains("concurrently")) {
      hit("rewriting-command", "everybody waits until it is done: use concurrently where there is");
    }
    if (begins("lock")) hit("lock-table", "everybody waits until the revision is done");
    for (const SqlWord& word : words_) {
      if (word.is_name && word.text.size() > kNameSizeMax) {
        hit("identifier-too-long",
            fmt::format("PostgreSQL cuts {} behind {} bytes", word.text, kNameSizeMax));
      }
    }
  }

  void check_index() const {
    const bool creates = begins("create index") || begins("create unique index");
    const bool drops = begins("drop index");
    if (!creates && !drops) return;
    if (contains("concurrently")) {
      if (!statement_.no_transaction) {
        hit("concurrently-in-transaction",
            "PostgreSQL refuses it in a transaction: mark it with -- katip: no-transaction");
      }
      return;
    }
    if (drops) {
      hit("drop-index-without-concurrently",
          "everybody waits for the lock: drop index concurrently … -- katip: no-transaction");
      return;
    }
    std::size_t on = find_words(words_, "on") + 1;
    const std::string table = take_table_name(words_, on);
    if (context_.created.contains(table)) return;
    hit("index-without-concurrently",
        fmt::format("nobody can write to {} while the index is built: create index concurrently … "
                    "-- katip: no-transaction",
                    table));
  }

  void check_types() const {
    const bool declares = begins("create table") || (begins("alter table") && contains("add"));
    if (!declares) return;
    for (std::size_t i = 3; i < words_.size(); ++i) {
      const bool is_type = words_[i - 1].is_name && !words_[i - 1].is("as");
      if (is_type && words_[i].is("json")) {
        hit("prefer-jsonb", "json has no equality and no index: use jsonb");
      }
      const bool without = words_[i].is("timestamp") && !has_at(words_, i + 1, "with time zone") &&
                           !has_at(words_, i + 1, "(");
      if (is_type && without) {
        hit("prefer-timestamptz",
            "a timestamp without time zone means another moment everywhere: "
            "use timestamptz");
      }
    }
  }

  /// A column is a name, its type, and what else is said of it.
  void check_keys() const {
    const bool creates = !created_table(words_).empty();
    if (!creates && !(begins("alter table") && contains("add"))) return;
    for (std::size_t i = 1; i < words_.size(); ++i) {
      const bool is_small = is_any_of(words_[i], {"integer", "int", "int4", "smallint", "int2"});
      const bool is_counter = is_any_of(words_[i], {"serial", "serial4", "smallserial", "serial2"});
      if ((!is_small && !is_counter) || !words_[i - 1].is_name) continue;
      const auto rest = split_at_commas(std::span(words_).subspan(i)).front();
      if (is_counter || find_words(rest, "primary key") < rest.size()) {
        hit("small-key", fmt::format("{} runs out of numbers, and to change its type later locks "
                                     "the table for long: use bigint or uuid",
                                     words_[i - 1].text));
      }
    }
  }

  void check_domain() const {
    const bool creates = begins("create domain") && (contains("check") || contains("not null"));
    const bool alters = begins("alter domain") && (contains("add") || contains("set not null")) &&
                        !contains("not valid");
    if (!creates && !alters) return;
    hit("domain-constraint",
        "to check it later, every table with a column of this type is read under a lock: put the "
        "check on the columns");
  }

  void check_detach() const {
    if (!begins("alter table") || !contains("detach partition") || contains("finalize")) return;
    if (!contains("concurrently")) {
      hit("detach-without-concurrently",
          "nobody can read or write the table meanwhile: detach partition … concurrently; "
          "-- katip: no-transaction");
    } else if (!statement_.no_transaction) {
      hit("concurrently-in-transaction",
          "PostgreSQL refuses it in a transaction: mark it with -- katip: no-transaction");
    }
  }

  void check_cascade() const {
    const bool removes =
        begins("drop") || begins("truncate") || (begins("alter table") && contains("drop"));
    if (!removes || words_.empty() || !words_.back().is("cascade")) return;
    hit("cascade", "views, keys and tables that depend on it are changed too: name them");
  }

  static bool is_any_of(const SqlWord& word, std::initializer_list<std::string_view> keywords) {
    return std::ranges::any_of(keywords, [&](std::string_view k) { return word.is(k); });
  }

  const Statement& statement_;
  const SqlWords& words_;
  const LintContext& context_;
  const OnLintHit& on_hit_;
};

}  // namespace

std::span<const LintRule> lint_rules() { return kRules; }

void apply_lint_rules(const Statement& statement, const SqlWords& words, const LintContext& context,
                      const OnLintHit& on_hit) {
  StatementRules(statement, words, context, on_hit).run();
}

std::string created_table(const SqlWords& words) {
  const std::size_t table = find_words(words, "table");
  if (!has_at(words, 0, "create") || table > 3) return {};
  std::size_t at = table + 1;
  return take_table_name(words, at);
}

std::string renamed_to(const SqlWords& words) {
  const std::size_t at = find_words(words, "rename to");
  if (!has_at(words, 0, "alter table") || at + 2 >= words.size()) return {};
  return words[at + 2].text;
}

}  // namespace katip::store::migrate
