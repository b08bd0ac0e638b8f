#include "http/openapi.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/json_text.h"

namespace katip::http {
namespace {

using testing::HasSubstr;
using testing::Not;

RouteTable table() {
  RouteTable routes;
  routes.add({.method = Method::kPost,
              .path = "/api/v1/things/{id}",
              .operation = "change_thing",
              .summary = "Changes <a> thing",
              .tag = "things",
              .permission = app::Permission::kWriteJobs,
              .parameters = {{.name = "limit", .schema = Schema::integer().range(1, 9)}},
              .body_kind = BodyKind::kJson,
              .body = Schema::object({{"name", Schema::string().length(1, 5), Need::kRequired}}),
              .answers = {{200, "The thing", Schema::any()}, {404, "There is none"}},
              .handle = [](Request&) -> Answer { return Response{}; }});
  routes.add({.path = "/files/{path...}", .operation = "file", .handle = [](Request&) -> Answer {
                return Response{};
              }});
  return routes;
}

TEST(OpenApi, TellsEverythingThatARouteDeclares) {
  const auto document = openapi_document(table(), "1.2.3", Anonymous::kRefused);
  EXPECT_EQ(document.at("info").at("version"), "1.2.3");
  const auto& route = document.at("paths").at("/api/v1/things/{id}").at("post");
  EXPECT_EQ(route.at("operationId"), "change_thing");
  const std::string text = json_text(route);
  EXPECT_THAT(text, HasSubstr(R"("name":"limit","in":"query","required":false)"));
  EXPECT_THAT(text, HasSubstr(R"("name":"id","in":"path","required":true)"));
  EXPECT_THAT(text, HasSubstr(R"("maxLength":5)"));
  EXPECT_THAT(text, HasSubstr("jobs:write"));
  for (const char* status :
       {"200", "400", "401", "403", "404", "413", "415", "422", "429", "500"}) {
    EXPECT_TRUE(route.at("responses").as_object().contains(status)) << status;
  }
}

TEST(OpenApi, ARouteThatIsOpenToAllSaysSo) {
  const auto document = openapi_document(table(), "", Anonymous::kAllowed);
  const auto& route = document.at("paths").at("/files/{path}").at("get");
  EXPECT_TRUE(route.at("security").as_array().empty());
  EXPECT_FALSE(route.at("responses").as_object().contains("401"));
}

TEST(OpenApi, NothingIsAnAnswerToWhoOneIsOnAnOpenServerOnly) {
  const auto closed = openapi_document(table(), "", Anonymous::kRefused);
  EXPECT_EQ(json_text(closed.at("security")), R"([{"key":[]},{"header":[]}])");
  const auto open = openapi_document(table(), "", Anonymous::kAllowed);
  EXPECT_EQ(json_text(open.at("security")), R"([{"key":[]},{"header":[]},{}])");
}

TEST(OpenApi, PagesForPeopleAreNoPartOfIt) {
  RouteTable pages;
  pages.add({.path = "/library",
             .operation = "page_library",
             .is_page = true,
             .handle = [](Request&) -> Answer { return text_response(""); }});
  EXPECT_TRUE(openapi_document(pages, "", Anonymous::kRefused).at("paths").as_object().empty());
  EXPECT_THAT(docs_page(pages, ""), Not(HasSubstr("/library")));
}

TEST(DocsPage, ShowsEachRouteAndNothingOfItRuns) {
  const std::string page = docs_page(table(), "1.2.3");
  EXPECT_THAT(page, HasSubstr("/api/v1/things/{id}"));
  EXPECT_THAT(page, HasSubstr("Changes &lt;a&gt; thing"));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
}

}  // namespace
}  // namespace katip::http
