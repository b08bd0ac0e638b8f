#include "http/server/form_sink.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <unistd.h>

namespace katip::http {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kFileSizeMax = 1'000;

class FormSinkTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("form_sink_test_" + std::to_string(::getpid()));
    fs::create_directories(folder_);
    sink_ = *FormSink::open("multipart/form-data; boundary=b", folder_, kFileSizeMax);
  }
  void TearDown() override {
    sink_.reset();
    fs::remove_all(folder_);
  }
  static std::string head(const std::string& rest) {
    return "--b\r\nContent-Disposition: form-data; " + rest + "\r\n\r\n";
  }
  std::ptrdiff_t file_count() {
    return std::distance(fs::directory_iterator(folder_), fs::directory_iterator());
  }

  fs::path folder_;
  std::unique_ptr<FormSink> sink_;
};

TEST_F(FormSinkTest, FilesGoToTheDiskWithTheirSum) {
  ASSERT_TRUE(sink_->write(head("name=file; filename=\"../a.wav\"") + "ab"));
  ASSERT_TRUE(sink_->write("c\r\n" + head("name=x") + "1\r\n" + head("name=e; filename=\"\"") +
                           "\r\n--b--"));
  ASSERT_TRUE(sink_->finish());
  {
    Form form = sink_->take();
    EXPECT_EQ(form.value("x"), "1");
    const UploadedFile* file = form.file("file");
    ASSERT_NE(file, nullptr);
    EXPECT_EQ(file->size, 3);
    EXPECT_EQ(file->file_name(), "../a.wav");
    EXPECT_EQ(file->path().parent_path(), folder_) << "the client's name leads nowhere";
    EXPECT_EQ(file->sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    std::ifstream stream(file->path());
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(stream), {}), "abc");
    EXPECT_EQ(form.file("e")->size, 0);
    EXPECT_EQ(file_count(), 2);
    const auto open_to_others = fs::perms::group_all | fs::perms::others_all;
    EXPECT_EQ(fs::status(file->path()).permissions() & open_to_others, fs::perms::none);
  }
  EXPECT_EQ(file_count(), 0);
}

TEST_F(FormSinkTest, NothingIsLeftOfAFormThatBrokeOff) {
  ASSERT_TRUE(sink_->write(head("name=file; filename=a") + "abc"));
  EXPECT_EQ(file_count(), 1);
  EXPECT_FALSE(sink_->finish());
  sink_.reset();
  EXPECT_EQ(file_count(), 0);
}

TEST_F(FormSinkTest, FieldsAndPartsHaveLimits) {
  ASSERT_TRUE(sink_->write(head("name=a") + std::string(FormSink::kFieldSizeMax, 'x')));
  const Status more = sink_->write("xxxxxxxx");
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, ErrorCode::kTooLarge);
  EXPECT_NE(more.error().message.find("`a`"), std::string::npos);

  sink_ = *FormSink::open("multipart/form-data; boundary=b", folder_, kFileSizeMax);
  const std::string field = head("name=a") + std::string(FormSink::kFieldSizeMax, 'x') + "\r\n";
  Status status;
  for (int i = 0; i < 5 && status; ++i) status = sink_->write(field);
  EXPECT_FALSE(status) << "all fields together";

  sink_ = *FormSink::open("multipart/form-data; boundary=b", folder_, kFileSizeMax);
  status = {};
  std::size_t count = 0;
  while (status && count < 2 * FormSink::kPartCountMax) {
    status = sink_->write(head("name=a") + "\r\n");
    ++count;
  }
  EXPECT_EQ(count, FormSink::kPartCountMax + 1);
}

TEST_F(FormSinkTest, AFileHasALimitThatFieldsDoNotCountFor) {
  const std::string file = head("name=file; filename=a") + std::string(kFileSizeMax, 'x');
  ASSERT_TRUE(sink_->write(head("name=a") + std::string(2 * kFileSizeMax, 'x') + "\r\n"));
  ASSERT_TRUE(sink_->write(file + "\r\n"));
  ASSERT_TRUE(sink_->write(file + "\r\n"))
      << "each file by itself; the body has a limit of its own";
  const Status more = sink_->write(file + "x\r\n--b");
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, ErrorCode::kTooLarge);
  EXPECT_NE(more.error().message.find("limit (1000)"), std::string::npos) << more.error().message;
  sink_.reset();
  EXPECT_EQ(file_count(), 0);
}

TEST_F(FormSinkTest, AFolderThatIsNotThereIsAnError) {
  sink_ = *FormSink::open("multipart/form-data; boundary=b", folder_ / "none", kFileSizeMax);
  EXPECT_FALSE(sink_->write(head("name=file; filename=a") + "abc"));
}

TEST_F(FormSinkTest, NeedsABoundary) {
  EXPECT_EQ(FormSink::open("multipart/form-data", folder_, kFileSizeMax).error().code,
            ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace katip::http
