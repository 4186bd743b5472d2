// What a SQL text reads: a table that somebody else holds, row by row or by key.
//
// Invariant: a cursor's rows do not change while it is open.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/rows/field.h"

namespace rehearse {

struct SqlColumn {
  std::string name;
  std::string type;  // as PostgreSQL names it; says how values are compared
  bool key = false;
};

class SqlCursor {
 public:
  virtual ~SqlCursor() = default;
  virtual void scan() = 0;
  // The rows of one key, given in the order of the key's columns; rows that do not have it may be among them.
  virtual void find(const std::vector<Field>& key) = 0;
  virtual bool done() const = 0;
  virtual void next() = 0;
  virtual Field field(std::size_t column) = 0;
  // Of the row, however it was come to: an outer join remembers by it which rows have found a partner.
  virtual std::int64_t row_id() const = 0;
};

class SqlTable {
 public:
  explicit SqlTable(std::vector<SqlColumn> columns) : columns_(std::move(columns)) {}
  virtual ~SqlTable() = default;
  const std::vector<SqlColumn>& columns() const { return columns_; }
  std::vector<std::size_t> key() const;  // positions of the key's columns

  virtual std::uint64_t rows() const = 0;  // about how many, for the planner
  virtual std::unique_ptr<SqlCursor> open() const = 0;
  // Why nothing may be read from it; empty: it may be read.
  virtual std::string refusal() const { return {}; }

 private:
  std::vector<SqlColumn> columns_;
};

// A table that has columns and no rows: what a text is checked against before there are any.
class EmptySqlTable : public SqlTable {
 public:
  explicit EmptySqlTable(std::vector<SqlColumn> columns, std::string refusal = {})
      : SqlTable(std::move(columns)), refusal_(std::move(refusal)) {}
  std::uint64_t rows() const override { return 0; }
  std::unique_ptr<SqlCursor> open() const override;
  std::string refusal() const override { return refusal_; }

 private:
  std::string refusal_;
};

}  // namespace rehearse
