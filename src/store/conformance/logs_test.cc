#include <gmock/gmock.h>

#include "store/conformance/schema_conformance.h"
#include "store/converted_sound_store.h"
#include "store/job_store.h"
#include "store/log_store.h"

namespace katip::store {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kNow = std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} + 12h;

std::string id_of(int number) {
  std::string digits = std::to_string(number);
  return "019a0000-0000-7000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

class LogsConformance : public SchemaConformance {
 protected:
  using Fields = std::vector<std::pair<std::string, Value>>;
  /// A record with these fields, the others as they are when nothing is given.
  static LogRecord record(LogKind kind, int number, const Fields& fields) {
    LogRecord record{.kind = kind, .values = {}};
    for (const LogField& field : log_table(kind).fields) {
      record.values.push_back(field.fallback ? Value(*field.fallback) : Value());
      if (field.type == LogFieldType::kNumber && field.fallback) record.values.back() = 0;
      if (field.name.ends_with("_at") && field.name != "ended_at") {
        record.values.back() = to_text(kNow + std::chrono::minutes(number));
      }
      for (const auto& [name, value] : fields) {
        if (name == field.name) record.values.back() = value;
      }
    }
    record.values.front() = id_of(number);
    return record;
  }
  bool add(LogKind kind, int number, const Fields& fields) const {
    return must(insert_log(sql(), record(kind, number, fields)));
  }
  std::vector<std::string> list(LogKind kind, const LogFilter& filter) const {
    std::vector<std::string> ids;
    for (const auto& row : must(list_logs(sql(), kind, filter, {}, 100)).rows) {
      ids.push_back(must(row.values.front().to<std::string>()));
    }
    return ids;
  }
  std::string text(const LogRecord& record, std::string_view field) const {
    return must(record.find(field)->to<std::string>());
  }
};
KATIP_CONFORMANCE(LogsConformance);

using Ids = std::vector<std::string>;

TEST_P(LogsConformance, EventsComeBackAsTheyWereGiven) {
  add(LogKind::kEvent, 1,
      {{"user_identifier", "ayşe"},
       {"event_type", "login"},
       {"title", "Giriş yapıldı"},
       {"level", "warning"},
       {"request_id", "r1"},
       {"details", R"({"ip":"::1"})"}});
  const auto page = must(list_logs(sql(), LogKind::kEvent, {}, {}, 10));
  ASSERT_EQ(page.rows.size(), 1U);
  EXPECT_EQ(text(page.rows[0], "title"), "Giriş yapıldı");
  EXPECT_EQ(text(page.rows[0], "created_at"), to_text(kNow + 1min));
  EXPECT_EQ(page.rows[0].find("nothing"), nullptr);
}

TEST_P(LogsConformance, TheSameRecordIsWrittenOnce) {
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(add(LogKind::kEvent, 1, {{"event_type", "a"}}));
    EXPECT_TRUE(add(LogKind::kSale, 1, {{"product", "a"}}));
    EXPECT_TRUE(add(LogKind::kMessage, 1,
                    {{"conversation_id", "c"}, {"direction", "inbound"}, {"content", "x"}}));
    EXPECT_TRUE(add(LogKind::kSession, 1, {{"session_id", "s"}}));
  }
  for (const LogKind kind : kLogKinds) EXPECT_EQ(list(kind, {}).size(), 1U);
}

TEST_P(LogsConformance, SearchFindsWordsOfTitleDetailsAndContent) {
  add(LogKind::kEvent, 1, {{"event_type", "a"}, {"title", "ISPARTA'dan arandı"}});
  add(LogKind::kEvent, 2, {{"event_type", "a"}, {"details", R"({"city":"İzmir"})"}});
  add(LogKind::kMessage, 3,
      {{"conversation_id", "c"}, {"direction", "inbound"}, {"content", "Merhaba kâtip"}});
  add(LogKind::kSale, 4, {{"product", "dakika paketi"}});
  EXPECT_EQ(list(LogKind::kEvent, {.search = "ısparta"}), Ids{id_of(1)});
  EXPECT_EQ(list(LogKind::kEvent, {.search = "izmir"}), Ids{id_of(2)});
  EXPECT_EQ(list(LogKind::kMessage, {.search = "\"merhaba katip\""}), Ids{id_of(3)});
  EXPECT_EQ(list(LogKind::kSale, {.search = "paket*"}), Ids{id_of(4)});
  EXPECT_EQ(code(list_logs(sql(), LogKind::kSession, {.search = "x"}, {}, 10)),
            ErrorCode::kInvalidArgument);
}

TEST_P(LogsConformance, FiltersAndPages) {
  for (int i = 1; i <= 5; ++i) {
    add(LogKind::kEvent, i, {{"event_type", i < 3 ? "a" : "b"}, {"user_identifier", "u"}});
  }
  EXPECT_EQ(list(LogKind::kEvent, {.equals = {{"event_type", "a"}}}), (Ids{id_of(2), id_of(1)}));
  EXPECT_EQ(list(LogKind::kEvent, {.equals = {{"event_type", "a"}, {"level", "error"}}}), Ids{});
  EXPECT_EQ(list(LogKind::kEvent, {.from = kNow + 4min}), (Ids{id_of(5), id_of(4)}));
  EXPECT_EQ(list(LogKind::kEvent, {.before = kNow + 2min}), (Ids{id_of(1)}));
  EXPECT_EQ(code(list_logs(sql(), LogKind::kEvent, {.equals = {{"title", "a"}}}, {}, 10)),
            ErrorCode::kInvalidArgument);
  Ids seen;
  std::optional<PageCursor> after;
  do {
    const auto page = must(list_logs(sql(), LogKind::kEvent, {}, after, 2));
    for (const auto& row : page.rows) seen.push_back(must(row.values[0].to<std::string>()));
    after = page.next;
  } while (after);
  EXPECT_EQ(seen, (Ids{id_of(5), id_of(4), id_of(3), id_of(2), id_of(1)}));
}

