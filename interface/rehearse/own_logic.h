// A check, a repair or a decision of your own, in C++, for Rehearse to put on trial.
//
// Derive from Check, Repair or Decision, and name the class once with REHEARSE_OWN_CHECK, REHEARSE_OWN_REPAIR or
// REHEARSE_OWN_DECISION in one source file of a shared library that links to the target rehearse::own_logic:
//
//   class Fields : public rehearse::own::Check {
//     void run(const rehearse::own::CheckQuestion& question, rehearse::own::CheckAnswer& answer) override { … }
//   };
//   REHEARSE_OWN_CHECK(Fields)
//
// A library has at most one of each. It is loaded afresh, in a process of its own, and one object is made for each
// question, so that nothing is remembered between two. An exception that leaves it is no answer; what it says is named.
// Values are as in SQL: integers, numbers, texts; a time is a text such as 2026-03-02T08:00:00.000000Z.
// C++17; nothing but the standard library.
#pragma once

#include <rehearse/own_logic_abi.h>

#include <cstdint>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace rehearse {
namespace own {

inline std::string_view view(abi::Text text) { return {text.data, text.size}; }
inline abi::Text text_of(std::string_view text) { return {text.data(), text.size()}; }

// NULL, an integer, a number or a text. A text is only looked at: it lives as long as the row that it is of, or as the
// text that it was made from.
class Value {
 public:
  enum class Kind : std::uint8_t { null, integer, real, text };

  Value() = default;
  template <typename Integer, std::enable_if_t<std::is_integral_v<Integer>, int> = 0>
  Value(Integer value) : value_{abi::kind_integer, static_cast<std::int64_t>(value), 0, {"", 0}} {}
  Value(double value) : value_{abi::kind_real, 0, value, {"", 0}} {}
  Value(std::string_view value) : value_{abi::kind_text, 0, 0, own::text_of(value)} {}
  Value(const char* value) : Value(std::string_view(value)) {}
  Value(const std::string& value) : Value(std::string_view(value)) {}
  Value(std::string&&) = delete;  // it would look at what is gone
  explicit Value(const abi::Value& value) : value_(value) {}

  Kind kind() const { return static_cast<Kind>(value_.kind); }
  bool is_null() const { return kind() == Kind::null; }
  bool is_number() const { return kind() == Kind::integer || kind() == Kind::real; }
  std::int64_t integer() const {
    return kind() == Kind::real ? static_cast<std::int64_t>(value_.real) : value_.integer;
  }
  double number() const { return kind() == Kind::real ? value_.real : static_cast<double>(value_.integer); }
  std::string_view text() const { return kind() == Kind::text ? view(value_.text) : std::string_view(); }
  const abi::Value& plain() const { return value_; }

  // NULL equals NULL; an integer equals a number of the same value.
  friend bool operator==(const Value& a, const Value& b) {
    if (a.is_number() && b.is_number())
      return a.kind() == Kind::integer && b.kind() == Kind::integer ? a.value_.integer == b.value_.integer
                                                                    : a.number() == b.number();
    return a.kind() == b.kind() && a.text() == b.text();
  }
  friend bool operator!=(const Value& a, const Value& b) { return !(a == b); }
  // NULL before numbers before texts; numbers by value, texts byte by byte.
  friend bool operator<(const Value& a, const Value& b) {
    const auto rank = [](const Value& v) { return v.is_null() ? 0 : v.is_number() ? 1 : 2; };
    if (rank(a) != rank(b)) return rank(a) < rank(b);
    if (a.kind() == Kind::integer && b.kind() == Kind::integer) return a.value_.integer < b.value_.integer;
    return a.is_number() ? a.number() < b.number() : a.text() < b.text();
  }

 private:
  abi::Value value_{abi::kind_null, 0, 0, {"", 0}};
};

struct Column {
  std::string name;
  std::string type;  // as PostgreSQL names it
  bool key = false;
};

class Table;

// The rows of a table, one after the other: `for (Rows rows = table.rows(); rows.next();)`.
class Rows {
 public:
  explicit Rows(const Table& table);
  ~Rows();
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  bool next();  // false: there are no more
  Value operator[](std::size_t column) const { return Value(row_[column]); }
  std::vector<Value> key() const;  // its parts, in the order of the key's columns

