#include "http/route.h"

#include <filesystem>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::http {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

RouteTable table_of(const std::vector<std::pair<Method, std::string>>& paths) {
  RouteTable table;
  for (const auto& [method, path] : paths) {
    table.add({.method = method, .path = path, .operation = path, .handle = [](Request&) -> Answer {
                 return empty_response();
               }});
  }
  return table;
}

std::string found(const RouteTable& table, std::string_view path, Method method = Method::kGet) {
  const RouteMatch match = table.find(method, path);
  return match.route == nullptr ? "" : match.route->path;
}

std::vector<std::string> wrongs(const std::vector<FieldError>& errors) {
  std::vector<std::string> all;
  for (const FieldError& error : errors) {
    all.push_back(fmt::format("{}: {}", error.pointer, error.message));
  }
  return all;
}

TEST(RouteTableTest, AnEmptyOneHasNothing) {
  const RouteTable table;
  for (const char* path : {"", "/", "x", "*", "/a/b", "//"}) {
    EXPECT_EQ(found(table, path), "");
    EXPECT_THAT(table.find(Method::kGet, path).allowed, IsEmpty());
  }
}

TEST(RouteTableTest, NamesComeBeforeVariablesAndTheseBeforeTheRest) {
  const RouteTable table = table_of({{Method::kGet, "/jobs"},
                                     {Method::kGet, "/jobs/{id}"},
                                     {Method::kGet, "/jobs/new"},
                                     {Method::kGet, "/jobs/new/form"},
                                     {Method::kGet, "/jobs/{id}/text"},
                                     {Method::kGet, "/jobs/{path...}"}});
  EXPECT_EQ(found(table, "/jobs"), "/jobs");
  EXPECT_EQ(found(table, "/jobs/new"), "/jobs/new");
  EXPECT_EQ(found(table, "/jobs/newer"), "/jobs/{id}");
  EXPECT_EQ(found(table, "/jobs/new/text"), "/jobs/{id}/text") << "it has to go back";
  EXPECT_EQ(found(table, "/jobs/7/other"), "/jobs/{path...}");
  EXPECT_EQ(found(table, "/jobs/"), "") << "an empty name is none";
  EXPECT_EQ(found(table, "/job"), "");
  EXPECT_EQ(found(table, "/jobs//text"), "/jobs/{path...}");
}

TEST(RouteTableTest, ValuesAreDecodedAndSlashesInThemAreNone) {
  const RouteTable table = table_of({{Method::kGet, "/a/{id}"}, {Method::kGet, "/f/{path...}"}});
  EXPECT_THAT(table.find(Method::kGet, "/a/x%2Fy%20z").path_values,
              ElementsAre(Pair("id", "x/y z")));
  EXPECT_THAT(table.find(Method::kGet, "/f/x/y%2Fz").path_values,
              ElementsAre(Pair("path", "x/y/z")));
  EXPECT_EQ(found(table, "/%61/1"), "/a/{id}");
  EXPECT_EQ(found(table, "/a/%zz"), "");
  EXPECT_EQ(found(table, "/a/%00"), "");
  EXPECT_EQ(found(table, "/a/1/2"), "");
}

TEST(RouteTableTest, AWrongTurnLeavesNoValues) {
  const RouteTable table = table_of({{Method::kGet, "/{a}/x/{b}"}, {Method::kGet, "/{all...}"}});
  EXPECT_THAT(table.find(Method::kGet, "/1/y/2").path_values, ElementsAre(Pair("all", "1/y/2")));
}

TEST(RouteTableTest, SaysWhichMethodsThereAre) {
  const RouteTable table = table_of({{Method::kGet, "/a"}, {Method::kDelete, "/a"}});
  const RouteMatch match = table.find(Method::kPost, "/a");
  EXPECT_EQ(match.route, nullptr);
  EXPECT_THAT(match.allowed,
              ElementsAre(Method::kGet, Method::kHead, Method::kDelete, Method::kOptions));
  EXPECT_EQ(found(table, "/a", Method::kHead), "/a");
  EXPECT_EQ(table.routes().size(), 2U);
}

