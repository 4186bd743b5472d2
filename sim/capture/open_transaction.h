// The transaction that a parser has begun, for formats whose rows name their transaction but do not bracket it.
//
// Positions of commits grow by at least one, so that a transaction is ordered after the one before it whatever its
// format says about positions.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/capture/change_event.h"

namespace rehearse {

class OpenTransaction {
 public:
  bool open() const { return open_; }
  const std::string& id() const { return id_; }
  std::uint64_t begin_line() const { return begin_line_; }
  std::uint64_t rows() const { return rows_; }
  std::uint64_t count() const { return count_; }  // begun so far

  struct Begin {
    std::string_view id;               // tells it from its neighbours
    std::optional<std::uint64_t> xid;  // none: its place in the stream
    std::int64_t time_unix_ns = 0;
    std::uint64_t position = 0;
  };
  void begin(const Begin& given, const TextInput& input, std::vector<ChangeEvent>& events) {
    open_ = true;
    id_.assign(given.id);
    begin_line_ = input.line_number();
    rows_ = 0;
    ++count_;
    xid_ = given.xid.value_or(count_);
    position_ = std::max(position_ + 1, given.position);
    ChangeEvent& event = events.emplace_back();
    event.kind = EventKind::begin;
    event.xid = xid_;
    event.time_unix_ns = given.time_unix_ns;
    event.lsn = position_;
  }
  // A row of it, to be filled in; `position` is the row's own, if it has one.
  ChangeEvent& row(std::uint64_t position, std::vector<ChangeEvent>& events) {
    ++rows_;
    position_ = std::max(position_, position);
    ChangeEvent& event = events.emplace_back();
    event.xid = xid_;
    event.lsn = position != 0 ? position : position_;
    event.has_position = position != 0;
    return event;
  }
  void end(std::vector<ChangeEvent>& events) {
    open_ = false;
    ChangeEvent& event = events.emplace_back();
    event.kind = EventKind::commit;
    event.xid = xid_;
    event.lsn = position_;
  }

 private:
  bool open_ = false;
  std::string id_;
  std::uint64_t begin_line_ = 0;
  std::uint64_t rows_ = 0;
  std::uint64_t count_ = 0;
  std::uint64_t xid_ = 0;
  std::uint64_t position_ = 0;
};

}  // namespace rehearse