TEST_P(LogsConformance, EveryFilterOfEveryTableIsUnderstood) {
  for (const LogKind kind : kLogKinds) {
    for (const LogField& field : log_table(kind).fields) {
      if (!field.is_filter) continue;
      const std::string value = field.type == LogFieldType::kUuid ? id_of(1) : "x";
      EXPECT_EQ(list(kind, {.equals = {{std::string(field.name), value}}}), Ids{}) << field.name;
    }
  }
  EXPECT_EQ(list(LogKind::kSale, {.equals = {{"job_id", "no uuid"}}}), Ids{});
}

TEST_P(LogsConformance, SalesOfAJobThatHasGoneAreKept) {
  add(LogKind::kSale, 1,
      {{"product", "audio"}, {"quantity", 1.5}, {"unit", "minute"}, {"job_id", id_of(77)}});
  const auto page = must(list_logs(sql(), LogKind::kSale, {}, {}, 10));
  EXPECT_TRUE(page.rows.at(0).find("job_id")->is_null());
  EXPECT_DOUBLE_EQ(must(page.rows[0].find("quantity")->to<double>()), 1.5);
}

TEST_P(LogsConformance, ASessionIsBroughtUpToDateByItsOwnerOnly) {
  add(LogKind::kSession, 1, {{"session_id", "s"}, {"user_identifier", "ayşe"}});
  EXPECT_TRUE(
      add(LogKind::kSession, 2,
          {{"session_id", "s"}, {"user_identifier", "ayşe"}, {"ended_at", to_text(kNow + 9min)}}));
  EXPECT_FALSE(add(LogKind::kSession, 3, {{"session_id", "s"}, {"user_identifier", "ali"}}));
  const auto page = must(list_logs(sql(), LogKind::kSession, {}, {}, 10));
  ASSERT_EQ(page.rows.size(), 1U);
  EXPECT_EQ(text(page.rows[0], "started_at"), to_text(kNow + 1min));
  EXPECT_EQ(text(page.rows[0], "last_seen_at"), to_text(kNow + 2min));
  EXPECT_EQ(text(page.rows[0], "ended_at"), to_text(kNow + 9min));
}

using ConvertedSoundsConformance = LogsConformance;
KATIP_CONFORMANCE(ConvertedSoundsConformance);

TEST_P(ConvertedSoundsConformance, AreFoundByTheNumbersOfTheOtherSystem) {
  ConvertedSound sound{.id = id_of(1),
                       .talent_id = "t1",
                       .acc_id = "a1",
                       .file_name = "ses.wav",
                       .duration_s = 2.5,
                       .submitted_by = "ayşe",
                       .created_at = kNow};
  must(insert_converted_sound(sql(), sound));
  must(insert_converted_sound(
      sql(), {.id = id_of(2), .talent_id = "t2", .acc_id = "a1", .created_at = kNow + 1s}));
  const auto count = [&](const ConvertedSoundFilter& filter) {
    return must(list_converted_sounds(sql(), filter, {}, 10)).rows.size();
  };
  EXPECT_EQ(count({}), 2U);
  EXPECT_EQ(count({.talent_id = "t1"}), 1U);
  EXPECT_EQ(count({.acc_id = "a1"}), 2U);
  EXPECT_EQ(count({.talent_id = "t2", .acc_id = "a2"}), 0U);
  EXPECT_EQ(count({.submitted_by = "ayşe"}), 1U);
  EXPECT_EQ(count({.status = JobStatus::kQueued}), 2U);
  EXPECT_EQ(count({.created_from = kNow + 1s}), 1U);
  EXPECT_EQ(count({.created_before = kNow + 1s}), 1U);
  sound.status = JobStatus::kCompleted;
  sound.transcript = "merhaba";
  EXPECT_TRUE(must(update_converted_sound(sql(), sound)));
  EXPECT_EQ(must(find_converted_sound(sql(), id_of(1)))->transcript, "merhaba");
  sound.transcript.reset();
  EXPECT_EQ(code(update_converted_sound(sql(), sound)), ErrorCode::kInvalidArgument);
  EXPECT_TRUE(must(delete_converted_sound(sql(), id_of(1))));
  EXPECT_FALSE(must(delete_converted_sound(sql(), id_of(1))));
  EXPECT_EQ(must(find_converted_sound(sql(), "none")), std::nullopt);
  const auto page = must(list_converted_sounds(sql(), {}, PageCursor{kNow + 1s, id_of(2)}, 1));
  EXPECT_TRUE(page.rows.empty());
}

}  // namespace
}  // namespace katip::store
