#include "http/request.h"

#include <filesystem>
#include <fstream>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace katip::http {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

TEST(RequestTest, EveryMethodHasItsName) {
  for (const Method method : {Method::kGet, Method::kHead, Method::kPost, Method::kPut,
                              Method::kPatch, Method::kDelete, Method::kOptions}) {
    EXPECT_EQ(parse_method(name(method)), method);
  }
  EXPECT_EQ(name(Method::kPatch), "PATCH");
  EXPECT_EQ(parse_method("get"), std::nullopt);
  EXPECT_EQ(parse_method(""), std::nullopt);
  EXPECT_EQ(parse_method("CONNECT"), std::nullopt);
}

TEST(RequestTest, OfValuesThatComeTwiceTheLastCounts) {
  Request request;
  request.query = {{"a", "1"}, {"b", "2"}, {"a", "-3"}};
  EXPECT_EQ(request.query_value("a"), "-3");
  EXPECT_THAT(request.query_values("a"), ElementsAre("1", "-3"));
  EXPECT_EQ(request.query_integer("a"), -3);
  EXPECT_EQ(request.query_value("c"), std::nullopt);
  EXPECT_EQ(request.query_integer("c"), std::nullopt);
  request.form.fields = {{"x", "1"}, {"y", "2"}, {"x", "3"}};
  EXPECT_EQ(request.form.value("x"), "3");
  EXPECT_THAT(request.form.values("x"), ElementsAre("1", "3"));
  EXPECT_EQ(request.form.value("z"), std::nullopt);
  EXPECT_EQ(request.form.file("x"), nullptr);
}

TEST(RequestTest, TheObjectIsThatOfTheBody) {
  Request request;
  request.json = std::make_shared<const boost::json::value>(boost::json::object{{"a", 1}});
  EXPECT_EQ(request.object().at("a"), 1);
}

class UploadedFileTest : public testing::Test {
 protected:
  UploadedFileTest()
      : path_(fs::temp_directory_path() / ("uploaded_file_test_" + std::to_string(::getpid()))) {
    std::ofstream(path_) << "bytes";
  }
  ~UploadedFileTest() override { fs::remove(path_); }
  const fs::path path_;
};

TEST_F(UploadedFileTest, IsDeletedAtTheEnd) {
  {
    const UploadedFile file(path_, "a.wav", "audio/wav");
  }
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(UploadedFileTest, StaysWithTheOneItWasMovedTo) {
  {
    UploadedFile first(path_, "a.wav", "audio/wav");
    first.size = 5;
    first.sha256 = "abc";
    {
      const UploadedFile second = std::move(first);
      EXPECT_EQ(second.path(), path_);
      EXPECT_EQ(second.file_name(), "a.wav");
      EXPECT_EQ(second.media_type(), "audio/wav");
      EXPECT_EQ(second.size, 5);
      EXPECT_EQ(second.sha256, "abc");
      EXPECT_TRUE(fs::exists(path_));
    }
    EXPECT_FALSE(fs::exists(path_));
    std::ofstream(path_) << "somebody else's";
  }
  EXPECT_TRUE(fs::exists(path_)) << "what was moved from owns nothing";
}

TEST_F(UploadedFileTest, ThatWasMovedAwayIsNoError) {
  const fs::path other = path_.string() + ".kept";
  {
    const UploadedFile file(path_, "a.wav", "");
    fs::rename(path_, other);
  }
  EXPECT_TRUE(fs::remove(other));
}

}  // namespace
}  // namespace katip::http
