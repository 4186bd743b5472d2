#include "harness/reconcile/own_claims.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "harness/reconcile/own_json.h"
#include "harness/reconcile/second_reading.h"
#include "scenarios/diagnostics.h"

namespace rehearse {
namespace {

bool before(const Claim& a, const Claim& b) {
  return std::tuple(a.table, a.row, a.kind) < std::tuple(b.table, b.row, b.kind);
}
bool about_the_same(const Claim& a, const Claim& b) { return !before(a, b) && !before(b, a); }

std::optional<DiscrepancyClass> class_named(std::string word) {
  for (char& c : word)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  DiscrepancyClass kind{};
  if (!scenario::DiscrepancyClass_Parse(word, &kind)) return std::nullopt;
  return kind;
}

}  // namespace

std::optional<std::string> OwnClaims::claim(const std::string& dataset, const std::string& key,
                                            const std::string& discrepancy, const std::vector<std::string>& columns) {
  const auto of =
      dataset.empty() && datasets_.size() == 1
          ? datasets_.begin()
          : std::find_if(datasets_.begin(), datasets_.end(), [&](const OwnDataset& d) { return d.name == dataset; });
  if (of == datasets_.end())
    return dataset.empty()
               ? std::string("it claims a key and does not say of which dataset")
               : fmt::format("it claims a key of a dataset {}, which the check does not read", shown(dataset));
  const std::optional<DiscrepancyClass> kind = discrepancy.empty() ? usual_ : class_named(discrepancy);
  if (!kind) return fmt::format("there is no class {}", shown(discrepancy));
  Claim claim{.row = no_key, .table = of->table, .kind = static_cast<std::uint8_t>(*kind), .columns = 0};
  for (const std::string& name : columns) {
    const auto column = view_->column(of->table, name);
    if (!column) return fmt::format("there is no column {}", shown(name));
    claim.columns |= std::uint64_t{1} << std::min<int>(*column, 63);
  }
  std::vector<RowId> rows = of->trial->rows_of(key);
  if (rows.empty()) rows = of->reference->rows_of(key);
  if (rows.empty()) return fmt::format("it claims the key {}, which neither side has", shown(key));
  for (const RowId row : rows) {
    claim.row = row;
    found_.claims.push_back(claim);
  }
  return std::nullopt;
}

std::optional<std::string> OwnClaims::figures(const std::vector<double>& values) {
  if (found_.figure) return "it returns more than one figure";
  for (const double value : values)
    if (!std::isfinite(value)) return "its figure is no number";
  if (values.size() == 1) found_.figure = std::fabs(values[0]);
  else if (values.size() == 2) found_.figure = std::fabs(values[1] - values[0]);
  else return fmt::format("it returns {} figures; one or two say how far the sides are apart", values.size());
  const std::optional<double> of = values.size() == 2 ? std::optional(values[0]) : std::nullopt;
  found_.figure_claims = tolerated(std::fabs(*found_.figure), of) ? 0 : 1;
  return std::nullopt;
}

// A share is of the first side's figure; of a figure that stands alone there is none.
bool OwnClaims::tolerated(double distance, std::optional<double> of) const {
  if (!tolerance_.has_share_ppb()) return distance <= static_cast<double>(tolerance_.rows());
  return distance <= std::fabs(of.value_or(0)) * (static_cast<double>(tolerance_.share_ppb()) / 1e9);
}

std::string OwnClaims::take_line(const std::string& line) {
  OwnLine said;
  if (std::string problem = read_own_line(line, said); !problem.empty()) return problem;
  if (!said.action.empty() || !said.decision.empty()) return "a check has neither `action` nor `decision`";
  if (said.key.empty() == said.figure.empty()) return "it has neither or both of `key` and `figure`";
  return (said.key.empty() ? figures(said.figure)
                           : claim(said.dataset, key_of_parts(said.key), said.discrepancy, said.columns))
      .value_or("");
}

OwnFindings OwnClaims::findings_of(OwnAnswer answer, const std::string& who) && {
  OwnFindings failed;
  failed.problem = std::move(answer.problem);
  if (!failed.problem.empty()) return failed;
  const std::string wrong =
      for_each_line(answer.output, [&](const std::string& line, std::size_t) { return take_line(line); });
  if (wrong.empty()) return std::move(*this).findings();
  failed.problem = fmt::format("{}: {}", who, wrong);
  return failed;
}

OwnFindings OwnClaims::findings() && {
  std::stable_sort(found_.claims.begin(), found_.claims.end(), before);
  std::vector<Claim> kept;
  for (const Claim& claim : found_.claims) {
    if (kept.empty() || !about_the_same(kept.back(), claim)) kept.push_back(claim);
    else kept.back().columns |= claim.columns;
  }
  found_.claims = std::move(kept);
  return std::move(found_);
}

OwnCheck::OwnCheck(CheckDescription description, const scenario::Comparison& comparison, Options options)
    : TwoSidedCheck(std::move(description), comparison), options_(std::move(options)) {}

void OwnCheck::compare(Context& context, Sides sides) {
  ReadView& view = context.view;
  CheckRun& run = context.run;
  if (again() == 0) gone_ = 0;
  run.rows_compared = run.rows_unsettled = run.reference_rows = run.trial_rows = 0;
  left_out_.clear();
  bool ready = true;
  for (std::size_t i = 0; i < sides.reference.size(); ++i) {
    const Reading& a = sides.reference[i];
    const Reading& b = sides.trial[i];
    ready = ready && a.ready && b.ready;
    if (!ready) continue;
    auto without = std::make_shared<RowSet>();
    view.left_out(a, b, sides.scope, *without);
    left_out_.push_back(without);
    const std::uint64_t reference = view.rows(a, *without), trial = view.rows(b, *without);
    run.reference_rows += reference;
    run.trial_rows += trial;
    run.rows_compared += std::max(reference, trial);
    run.rows_unsettled += without->size();
  }
  if (ready) {
    const Time until = sides.cut.value_or(sides.reference.front().at);
    const Instants instants{until - options_.window, until, view.now()};
    OwnFindings now = find_in(context, sides.reference, sides.trial, instants);
    if (context.onlooker && now.figure_claims > 0) offer_second_reading(context, sides, instants);
    if (!now.problem.empty()) {
      no_data();
      run.problem = now.problem;
    }
    if (again() == 0) found_ = std::move(now);
    else keep_what_is_still_there(std::move(now));
    lag_claims_ = lag_claims(context, sides, instants);
  } else {
    found_ = {};
    lag_claims_ = 0;
  }
  left_out_.clear();
  for (const auto* side : {&sides.reference, &sides.trial})
    for (const Reading& reading : *side) view.close(reading);
}

OwnFindings OwnCheck::find_in(Context& context, const std::vector<Reading>& reference,
                              const std::vector<Reading>& trial, const Instants& instants) {
  const ReadView& view = context.view;
  const StoreId trial_store = description().trial;
  std::vector<OwnDataset> datasets;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    const TableId table = reference[i].table;
    datasets.push_back({view.dataset_name(table), table,
                        std::make_shared<SideTable>(view, reference[i], reference[i].store, left_out_[i]),
                        std::make_shared<SideTable>(view, trial[i], trial_store, left_out_[i])});
  }
  return find(context, OwnClaims(std::move(datasets), options_.usual, options_.tolerance, view), instants);
}