 private:
  const Table* table_;
  void* cursor_;
  const abi::Value* row_ = nullptr;
};

// One side of a dataset as it was read.
class Table {
 public:
  explicit Table(const abi::Table& table) : table_(table) {
    for (std::size_t i = 0; i < table.columns_size; ++i) {
      const abi::Column& column = table.columns[i];
      if (column.key != 0) key_.push_back(i);
      columns_.push_back({std::string(view(column.name)), std::string(view(column.type)), column.key != 0});
    }
  }
  const std::vector<Column>& columns() const { return columns_; }
  const std::vector<std::size_t>& key() const { return key_; }  // positions of the key's columns
  std::optional<std::size_t> find(std::string_view name) const {
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (columns_[i].name == name) return i;
    return std::nullopt;
  }
  // Throws if there is none.
  std::size_t column(std::string_view name) const {
    if (const auto found = find(name)) return *found;
    throw std::out_of_range("there is no column " + std::string(name));
  }
  Rows rows() const { return Rows(*this); }
  const abi::Table& plain() const { return table_; }

 private:
  abi::Table table_;
  std::vector<Column> columns_;
  std::vector<std::size_t> key_;
};

inline Rows::Rows(const Table& table) : table_(&table), cursor_(table.plain().open(table.plain().table)) {}
inline Rows::~Rows() { table_->plain().close(cursor_); }
inline bool Rows::next() {
  row_ = table_->plain().next(cursor_);
  return row_ != nullptr;
}
inline std::vector<Value> Rows::key() const {
  std::vector<Value> parts;
  for (const std::size_t column : table_->key()) parts.push_back((*this)[column]);
  return parts;
}

struct Dataset {
  std::string name;
  Table reference, trial;
};

// The values that the scenario gives by name.
class Parameters {
 public:
  Parameters(const abi::Parameter* first, std::size_t size) : first_(first), size_(size) {}
  std::optional<Value> find(std::string_view name) const {
    for (std::size_t i = 0; i < size_; ++i)
      if (view(first_[i].name) == name) return Value(first_[i].value);
    return std::nullopt;
  }
  double number(std::string_view name, double otherwise) const {
    const auto value = find(name);
    return value && value->is_number() ? value->number() : otherwise;
  }
  std::string text(std::string_view name, std::string_view otherwise) const {
    const auto value = find(name);
    return std::string(value ? value->text() : otherwise);
  }

 private:
  const abi::Parameter* first_;
  std::size_t size_;
};

struct CheckQuestion {
  explicit CheckQuestion(const abi::CheckQuestion& q)
      : check(view(q.check)),
        run(q.run),
        now(view(q.now)),
        since(view(q.since)),
        until(view(q.until)),
        reference_store(view(q.reference_store)),
        trial_store(view(q.trial_store)),
        parameters(q.parameters, q.parameters_size) {
    for (std::size_t i = 0; i < q.datasets_size; ++i)
      datasets.push_back(
          {std::string(view(q.datasets[i].name)), Table(q.datasets[i].reference), Table(q.datasets[i].trial)});
  }
  std::string check;
  std::uint64_t run;  // of this check, from 1
  std::string now, since, until;
  std::string reference_store, trial_store;
  std::vector<Dataset> datasets;  // that are compared, at least one
  Parameters parameters;
};

struct Discrepancy {
  std::vector<Value> key;              // its parts, in the order of the key's columns
  std::string kind{};                  // missing, extra, mismatch, duplicate, …; empty: the check's `class:`
  std::vector<std::string> columns{};  // that differ
  std::string dataset{};               // needed where several are compared
};

class CheckAnswer {
 public:
  explicit CheckAnswer(const abi::Answer& answer) : answer_(&answer) {}
  // The key must be one that a side had.
  void discrepancy(const Discrepancy& found) {
    std::vector<abi::Value> key;
    for (const Value& part : found.key) key.push_back(part.plain());
    std::vector<abi::Text> columns;
    for (const std::string& name : found.columns) columns.push_back(text_of(name));
    answer_->discrepancy(answer_->host, key.data(), key.size(), text_of(found.kind), columns.data(), columns.size(),
                         text_of(found.dataset));
  }
  // How far the sides are apart; at most one.
  void figure(double apart) { answer_->figure(answer_->host, apart); }

 private:
  const abi::Answer* answer_;
};

struct Claim {
  std::string dataset, key, kind;  // the key's parts as one text, separated by ", "
  std::vector<std::string> columns;
};

struct RepairQuestion {
  explicit RepairQuestion(const abi::RepairQuestion& q) : parameters(q.parameters, q.parameters_size) {
    for (std::size_t i = 0; i < q.claims_size; ++i) {
      const abi::Claim& c = q.claims[i];
      claims.push_back({std::string(view(c.dataset)), std::string(view(c.key)), std::string(view(c.discrepancy)), {}});
      for (std::size_t k = 0; k < c.columns_size; ++k) claims.back().columns.emplace_back(view(c.columns[k]));
    }
  }
  std::vector<Claim> claims;  // of one run of the check
  Parameters parameters;
};

class RepairAnswer {
 public:
  explicit RepairAnswer(const abi::Answer& answer) : answer_(&answer) {}
  // An action that a rule may have, such as reload_from_source; claims that are not named are left alone.
  void repair(const Claim& claim, std::string_view action) {
    answer_->repair(answer_->host, text_of(claim.dataset), text_of(claim.key), text_of(action));
  }