TEST(RouteTableTest, ManySegmentsAreNoTrouble) {
  const RouteTable table =
      table_of({{Method::kGet, "/{a}/{b}"}, {Method::kGet, "/{a}/{b}/{c...}"}});
  std::string path;
  for (int i = 0; i < 10'000; ++i) path += "/a";
  EXPECT_EQ(found(table, path), "/{a}/{b}/{c...}");
}

Route route_with(std::vector<Parameter> parameters) {
  return {.path = "/a", .parameters = std::move(parameters)};
}

TEST(CheckParametersTest, ParametersOfAQueryAreCheckedAndNothingElseIsTaken) {
  const Route route = route_with({{.name = "limit", .schema = Schema::integer().range(1, 9)},
                                  {.name = "q", .need = Need::kRequired},
                                  {.name = "tag", .schema = Schema::array(Schema::string())}});
  Request request;
  request.query = {{"q", "x"}, {"tag", "a"}, {"tag", "b"}, {"limit", "9"}};
  EXPECT_THAT(check_parameters(route, request), IsEmpty());
  request.query = {{"limit", "10"}, {"limit", "1"}, {"limt", "1"}, {"limt", "2"}};
  EXPECT_THAT(wrongs(check_parameters(route, request)),
              ElementsAre("limit: may be given once only", "limit: must be 1 to 9", "q: is needed",
                          "limt: there is no such parameter. Did you mean `limit`?"));
}

TEST(CheckParametersTest, HeadersAndPathsAreCheckedToo) {
  const Route route =
      route_with({{.name = "Upload-Offset", .place = Place::kHeader, .schema = Schema::integer()},
                  {.name = "id",
                   .place = Place::kPath,
                   .schema = Schema::integer(),
                   .need = Need::kRequired}});
  Request request;
  request.path_values = {{"id", "x"}};
  request.headers.set("upload-offset", "-");
  EXPECT_THAT(wrongs(check_parameters(route, request)),
              ElementsAre("Upload-Offset: must be a whole number", "id: must be a whole number"));
  request.path_values = {{"id", "7"}};
  request.headers = {};
  EXPECT_THAT(check_parameters(route, request), IsEmpty());
}

class CheckFormTest : public testing::Test {
 protected:
  void add_file(const std::string& name) {
    request_.form.files.emplace_back(name, UploadedFile({}, "a.wav", ""));
  }
  std::vector<std::string> check() { return wrongs(check_form(route_, request_)); }

  Route route_ = {.body = Schema::object({{"file", Schema::binary(), Need::kRequired},
                                          {"language", Schema::string().length(2, 2)},
                                          {"n", Schema::array(Schema::integer())}})};
  Request request_;
};

TEST_F(CheckFormTest, TakesFilesAndTextsWhereTheyBelong) {
  add_file("file");
  request_.form.fields = {{"language", "tr"}, {"n", "1"}, {"n", "2"}};
  EXPECT_THAT(check(), IsEmpty());
}

TEST_F(CheckFormTest, ATextIsNoFileAndAFileNoText) {
  request_.form.fields = {{"file", "text"}};
  EXPECT_THAT(check(), ElementsAre("file: must be a file, with a file name"));
  request_.form.fields = {};
  add_file("file");
  add_file("language");
  EXPECT_THAT(check(), ElementsAre("language: must be a text, not a file"));
}

TEST_F(CheckFormTest, NamesWhatIsNotThereAndWhatShouldNotBe) {
  add_file("flie");
  request_.form.fields = {{"langauge", "tr"}};
  EXPECT_THAT(check(), ElementsAre("file: is needed",
                                   "langauge: there is no such field. Did you mean `language`?",
                                   "flie: there is no such field. Did you mean `file`?"));
  route_.body = route_.body->open();
  add_file("file");
  EXPECT_THAT(check(), IsEmpty());
  add_file("file");
  EXPECT_THAT(check(), ElementsAre("file: may be given once only"));
}

TEST(EnvelopeTest, HoldsTheSchemaOfTheData) {
  EXPECT_EQ(envelope(Schema::integer()).properties().size(), 4U);
}

}  // namespace
}  // namespace katip::http
