#include "cli/queue/queue_settings.h"

#include <gtest/gtest.h>

namespace katip::cli {
namespace {

Settings settings_with(std::map<std::string, std::string> flags, std::string environment = "") {
  SettingsSources sources;
  sources.flags = std::move(flags);
  if (!environment.empty()) sources.environment_name = environment;
  auto settings = Settings::load(sources);
  EXPECT_TRUE(settings) << settings.error().message;
  return *std::move(settings);
}

TEST(WorkerOptions, FollowTheEnvironment) {
  const auto slots = [](const char* environment) {
    return worker_options(settings_with({}, environment), "general")->slots;
  };
  EXPECT_EQ(slots("development").slot_count_max, 2);
  EXPECT_EQ(slots("staging").slot_count_max, 6);
  EXPECT_EQ(slots("production").slot_count_max, 12);
  EXPECT_EQ(slots("production").slot_count_min, 4);
}

TEST(WorkerOptions, ReadAutoscale) {
  EXPECT_EQ(
      worker_options(settings_with({{"worker.autoscale", "9,3"}}), "engine")->slots.slot_count_min,
      3);
  EXPECT_EQ(
      worker_options(settings_with({{"worker.autoscale", "5"}}), "engine")->slots.slot_count_min,
      5);
  for (const char* text : {"3,9", "x", "9,", "0", "-1,1", "5000,1"}) {
    const auto options = worker_options(settings_with({{"worker.autoscale", text}}), "engine");
    ASSERT_FALSE(options) << text;
    EXPECT_NE(options.error().message.find("worker.autoscale"), std::string::npos);
  }
}

TEST(WorkerOptions, AWorkerHasAConnectionForEachSlot) {
  EXPECT_EQ(connection_count_of(settings_with({{"worker.autoscale", "6,2"}}), "engine"), 17U);
  EXPECT_EQ(connection_count_of(settings_with({{"worker.autoscale", "6,2"}}), "general"), 11U);
}

TEST(KeepJobsFor, IsDaysAndZeroIsForEver) {
  EXPECT_EQ(keep_jobs_for(settings_with({})), std::nullopt);
  EXPECT_EQ(keep_jobs_for(settings_with({{"jobs.keep_days", "1.5"}})), std::chrono::hours(36));
}

TEST(QueueOptions, ReadRoutes) {
  const auto options =
      queue_options(settings_with({{"worker.routes", "transcription.*=critical"}}));
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->routing.route("transcription.process").queue, "critical");
  EXPECT_FALSE(queue_options(settings_with({{"worker.routes", "transcription.*"}})));
  EXPECT_FALSE(queue_options(settings_with({{"worker.routes", "transcription.*=fast"}})));
}

TEST(WorkerOptions, KeepSlotsForWhatIsCritical) {
  const auto critical = [](const char* count, const char* kind) {
    return worker_options(settings_with({{"worker.critical_slots", count}}), kind)
        ->critical_slot_count;
  };
  EXPECT_EQ(worker_options(settings_with({}), "engine")->critical_slot_count, 8);
  EXPECT_EQ(worker_options(settings_with({}), "general")->critical_slot_count, 2);
  EXPECT_EQ(critical("20", "engine"), 20);
  EXPECT_EQ(critical("20", "general"), 2);
  EXPECT_EQ(critical("0", "engine"), 0);
  EXPECT_EQ(critical("1", "general"), 1);
}

}  // namespace
}  // namespace katip::cli
