#include "sim/capture/change_fingerprint.h"

#include <xxhash.h>

namespace rehearse {
namespace {

class Fingerprint {
 public:
  void add(std::uint64_t number) { hash_ = XXH3_64bits_withSeed(&number, sizeof number, hash_); }
  void add(std::string_view text) {
    add(text.size());
    hash_ = XXH3_64bits_withSeed(text.data(), text.size(), hash_);
  }
  void add(const std::vector<EventColumn>& columns) {
    add(columns.size());
    for (const EventColumn& column : columns) {
      add(column.name);
      add(std::uint64_t{column.is_null} << 1 | std::uint64_t{column.left_out});
      add(column.text);
    }
  }
  std::uint64_t value() const { return hash_; }

 private:
  std::uint64_t hash_ = 0;
};

}  // namespace

std::uint64_t change_fingerprint(const ChangeEvent& event) {
  Fingerprint of;
  of.add(static_cast<std::uint64_t>(event.kind));
  of.add(event.lsn);
  of.add(event.number ? *event.number + 1 : 0);
  of.add(event.columns);
  of.add(event.old_columns);
  of.add(event.before);
  return of.value();
}

std::uint64_t texts_fingerprint(std::initializer_list<std::string_view> texts) {
  Fingerprint of;
  for (const std::string_view text : texts) of.add(text);
  return of.value();
}

}  // namespace rehearse
