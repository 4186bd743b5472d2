// The user's own SQL, unchanged, over both sides as they were read.
//
// Which rows are discrepancies and which are figures: scenarios/sql/answer.h. How tables are called: sides.h there.
// What the text may not do: database.h there. A text that cannot be run to its end has no data, and the run says why.
#include <fmt/format.h>

#include <algorithm>

#include "harness/reconcile/catalogue.h"
#include "harness/reconcile/own_claims.h"
#include "scenarios/sql/script.h"
#include "scenarios/sql/sides.h"
#include "sim/kernel/wide.h"

namespace rehearse {
namespace {

class SqlCheck : public Copied<SqlCheck, OwnCheck> {
 public:
  SqlCheck(CheckDescription description, const scenario::SqlCheck& options, const ReadView& view)
      : Copied(std::move(description), options.comparison(),
               {options.discrepancy(), options.tolerance(), Duration{options.window_ns()}}),
        options_(options) {
    for (const std::string& name : options.also()) also_.push_back(*view.store(name));
    if (auto read = read_sql(options.file())) text_ = std::move(*read);
    else unreadable_ = true;
  }

 protected:
  OwnFindings find(Context& context, OwnClaims claims, const Instants& instants) override;
  Duration more_time() const override { return also_takes_; }

 private:
  struct Also {
    std::vector<Reading> readings;
    bool ready = true;
  };
  Also open_also(Context& context, std::vector<NamedSide>& sides);
  SqlRequest request(const ReadView& view, const Instants& instants) const;

  scenario::SqlCheck options_;
  std::vector<StoreId> also_;
  std::string text_;
  bool unreadable_ = false;
  Duration also_takes_;
  std::optional<std::uint64_t> ran_away_in_;  // the run after which it is not asked again
};

std::string not_asked_again(const std::string& file, std::uint64_t run) {
  return fmt::format("{} ran away in run {}, and is not asked again", file, run);
}

NamedSide side_of(std::string name, const OwnClaims& claims, const ReadView& view, StoreId store,
                  std::shared_ptr<const SideTable> OwnDataset::*tables) {
  NamedSide side{std::move(name), {}};
  for (const OwnDataset& dataset : claims.datasets())
    side.tables.emplace_back(store == source_store ? view.schema(dataset.table).name : dataset.name, dataset.*tables);
  return side;
}

// One statement's rows, taken as its shape says.
class Answer {
 public:
  explicit Answer(OwnClaims& claims) : claims_(&claims) {
    for (const OwnDataset& dataset : claims.datasets()) {
      AnswerDataset known{dataset.name, {}};
      for (const SideColumn& column : dataset.trial->side_columns())
        if (column.key) known.key.push_back(column.name);
      datasets_.push_back(std::move(known));
    }
  }

  std::optional<std::string> begin(const SqlStatement& statement) {
    auto shape = answer_shape(statement.columns, datasets_);
    if (auto* why = std::get_if<std::string>(&shape)) return std::move(*why);
    shape_ = std::get<AnswerShape>(std::move(shape));
    figures_.clear();
    rows_ = 0;
    return std::nullopt;
  }
  std::optional<std::string> take(const std::vector<Field>& row) {
    ++rows_;
    return shape_.figures ? take_figures(row) : take_claim(row);
  }
  std::optional<std::string> end() {
    if (!shape_.figures) return std::nullopt;
    if (rows_ == 0) return "it returns no row, and so no figure";
    return claims_->figures(figures_);
  }

 private:
  std::optional<std::string> take_figures(const std::vector<Field>& row) {
    if (rows_ > 2) return "it returns neither keys nor figures, which are one row or two";
    for (const Field& field : row) {
      if (field.kind == Field::Kind::null) return "its figure is NULL";
      if (field.kind == Field::Kind::integer) figures_.push_back(static_cast<double>(field.integer));
      if (field.kind == Field::Kind::real) figures_.push_back(field.real);
    }
    return std::nullopt;
  }
  std::optional<std::string> take_claim(const std::vector<Field>& row) {
    std::vector<Field> key;
    for (const std::vector<std::size_t>& places : shape_.key) {
      const auto given =
          std::find_if(places.begin(), places.end(), [&](std::size_t i) { return row[i].kind != Field::Kind::null; });
      if (given == places.end()) return "a row's key is NULL";
      key.push_back(row[*given]);
    }
    const auto said = [&](const std::optional<std::size_t>& place) {
      return place && row[*place].kind != Field::Kind::null ? text_of(row[*place]) : std::string();
    };
    std::vector<std::string> columns;
    for (const char c : said(shape_.columns)) {
      if (columns.empty() || c == ',') columns.emplace_back();
      if (c != ',' && c != ' ') columns.back() += c;
    }
    std::erase(columns, std::string());  // of a comma too many
    return claims_->claim(said(shape_.dataset), key_of_parts(key), said(shape_.discrepancy), columns);
  }

