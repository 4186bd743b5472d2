#include "sim/routing/routing.h"

#include <utility>

namespace rehearse {

void Routing::add(StoreId store, Time now) {
  history_.push_back({now, static_cast<std::uint32_t>(now_.size()), store});
  first_.push_back(store);
  now_.push_back(store);
}

void Routing::send(std::uint32_t consumer, StoreId store, Time now, std::string by) {
  if (now_[consumer] == store) return;
  now_[consumer] = store;
  history_.push_back({now, consumer, store, std::move(by)});
}

}  // namespace rehearse