// A copy of the check is asked, so that the check itself is as if nobody had been.
OwnFindings OwnCheck::ask_again(Context& context, const std::vector<Reading>& reference,
                                const std::vector<Reading>& trial, LeftOut left_out, const Instants& instants) const {
  const std::unique_ptr<Check> copy = clone();
  OwnCheck& other = static_cast<OwnCheck&>(*copy);
  other.left_out_ = std::move(left_out);
  return other.find_in(context, reference, trial, instants);
}

void OwnCheck::offer_second_reading(Context& context, const Sides& sides, const Instants& instants) const {
  FiguresReadAgain figures(sides.reference, sides.trial, description().tables.size(),
                           [&](const SupposedSides& supposed) -> std::optional<std::vector<bool>> {
                             const OwnFindings then =
                                 ask_again(context, supposed.reference, supposed.trial, left_out_, instants);
                             if (!then.problem.empty()) return std::nullopt;
                             return std::vector<bool>(description().tables.size(), then.figure_claims > 0);
                           });
  context.onlooker->claims_figures(description(), context.run, sides.reference, sides.trial, figures);
}

// Of a row, the claim is lag's if the row had a change under way. Of a figure, if it is within its tolerance once such
// rows are left out.
std::uint64_t OwnCheck::lag_claims(Context& context, const Sides& sides, const Instants& instants) const {
  if (description().align != scenario::NAIVE || !suspects()) return 0;
  LeftOut under_way;
  for (std::size_t i = 0; i < sides.reference.size(); ++i) {
    auto rows = std::make_shared<RowSet>();
    context.view.left_out(sides.reference[i], sides.trial[i], Scope::settled, *rows);
    under_way.push_back(std::move(rows));
  }
  std::uint64_t claims = 0;
  for (const Claim& claim : found_.claims)
    for (std::size_t i = 0; i < under_way.size(); ++i)
      claims +=
          static_cast<std::uint64_t>(sides.reference[i].table == claim.table && under_way[i]->contains(claim.row));
  if (found_.figure_claims == 0) return claims;
  const OwnFindings settled = ask_again(context, sides.reference, sides.trial, std::move(under_way), instants);
  if (settled.problem.empty() && settled.figure_claims == 0) claims += description().tables.size();
  return claims;
}

void OwnCheck::keep_what_is_still_there(OwnFindings now) {
  const std::uint64_t before_looking = found_.claims.size() + found_.figure_claims;
  std::vector<Claim> still;
  std::set_intersection(found_.claims.begin(), found_.claims.end(), now.claims.begin(), now.claims.end(),
                        std::back_inserter(still), before);
  now.claims = std::move(still);
  now.figure_claims = std::min(now.figure_claims, found_.figure_claims);
  gone_ += before_looking - now.claims.size() - now.figure_claims;
  found_ = std::move(now);
}

void OwnCheck::report(CheckRun& run) {
  if (!run.data) return;
  for (const Claim& claim : found_.claims) run.claim(claim);
  run.lag_claims = lag_claims_;
  run.figure = found_.figure;
  if (found_.figure_claims > 0)
    for (const TableId table : description().tables)
      run.claim({.row = no_key, .table = table, .kind = scenario::AGGREGATE, .columns = 0});
  run.found[scenario::TIMING] += gone_;
}

}  // namespace rehearse
