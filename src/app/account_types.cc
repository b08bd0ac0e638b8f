#include "app/account_types.h"

#include "store/timestamp.h"

/// Tested by accounts_test.cc.
namespace katip::app {

std::string spell_time(AccountTime time) { return store::to_text(time); }

Result<AccountTime> read_time(std::string_view text) {
  const auto time = store::parse_timestamp(text);
  if (time) return *time;
  return fail(ErrorCode::kInvalidArgument, "a time is written as 2027-01-31T12:00:00Z");
}

}  // namespace katip::app
