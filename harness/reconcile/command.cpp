// The user's own program over both sides as they were read.
//
// It finds, in the folder that it runs in, reference/DATASET and trial/DATASET (.csv or .jsonl) and run.json, which
// says what they are and is on its standard input too; it answers with JSON objects, one a line: discrepancies (`key`,
// `class`, `columns`, `dataset`) or one `figure`. Only exit code 0 is an answer, and an answer with one wrong line or
// one key that neither side has is none. CSV: a header; NULL is an empty field, an empty text is "".
// It takes the simulated time that the scenario says, beside reading; real time never counts.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "harness/program/json.h"
#include "harness/reconcile/catalogue.h"
#include "harness/reconcile/own_claims.h"
#include "harness/reconcile/own_program.h"

namespace rehearse {
namespace {

using Format = scenario::CommandCheck;

std::string csv_value(const Field& field) {
  if (field.kind == Field::Kind::null) return {};
  if (field.kind != Field::Kind::text) return json_value(field);
  if (!field.text.empty() && field.text.find_first_of("\",\r\n") == std::string::npos) return field.text;
  std::string text = "\"";
  for (const char c : field.text) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + '"';
}

std::string line_of(const SideTable& side, RowReader& reader, std::size_t row, Format::Format format) {
  const bool json = format == Format::JSON_LINES;
  std::string line = json ? "{" : "";
  for (std::size_t c = 0; c < side.side_columns().size(); ++c) {
    const SideColumn& column = side.side_columns()[c];
    const Field field = reader.field(row, column.id);
    if (c > 0) line += json ? ", " : ",";
    line += json ? json_text(column.name) + ": " + json_value(field) : csv_value(field);
  }
  return line + (json ? "}\n" : "\n");
}

bool write_side(const std::string& file, const SideTable& side, Format::Format format) {
  std::ofstream out(file, std::ios::binary);
  if (format == Format::CSV) {
    std::string header;
    for (const SideColumn& column : side.side_columns())
      header += (header.empty() ? "" : ",") + csv_value(Field::of(column.name));
    out << header << '\n';
  }
  RowReader reader = side.reader();
  reader.rewind();
  while (reader.next_batch(side.left_out()))
    for (std::size_t i = 0; i < reader.size(); ++i) {
      const std::string line = line_of(side, reader, i, format);
      for (std::uint32_t copy = 0; copy < reader.copies(i); ++copy) out << line;
    }
  out.close();
  return static_cast<bool>(out);
}

class CommandCheck : public Copied<CommandCheck, OwnCheck> {
 public:
  CommandCheck(CheckDescription description, const scenario::CommandCheck& options)
      : Copied(std::move(description), options.comparison(),
               {options.discrepancy(), options.tolerance(), Duration{options.window_ns()}}),
        options_(options),
        program_(options.command()) {}

 protected:
  OwnFindings find(Context& context, OwnClaims claims, const Instants& instants) override;
  Duration more_time() const override { return program_.takes(); }

 private:
  std::string file_of(const char* side, const OwnDataset& dataset) const {
    return fmt::format("{}/{}.{}", side, dataset.name, options_.format() == Format::CSV ? "csv" : "jsonl");
  }
  // Of one dataset its file, of several their folder.
  std::string place_of(const char* side, const OwnClaims& claims) const {
    return claims.datasets().size() == 1 ? file_of(side, claims.datasets().front()) : std::string(side);
  }
  std::string described(const Context& context, const OwnClaims& claims, const Instants& instants) const;
  bool prepare(const std::string& folder, const OwnClaims& claims, const std::string& run) const;

  scenario::CommandCheck options_;
  OwnProgram program_;
};

std::string CommandCheck::described(const Context& context, const OwnClaims& claims, const Instants& instants) const {
  const ReadView& view = context.view;
  std::string datasets, parameters;
  for (const OwnDataset& dataset : claims.datasets()) {
    std::string key;
    for (const SideColumn& column : dataset.trial->side_columns())
      if (column.key) key += (key.empty() ? "" : ", ") + json_text(column.name);
    datasets += fmt::format(R"({}{{"name": {}, "key": [{}], "reference": {}, "trial": {}}})",
                            datasets.empty() ? "" : ", ", json_text(dataset.name), key,
                            json_text(file_of("reference", dataset)), json_text(file_of("trial", dataset)));
  }
  for (const scenario::Parameter& parameter : options_.parameters())
    parameters += fmt::format("{}{}: {}", parameters.empty() ? "" : ", ", json_text(parameter.name()),
                              json_value(parameter_field(parameter.value())));
  return fmt::format(
      R"({{"check": {}, "run": {}, "now": {}, "since": {}, "until": {}, "reference": {}, "trial": {}, "datasets": [{}], "parameters": {{{}}}}})"
      "\n",
      json_text(description().name), context.run.number, json_text(instant_text(view, instants.now)),
      json_text(instant_text(view, instants.since)), json_text(instant_text(view, instants.until)),
      json_text(view.store_name(*description().reference)), json_text(view.store_name(description().trial)), datasets,
      parameters);
}

bool CommandCheck::prepare(const std::string& folder, const OwnClaims& claims, const std::string& run) const {
  std::error_code error;
  for (const char* side : {"/reference", "/trial"}) std::filesystem::create_directory(folder + side, error);
  for (const OwnDataset& dataset : claims.datasets())
    if (!write_side(folder + "/" + file_of("reference", dataset), *dataset.reference, options_.format()) ||
        !write_side(folder + "/" + file_of("trial", dataset), *dataset.trial, options_.format()))
      return false;
  std::ofstream out(folder + "/run.json", std::ios::binary);
  out << run;
  out.close();
  return !error && out;
}

OwnFindings CommandCheck::find(Context& context, OwnClaims claims, const Instants& instants) {
  const std::string run = described(context, claims, instants);
  OwnQuestion question;
  question.prepare = [&](const std::string& folder) { return prepare(folder, claims, run); };
  const std::string reference = place_of("reference", claims), trial = place_of("trial", claims);
  question.words = {{"{reference}", reference}, {"{trial}", trial}, {"{run}", "run.json"}};
  question.environment = {{"REHEARSE_REFERENCE", reference}, {"REHEARSE_TRIAL", trial}, {"REHEARSE_RUN", "run.json"}};
  question.input = run;
  return std::move(claims).findings_of(program_.ask(question), program_.name());
}

}  // namespace

std::unique_ptr<Check> make_command(const scenario::Check& check, const ReadView& view, CheckDescription description) {
  describe(description, check.command().comparison(), view);
  return std::make_unique<CommandCheck>(std::move(description), check.command());
}

}  // namespace rehearse
