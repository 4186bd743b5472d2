// What passes between Rehearse and a library of the user's: plain structures and one function a kind of logic.
//
// Write your logic against own_logic.h; this file is what it stands on. Everything a question points to is Rehearse's
// and lives until the function returns; what an answer is given is copied. Texts are UTF-8 and not ended by a zero. No
// exception passes: the functions here are noexcept on both sides. The interface's number is part of the functions'
// names, so that a library built for another interface is told apart before anything of it runs. The number changes
// with any structure here.
#pragma once

#include <cstddef>
#include <cstdint>

#define REHEARSE_OWN_LOGIC_INTERFACE 1

namespace rehearse {
namespace own {
namespace abi {

struct Text {
  const char* data;
  std::size_t size;
};

enum Kind : std::uint32_t { kind_null = 0, kind_integer = 1, kind_real = 2, kind_text = 3 };
struct Value {
  std::uint32_t kind;
  std::int64_t integer;  // of kind_integer
  double real;           // of kind_real
  Text text;             // of kind_text
};

struct Column {
  Text name;
  Text type;          // as PostgreSQL names it
  std::uint32_t key;  // 1: part of the dataset's key
};

// One side of a dataset as it was read. A cursor gives its rows one after the other, a row that is there twice twice.
struct Table {
  const Column* columns;
  std::size_t columns_size;
  const void* table;
  void* (*open)(const void* table);
  const Value* (*next)(void* cursor);  // a value for each column, until the next call; null: there are no more
  void (*close)(void* cursor);
};

struct Dataset {
  Text name;
  Table reference, trial;
};

struct Parameter {
  Text name;
  Value value;
};

struct CheckQuestion {
  Text check;
  std::uint64_t run;       // of this check, from 1
  Text now, since, until;  // 2026-03-02T08:00:00.000000Z
  Text reference_store, trial_store;
  const Dataset* datasets;
  std::size_t datasets_size;
  const Parameter* parameters;
  std::size_t parameters_size;
};

struct Claim {
  Text dataset, key, discrepancy;  // the key's parts as one text, separated by ", "
  const Text* columns;
  std::size_t columns_size;
};

struct RepairQuestion {
  const Claim* claims;
  std::size_t claims_size;
  const Parameter* parameters;
  std::size_t parameters_size;
};

struct Sample {
  Text at;
  Value value;  // kind_null: there was no data
};

struct Metric {
  Text name, unit;  // count, share or seconds
  const Sample* samples;
  std::size_t samples_size;  // the last hundred; the last of them is the latest
};

struct DecisionQuestion {
  Text now, phase, entered;
  const Metric* metrics;
  std::size_t metrics_size;
  const Parameter* parameters;
  std::size_t parameters_size;
};

// What is called to answer. An empty text is one that is not said.
struct Answer {
  void* host;
  void (*discrepancy)(void* host, const Value* key, std::size_t key_size, Text discrepancy, const Text* columns,
                      std::size_t columns_size, Text dataset);
  void (*figure)(void* host, double figure);
  void (*repair)(void* host, Text dataset, Text key, Text action);
  void (*decide)(void* host, Text decision, Text why);
  void (*problem)(void* host, Text what);  // there is no answer, and this is why
};

using CheckFunction = void(const CheckQuestion*, const Answer*);
using RepairFunction = void(const RepairQuestion*, const Answer*);
using DecisionFunction = void(const DecisionQuestion*, const Answer*);

}  // namespace abi
}  // namespace own
}  // namespace rehearse

// The name of the function that a library exports for a kind of logic: rehearse_own_check_1.
#define REHEARSE_OWN_JOIN_(kind, number) rehearse_own_##kind##_##number
#define REHEARSE_OWN_JOIN(kind, number) REHEARSE_OWN_JOIN_(kind, number)
#define REHEARSE_OWN_FUNCTION(kind) REHEARSE_OWN_JOIN(kind, REHEARSE_OWN_LOGIC_INTERFACE)