  OwnClaims* claims_;
  std::vector<AnswerDataset> datasets_;
  AnswerShape shape_;
  std::vector<double> figures_;
  std::uint64_t rows_ = 0;
};

SqlRequest SqlCheck::request(const ReadView& view, const Instants& instants) const {
  SqlRequest request;
  request.text = text_;
  request.now_unix_ns = view.start_unix_ns() + instants.now.ns;
  request.steps_max = static_cast<std::uint64_t>(options_.at_most_steps());
  request.parameters = {{"since", Field::of(instant_text(view, instants.since))},
                        {"until", Field::of(instant_text(view, instants.until))},
                        {"now", Field::of(instant_text(view, instants.now))}};
  for (const scenario::Parameter& parameter : options_.parameters())
    request.parameters.emplace_back(parameter.name(), parameter_field(parameter.value()));
  return request;
}

// The further stores, each as it is now; reading them takes its time as reading the sides does.
SqlCheck::Also SqlCheck::open_also(Context& context, std::vector<NamedSide>& sides) {
  Also also;
  std::uint64_t rows = 0;
  for (const StoreId store : also_) {
    NamedSide side{context.view.store_name(store), {}};
    for (std::size_t i = 0; i < description().tables.size(); ++i) {
      const TableId table = description().tables[i];
      if (!context.view.holds(store, table)) continue;
      also.readings.push_back(context.view.open(store, table));
      also.ready = also.ready && also.readings.back().ready;
      const auto read = std::make_shared<SideTable>(context.view, also.readings.back(), store, shared_left_out(i));
      rows += read->rows();
      side.tables.emplace_back(
          store == source_store ? context.view.schema(table).name : context.view.dataset_name(table), read);
    }
    sides.push_back(std::move(side));
  }
  also_takes_ = time_to_read(rows);
  return also;
}

OwnFindings SqlCheck::find(Context& context, OwnClaims claims, const Instants& instants) {
  OwnFindings failed;
  if (unreadable_) failed.problem = fmt::format("{} cannot be read", options_.file());
  if (ran_away_in_) failed.problem = not_asked_again(options_.file(), *ran_away_in_);
  if (!failed.problem.empty()) return failed;
  const auto name = [&](int side, StoreId store) {
    return options_.called_size() == 2 ? options_.called(side) : context.view.store_name(store);
  };
  const StoreId reference = *description().reference, trial = description().trial;
  std::vector<NamedSide> sides{side_of(name(0, reference), claims, context.view, reference, &OwnDataset::reference),
                               side_of(name(1, trial), claims, context.view, trial, &OwnDataset::trial)};
  const Also also = open_also(context, sides);
  std::optional<SqlProblem> problem;
  if (also.ready) {
    SqlDatabase database;
    Answer answer(claims);
    const SqlListener listener{[&](const SqlStatement& statement) { return answer.begin(statement); },
                               [&](const std::vector<Field>& row) { return answer.take(row); },
                               [&] { return answer.end(); }};
    if (auto names = add_sides(database, sides)) problem = SqlProblem{.message = std::move(*names), .function = {}};
    else problem = database.run(request(context.view, instants), listener);
  }
  for (const Reading& reading : also.readings) context.view.close(reading);
  if (!also.ready) no_data();
  if (!problem) return std::move(claims).findings();
  if (problem->ran_away) ran_away_in_ = context.run.number;
  failed.problem = sql_place(options_.file(), *problem) + problem->message;
  return failed;
}

}  // namespace

std::unique_ptr<Check> make_sql(const scenario::Check& check, const ReadView& view, CheckDescription description) {
  describe(description, check.sql().comparison(), view);
  return std::make_unique<SqlCheck>(std::move(description), check.sql(), view);
}

}  // namespace rehearse
