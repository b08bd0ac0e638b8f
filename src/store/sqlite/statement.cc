#include "store/sqlite/statement.h"

#include <climits>
#include <string>

#include <fmt/format.h>
#include <sqlite3.h>

#include "store/sqlite/sqlite_errors.h"

// Tested by conformance/.
namespace katip::store::sqlite {
namespace {

// A statement that is not reset keeps its locks and its view of the database.
class ResetAtEnd {
 public:
  explicit ResetAtEnd(sqlite3_stmt* handle) : handle_(handle) {}
  ~ResetAtEnd() {
    sqlite3_reset(handle_);
    sqlite3_clear_bindings(handle_);
  }
  ResetAtEnd(const ResetAtEnd&) = delete;
  ResetAtEnd& operator=(const ResetAtEnd&) = delete;

 private:
  sqlite3_stmt* handle_;
};

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* handle) const noexcept {
  sqlite3_finalize(handle);
}

Result<Statement> Statement::prepare(sqlite3* database, std::string_view& sql, Use use) {
  if (sql.size() > INT_MAX) {
    return fail(ErrorCode::kTooLarge, "the statement is longer than 2 GiB");
  }
  sqlite3_stmt* handle = nullptr;
  const char* end = nullptr;
  const unsigned flags = use == Use::kAgain ? SQLITE_PREPARE_PERSISTENT : 0u;
  const int code =
      sqlite3_prepare_v3(database, sql.data(), static_cast<int>(sql.size()), flags, &handle, &end);
  if (code != SQLITE_OK) {
    return std::unexpected(last_error(database, code, false));
  }
  sql.remove_prefix(static_cast<std::size_t>(end - sql.data()));
  return Statement(database, handle);
}

Status Statement::bind_one(int index, const Value& value) {
  int code = SQLITE_OK;
  // The parameters outlive the run, so SQLite need not copy them: a null destructor says so.
  if (const auto* number = value.get_if<std::int64_t>()) {
    code = sqlite3_bind_int64(handle_.get(), index, *number);
  } else if (const auto* real = value.get_if<double>()) {
    code = sqlite3_bind_double(handle_.get(), index, *real);
  } else if (const auto* text = value.get_if<std::string>()) {
    code =
        sqlite3_bind_text64(handle_.get(), index, text->data(), text->size(), nullptr, SQLITE_UTF8);
  } else if (const auto* bytes = value.get_if<Bytes>(); bytes != nullptr && !bytes->empty()) {
    code = sqlite3_bind_blob64(handle_.get(), index, bytes->data(), bytes->size(), nullptr);
  } else if (bytes != nullptr) {
    code = sqlite3_bind_zeroblob(handle_.get(), index, 0);  // No address would mean null.
  } else {
    code = sqlite3_bind_null(handle_.get(), index);
  }
  return code == SQLITE_OK ? Status{} : std::unexpected(last_error(database_, code, false));
}

// SQLite takes `$1` for a name, so the numbers of parameters are looked up.
Status Statement::bind(std::span<const Value> parameters) {
  const int wanted = sqlite3_bind_parameter_count(handle_.get());
  if (std::cmp_not_equal(parameters.size(), wanted)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("the statement has {} parameters, but {} were given", wanted,
                            parameters.size()));
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const std::string name = fmt::format("${}", i + 1);
    const int index = sqlite3_bind_parameter_index(handle_.get(), name.c_str());
    if (index == 0) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("the statement has no parameter {}; they are $1, $2 …", name));
    }
    KATIP_TRY(bind_one(index, parameters[i]));
  }
  return {};
}

Value Statement::column(int index) const {
  sqlite3_stmt* const handle = handle_.get();
  switch (sqlite3_column_type(handle, index)) {
    case SQLITE_INTEGER:
      return static_cast<std::int64_t>(sqlite3_column_int64(handle, index));
    case SQLITE_FLOAT:
      return sqlite3_column_double(handle, index);
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(handle, index));
      return std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(handle, index)));
    }
    case SQLITE_BLOB: {
      const auto* bytes = static_cast<const std::byte*>(sqlite3_column_blob(handle, index));
      return Bytes(bytes, bytes + sqlite3_column_bytes(handle, index));
    }
    default:
      return nullptr;
  }
}

Result<Rows> Statement::step_through(bool is_reading) {
  const std::int64_t changes_before = sqlite3_total_changes64(database_);
  std::vector<Value> values;
  int code = sqlite3_step(handle_.get());
  // Counted after the first step, which prepares the statement anew when the schema has changed.
  const int column_count = sqlite3_column_count(handle_.get());
  for (; code == SQLITE_ROW; code = sqlite3_step(handle_.get())) {
    for (int i = 0; i < column_count; ++i) {
      values.push_back(column(i));
    }
  }
  if (code != SQLITE_DONE) {
    return std::unexpected(last_error(database_, code, is_reading));
  }
  std::vector<std::string> columns;
  for (int i = 0; i < column_count; ++i) {
    const char* name = sqlite3_column_name(handle_.get(), i);
    columns.emplace_back(name == nullptr ? "" : name);
  }
  // The count of changes is that of the last statement that changed something: was it this one?
  const bool has_changed = sqlite3_total_changes64(database_) != changes_before;
  return Rows(std::move(columns), std::move(values),
              has_changed ? sqlite3_changes64(database_) : 0);
}

Result<Rows> Statement::run(std::span<const Value> parameters, bool is_reading) {
  const ResetAtEnd reset(handle_.get());
  KATIP_TRY(bind(parameters));
  return step_through(is_reading);
}

}  // namespace katip::store::sqlite
