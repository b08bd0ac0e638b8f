#include "store/migrate/run/offline.h"

#include <fmt/format.h>

#include "store/migrate/graph/lookup.h"
#include "store/migrate/run/script.h"

/// Tested by offline_test.cc.
namespace katip::store::migrate {
namespace {

class ScriptWriter {
 public:
  explicit ScriptWriter(const OfflineOptions& options) : options_(options) {}

  Result<std::string> run(const Plan& plan) {
    begin();
    if (options_.from_base) add(create_version_table_sql(options_.version_table));
    for (const Step& step : plan.steps) KATIP_TRY(add_step(step));
    commit();
    return std::move(text_);
  }

 private:
  void add(std::string_view statement) { text_ += fmt::format("{};\n\n", statement); }

  void begin() {
    if (options_.dialect == Dialect::kPostgres && !is_open_) add("BEGIN");
    is_open_ = true;
  }
  void commit() {
    if (options_.dialect == Dialect::kPostgres && is_open_) add("COMMIT");
    is_open_ = false;
  }

  Status add_step(const Step& step) {
    begin();
    text_ += fmt::format("-- Running {}\n\n", short_text(step));
    if (step.revision != nullptr) {
      const Direction direction =
          step.kind == StepKind::kUpgrade ? Direction::kUpgrade : Direction::kDowngrade;
      KATIP_TRY(check_has_section(step.revision->file, direction, options_.dialect));
      const auto statements =
          KATIP_TRY(step.revision->file.statements(direction, options_.dialect));
      for (const Statement& statement : statements) {
        statement.no_transaction ? commit() : begin();
        add(statement.text);
      }
    }
    begin();
    for (const RowChange& change : step.changes)
      add(row_change_sql(options_.version_table, change));
    return {};
  }

  const OfflineOptions& options_;
  std::string text_;
  bool is_open_ = false;
};

}  // namespace

Result<std::string> offline_sql(const Plan& plan, const OfflineOptions& options) {
  KATIP_TRY(check_table_name(options.version_table));
  return ScriptWriter(options).run(plan);
}

Result<OfflineRange> parse_offline_range(const RevisionGraph& graph, std::string_view range,
                                         Direction direction) {
  const std::size_t colon = range.find(':');
  if (colon == range.npos && direction == Direction::kDowngrade) {
    return fail(ErrorCode::kInvalidArgument, "downgrade with --sql requires <fromrev>:<torev>");
  }
  if (colon == range.npos) return OfflineRange{.rows = {}, .target = std::string(range)};
  OfflineRange result{.rows = {}, .target = std::string(range.substr(colon + 1))};
  const Revision* from = KATIP_TRY(explained(find_one(graph, range.substr(0, colon))));
  if (from != nullptr) result.rows.push_back(from->id());
  return result;
}

}  // namespace katip::store::migrate
