#include "store/cleanup_store.h"
#include "store/conformance/schema_conformance.h"

namespace katip::store {
namespace {

using CleanupConformance = SchemaConformance;
KATIP_CONFORMANCE(CleanupConformance);

constexpr Timestamp kFarAway{std::chrono::days(40'000)};

TEST_P(CleanupConformance, CountsNothingInAnEmptyDatabase) {
  const ExpiredCounts counts = must(count_expired(sql(), kFarAway));
  EXPECT_EQ(counts.jobs + counts.uploads, 0);
  EXPECT_EQ(must(count_history(sql(), kFarAway)), 0);
  EXPECT_EQ(must(count_audit_records(sql(), kFarAway)), 0);
  EXPECT_TRUE(must(media_files(sql(), "", 10)).empty());
  EXPECT_TRUE(must(upload_files(sql(), "", 10)).empty());
}

TEST_P(CleanupConformance, CountsAndListsWhatIsThere) {
  fill();
  EXPECT_EQ(must(count_expired(sql(), kFarAway)).uploads, 1);
  EXPECT_EQ(must(count_expired(sql(), Timestamp{})).uploads, 0);
  EXPECT_EQ(must(count_history(sql(), kFarAway)), count("task_history"));
  EXPECT_EQ(must(count_audit_records(sql(), kFarAway)), 1);
  EXPECT_EQ(must(count_audit_records(sql(), Timestamp{})), 0);
  const auto uploads = must(upload_files(sql(), "", 10));
  ASSERT_EQ(uploads.size(), 1u);
  EXPECT_FALSE(uploads[0].key.empty());
  EXPECT_TRUE(must(upload_files(sql(), uploads[0].id, 10)).empty()) << "goes on behind it";
}

TEST_P(CleanupConformance, RefreshesADatabaseAndSaysHowMuchRoomItHas) {
  fill();
  must(refresh_database(sql()));
  const DatabaseRoom room = must(database_room(sql()));
  EXPECT_GT(room.size, 100'000);
  EXPECT_GE(room.unused, 0);
  EXPECT_LT(room.unused, room.size);
}

}  // namespace
}  // namespace katip::store
