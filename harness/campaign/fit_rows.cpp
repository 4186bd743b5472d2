// What rows themselves say: their columns, and how late their own time is at the commit.
#include <algorithm>

#include "harness/campaign/fit_data.h"
#include "sim/capture/positions.h"

namespace rehearse {
namespace {

constexpr std::int64_t day_ns = 86'400'000'000'000;
constexpr std::int64_t long_at_least_ns = 50'000'000;
constexpr std::int64_t long_against_median = 10;
constexpr std::size_t tried_changes = 1'000;  // to find the column that holds a row's time

bool carries_row(const CapturedChange& change, std::uint32_t table) {
  return change.table == table && change.image != no_image &&
         (change.kind == ChangeKind::insert || change.kind == ChangeKind::update);
}

// A time without a zone is taken for UTC.
std::optional<std::int64_t> time_in(const CapturedStream& stream, std::uint32_t table, ImageId image,
                                    std::size_t column) {
  const auto values = stream.images[image];
  if (column >= values.size() || !ValuePool::is_text(values[column])) return std::nullopt;
  const std::string text(stream.values.text(values[column]));
  const bool zoned = stream.tables[table].columns[column].type != "timestamp without time zone";
  return parse_timestamp(zoned ? text : text + "+00");
}

// The share of rows whose column holds a time of the last day before their commit.
double row_times(const CapturedStream& stream, std::uint32_t table, std::size_t column) {
  std::size_t tried = 0, fitting = 0;
  for (const CapturedTransaction& transaction : stream.transactions)
    for (std::uint64_t i = transaction.begin; i < transaction.end && tried < tried_changes; ++i) {
      if (!carries_row(stream.changes[i], table)) continue;
      ++tried;
      const auto at = time_in(stream, table, stream.changes[i].image, column);
      fitting += at && *at <= transaction.commit_time_unix_ns && *at > transaction.commit_time_unix_ns - day_ns;
    }
  return tried == 0 ? 0 : static_cast<double>(fitting) / static_cast<double>(tried);
}

// The column that holds when its row was last written: of those that mostly do, one called updated…, else the first.
std::optional<std::size_t> row_time_column(const CapturedStream& stream, std::uint32_t table) {
  std::optional<std::size_t> found;
  const std::vector<CapturedColumn>& columns = stream.tables[table].columns;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (columns[c].dropped || columns[c].type.rfind("timestamp", 0) != 0 || row_times(stream, table, c) < 0.9) continue;
    const bool called_so = columns[c].name.find("updated") != std::string::npos;
    if (!found || called_so) found = c;
  }
  return found;
}

}  // namespace

FittedLateness fit_lateness(const CapturedStream& stream, std::uint32_t table, const FitOptions& options) {
  FittedLateness out;
  const std::optional<std::size_t> column = row_time_column(stream, table);
  if (!column) return out;
  out.column = stream.tables[table].columns[*column].name;
  std::vector<std::int64_t> holds;
  std::int64_t newest = 0;
  for (std::uint64_t number = 1; number <= stream.transactions.size(); ++number) {
    const CapturedTransaction& transaction = stream.transactions[number - 1];
    const bool fitted = is_fitted(options, number);
    std::optional<std::int64_t> latest;
    for (std::uint64_t i = transaction.begin; i < transaction.end; ++i) {
      if (!carries_row(stream.changes[i], table)) continue;
      const auto at = time_in(stream, table, stream.changes[i].image, *column);
      if (!at) continue;
      out.late_changes += fitted && *at < newest;
      newest = std::max(newest, *at);
      latest = std::max(latest.value_or(*at), *at);
    }
    if (latest && fitted) holds.push_back(std::max<std::int64_t>(0, transaction.commit_time_unix_ns - *latest));
  }
  if (holds.empty()) return out;
  std::sort(holds.begin(), holds.end());
  const std::int64_t threshold = std::max(long_at_least_ns, holds[holds.size() / 2] * long_against_median);
  const auto first_long = std::upper_bound(holds.begin(), holds.end(), threshold);
  const auto count = holds.end() - first_long;
  std::int64_t sum = 0;
  for (auto hold = first_long; hold != holds.end(); ++hold) sum += *hold / count;
  out.long_share = static_cast<double>(count) / static_cast<double>(holds.size());
  out.long_hold_ns = sum;
  return out;
}

std::vector<FittedColumn> fit_columns(const CapturedStream& stream, std::uint32_t table) {
  const CapturedTable& captured = stream.tables[table];
  std::vector<ImageId> images;
  for (const CapturedRow& row : captured.initial) images.push_back(row.image);
  for (const CapturedChange& change : stream.changes)
    if (carries_row(change, table)) images.push_back(change.image);
  std::sort(images.begin(), images.end());
  images.erase(std::unique(images.begin(), images.end()), images.end());
  std::vector<FittedColumn> columns;
  for (const std::uint16_t number : captured.versions.back().columns) {
    FittedColumn column;
    column.name = captured.columns[number].name;
    column.type = captured.columns[number].type;
    column.key = std::find(captured.key.begin(), captured.key.end(), number) != captured.key.end();
    std::vector<ValueId> values;
    std::uint64_t nulls = 0;
    for (const ImageId image : images) {
      const auto row = stream.images[image];
      if (number >= row.size()) continue;
      nulls += row[number] == null_value;
      if (ValuePool::is_text(row[number])) values.push_back(row[number]);
    }
    column.nulls = images.empty() ? 0 : static_cast<double>(nulls) / static_cast<double>(images.size());
    std::sort(values.begin(), values.end());
    column.distinct = static_cast<std::uint64_t>(std::unique(values.begin(), values.end()) - values.begin());
    columns.push_back(std::move(column));
  }
  return columns;
}

}  // namespace rehearse
