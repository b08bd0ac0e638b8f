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

TEST(QueueOptions, ReadRoutes) {
  const auto options =
      queue_options(settings_with({{"worker.routes", "transcription.*=critical"}}));
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->routing.route("transcription.process").queue, "critical");
  EXPECT_FALSE(queue_options(settings_with({{"worker.routes", "transcription.*"}})));
  EXPECT_FALSE(queue_options(settings_with({{"worker.routes", "transcription.*=fast"}})));
}

TEST(QueueOptions, KeepASlotForWhatIsCriticalWhereThereAreSome) {
  const auto reserved = [](const char* environment) {
    return queue_options(settings_with({}, environment))->fair_share.reserved_count;
  };
  EXPECT_EQ(reserved("development"), 0);
  EXPECT_EQ(reserved("production"), 1);
}

}  // namespace
}  // namespace katip::cli
