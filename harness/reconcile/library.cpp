// The user's own shared library over both sides as they were read, in the process's child: it reads the rows where they
// are, and nothing is written down for it. What it finds is taken as a program's lines are.
#include "harness/reconcile/catalogue.h"
#include "harness/reconcile/own_claims.h"

namespace rehearse {
namespace {

namespace abi = own::abi;

// One side as the library sees it.
class PlainTable {
 public:
  explicit PlainTable(const SideTable& side) : side_(&side) {
    for (const SideColumn& column : side.side_columns())
      columns_.push_back({plain_text(column.name), plain_text(column.type), column.key ? 1U : 0U});
  }
  abi::Table plain() const { return {columns_.data(), columns_.size(), side_, open, next, close}; }

 private:
  struct Cursor {
    explicit Cursor(const SideTable& side)
        : rows(side.open()), fields(side.side_columns().size()), values(side.side_columns().size()) {}
    std::unique_ptr<SqlCursor> rows;
    std::vector<Field> fields;
    std::vector<abi::Value> values;
    bool begun = false;
  };
  static void* open(const void* side) { return new Cursor(*static_cast<const SideTable*>(side)); }
  static const abi::Value* next(void* opened) {
    Cursor& cursor = *static_cast<Cursor*>(opened);
    if (!cursor.begun) cursor.rows->scan();
    else if (!cursor.rows->done()) cursor.rows->next();
    cursor.begun = true;
    if (cursor.rows->done()) return nullptr;
    for (std::size_t c = 0; c < cursor.fields.size(); ++c) {
      cursor.fields[c] = cursor.rows->field(c);
      cursor.values[c] = plain_value(cursor.fields[c]);
    }
    return cursor.values.data();
  }
  static void close(void* opened) { delete static_cast<Cursor*>(opened); }

  const SideTable* side_;
  std::vector<abi::Column> columns_;
};

class LibraryCheck : public Copied<LibraryCheck, OwnCheck> {
 public:
  LibraryCheck(CheckDescription description, const scenario::LibraryCheck& options)
      : Copied(std::move(description), options.comparison(),
               {options.discrepancy(), options.tolerance(), Duration{options.window_ns()}}),
        library_(options.library()) {}

 protected:
  OwnFindings find(Context& context, OwnClaims claims, const Instants& instants) override;
  Duration more_time() const override { return library_.takes(); }

 private:
  OwnProgram library_;
};

OwnFindings LibraryCheck::find(Context& context, OwnClaims claims, const Instants& instants) {
  const ReadView& view = context.view;
  OwnQuestion question;
  question.kind = "check";
  question.call = [&](void* function, const OwnParameters& parameters, const abi::Answer& answer) {
    const std::string now = instant_text(view, instants.now), since = instant_text(view, instants.since),
                      until = instant_text(view, instants.until);
    const std::string reference = view.store_name(*description().reference),
                      trial = view.store_name(description().trial);
    std::vector<PlainTable> sides;
    for (const OwnDataset& dataset : claims.datasets())
      for (const auto& side : {dataset.reference, dataset.trial}) sides.emplace_back(*side);
    std::vector<abi::Dataset> datasets;
    for (std::size_t i = 0; i < claims.datasets().size(); ++i)
      datasets.push_back({plain_text(claims.datasets()[i].name), sides[2 * i].plain(), sides[2 * i + 1].plain()});
    const std::vector<abi::Parameter> given = parameters.plain();
    const abi::CheckQuestion asked{plain_text(description().name),
                                   context.run.number,
                                   plain_text(now),
                                   plain_text(since),
                                   plain_text(until),
                                   plain_text(reference),
                                   plain_text(trial),
                                   datasets.data(),
                                   datasets.size(),
                                   given.data(),
                                   given.size()};
    reinterpret_cast<abi::CheckFunction*>(function)(&asked, &answer);
  };
  return std::move(claims).findings_of(library_.ask(question), library_.name());
}

}  // namespace

std::unique_ptr<Check> make_library(const scenario::Check& check, const ReadView& view, CheckDescription description) {
  describe(description, check.library().comparison(), view);
  return std::make_unique<LibraryCheck>(std::move(description), check.library());
}

}  // namespace rehearse
