#include "http/server/kept_exchange.h"

#include <utility>

/// Tested by server_repeat_test.cc.
namespace katip::http {
namespace {

class KeptExchange final : public Exchange {
 public:
  KeptExchange(std::shared_ptr<Exchange> inner, std::unique_ptr<RepeatableTurn> turn,
               WorkPool& pool)
      : inner_(std::move(inner)), turn_(std::move(turn)), pool_(pool) {}

  /// Keeping writes to a database, and who answers must not wait for one.
  void respond(Answer answer) override {
    pool_.post_always([inner = inner_, turn = std::exchange(turn_, nullptr),
                       kept = std::make_shared<Answer>(std::move(answer))] {
      turn->keep(*kept);
      inner->respond(std::move(*kept));
    });
  }
  std::shared_ptr<ResponseStream> stream(Response head) override {
    return inner_->stream(std::move(head));
  }
  void on_disconnect(std::function<void()> callback) override {
    inner_->on_disconnect(std::move(callback));
  }

 private:
  const std::shared_ptr<Exchange> inner_;
  std::shared_ptr<RepeatableTurn> turn_;
  WorkPool& pool_;
};

}  // namespace

std::shared_ptr<Exchange> keeping(std::shared_ptr<Exchange> exchange,
                                  std::unique_ptr<RepeatableTurn> turn, WorkPool& pool) {
  return std::make_shared<KeptExchange>(std::move(exchange), std::move(turn), pool);
}

}  // namespace katip::http