 private:
  const abi::Answer* answer_;
};

struct Sample {
  std::string at;
  std::optional<double> value;  // none: there was no data
};

struct Metric {
  std::string name, unit;       // count, share or seconds
  std::vector<Sample> samples;  // the last hundred, the latest last
  std::optional<double> latest() const { return samples.empty() ? std::nullopt : samples.back().value; }
};

struct DecisionQuestion {
  explicit DecisionQuestion(const abi::DecisionQuestion& q)
      : now(view(q.now)), phase(view(q.phase)), entered(view(q.entered)), parameters(q.parameters, q.parameters_size) {
    for (std::size_t i = 0; i < q.metrics_size; ++i) {
      const abi::Metric& told = q.metrics[i];
      metrics.push_back({std::string(view(told.name)), std::string(view(told.unit)), {}});
      for (std::size_t k = 0; k < told.samples_size; ++k) {
        const Value value(told.samples[k].value);
        metrics.back().samples.push_back({std::string(view(told.samples[k].at)),
                                          value.is_null() ? std::nullopt : std::optional<double>(value.number())});
      }
    }
  }
  // Throws if it is not among those that `metrics:` names.
  const Metric& metric(std::string_view name) const {
    for (const Metric& metric : metrics)
      if (metric.name == name) return metric;
    throw std::out_of_range("there is no metric " + std::string(name));
  }
  std::string now, phase, entered;
  std::vector<Metric> metrics;
  Parameters parameters;
};

struct Say {
  enum class What : std::uint8_t { proceed, hold, roll_back } what;
  std::string why{};
};

class Check {
 public:
  virtual ~Check() = default;
  virtual void run(const CheckQuestion& question, CheckAnswer& answer) = 0;
};

class Repair {
 public:
  virtual ~Repair() = default;
  virtual void run(const RepairQuestion& question, RepairAnswer& answer) = 0;
};

class Decision {
 public:
  virtual ~Decision() = default;
  virtual Say run(const DecisionQuestion& question) = 0;
};

namespace detail {

template <typename Work>
void contained(const abi::Answer& answer, Work work) noexcept {
  try {
    work();
  } catch (const std::exception& error) {
    const char* const what = error.what();
    const std::string_view said(what != nullptr ? what : "");
    const std::size_t most = 500;
    char text[512] = "threw ";
    const std::size_t head = 6, size = said.size() < most ? said.size() : most;
    for (std::size_t i = 0; i < size; ++i) text[head + i] = said[i];
    answer.problem(answer.host, {text, head + size});
  } catch (...) {
    answer.problem(answer.host, text_of("threw something that is no std::exception"));
  }
}

template <typename Logic>
void check(const abi::CheckQuestion& question, const abi::Answer& answer) noexcept {
  contained(answer, [&] {
    CheckAnswer into(answer);
    Logic logic;
    static_cast<Check&>(logic).run(CheckQuestion(question), into);
  });
}

template <typename Logic>
void repair(const abi::RepairQuestion& question, const abi::Answer& answer) noexcept {
  contained(answer, [&] {
    RepairAnswer into(answer);
    Logic logic;
    static_cast<Repair&>(logic).run(RepairQuestion(question), into);
  });
}

template <typename Logic>
void decision(const abi::DecisionQuestion& question, const abi::Answer& answer) noexcept {
  contained(answer, [&] {
    Logic logic;
    const Say said = static_cast<Decision&>(logic).run(DecisionQuestion(question));
    const char* const word = said.what == Say::What::proceed     ? "proceed"
                             : said.what == Say::What::roll_back ? "roll_back"
                                                                 : "hold";
    answer.decide(answer.host, text_of(word), text_of(said.why));
  });
}

}  // namespace detail
}  // namespace own
}  // namespace rehearse

#define REHEARSE_OWN_EXPORT(kind, Question, Logic)                                                           \
  extern "C" __attribute__((visibility("default"))) void REHEARSE_OWN_FUNCTION(kind)(                        \
      const ::rehearse::own::abi::Question* question, const ::rehearse::own::abi::Answer* answer) noexcept { \
    ::rehearse::own::detail::kind<Logic>(*question, *answer);                                                \
  }
#define REHEARSE_OWN_CHECK(Logic) REHEARSE_OWN_EXPORT(check, CheckQuestion, Logic)
#define REHEARSE_OWN_REPAIR(Logic) REHEARSE_OWN_EXPORT(repair, RepairQuestion, Logic)
#define REHEARSE_OWN_DECISION(Logic) REHEARSE_OWN_EXPORT(decision, DecisionQuestion, Logic)
