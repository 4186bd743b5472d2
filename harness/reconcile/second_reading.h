// A run's figures once more, with some rows otherwise than they were read: what a claim about a figure hangs on.
//
// A check offers it when it claims figures, while what it has read is still open. Whoever looks on supposes that rows
// had been otherwise and is told which of the figures would still be claimed, by the check's own reading and tolerance;
// nothing of that comes back to the check. Figures that are sums over rows are told from the rows' own parts; others by
// reading everything again.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "harness/reconcile/check.h"

namespace rehearse {

using SeenRows = std::vector<AsOf::Seen>;  // by row

// Rows of one table of one side: as they were read, and as they are supposed to have been. The same rows in both.
struct Otherwise {
  SeenRows read, instead;
};

struct Supposition {
  std::vector<Otherwise> reference, trial;  // by position in the check's tables
  bool nothing_late = false;  // the trial has what the reference has, but for the rows of `trial`, which are read there
};

class SecondReading {
 public:
  virtual ~SecondReading() = default;
  virtual std::size_t figures() const = 0;  // that the run claims
  // Of the figures that the run claims, in the order of its claims: whether each would be. None: there is no answer.
  virtual std::optional<std::vector<bool>> claimed(const Supposition& supposition) = 0;
  // Whether that reads whole tables again, rather than the rows that are otherwise.
  virtual bool reads_all_again() const = 0;
  // The figures, by their places among those claimed, in which a row's part changes if it is `instead`. None: a row's
  // part cannot be told from the others'.
  virtual std::optional<std::vector<std::size_t>> moved(std::size_t table, const AsOf::Seen& read,
                                                        const AsOf::Seen& instead) const = 0;
};

// What looks on while checks read. It must not let them know.
class Onlooker {
 public:
  virtual ~Onlooker() = default;
  // The run has opened both sides, which it will compare: for the first time or again.
  virtual void has_read(const CheckDescription& check, const CheckRun& run) = 0;
  // It claims figures of these readings, which are open still. A later pass of the run takes the place of an earlier.
  virtual void claims_figures(const CheckDescription& check, const CheckRun& run, const std::vector<Reading>& reference,
                              const std::vector<Reading>& trial, SecondReading& second) = 0;
  virtual void has_reported(const CheckDescription& check, const CheckRun& run) = 0;
};

// The reading with these rows beside the others, or with nothing but them.
Reading read_with(const Reading& reading, const SeenRows& rows);
Reading read_alone(const Reading& reading, const SeenRows& rows);

// Both sides as they are supposed to be, by position in the check's tables.
struct SupposedSides {
  std::vector<Reading> reference, trial;
};
SupposedSides supposed_sides(const std::vector<Reading>& reference, const std::vector<Reading>& trial,
                             const Supposition& supposition);

// Figures that are sums over rows. Parts can be added (+=), taken away (-=) and compared; those of no rows are Parts{}.
template <class Key, class Parts>
class FiguresByParts : public SecondReading {
 public:
  using ByKey = std::map<Key, Parts>;
  using PartsOf = std::function<ByKey(std::size_t table, const Reading& reading)>;
  using Claimed = std::function<bool(const Key& key, const Parts& reference, const Parts& trial)>;

  // `parts_of` is how the check itself reads; `claimed` is its tolerance.
  FiguresByParts(const std::vector<Reading>& reference, const std::vector<Reading>& trial, PartsOf parts_of,
                 Claimed claimed)
      : reference_(&reference), trial_(&trial), parts_of_(std::move(parts_of)), claimed_(std::move(claimed)) {}
  // The next figure that is claimed.
  void add(const Key& key, const Parts& reference, const Parts& trial) {
    place_.emplace(key, figures_.size());
    figures_.push_back({key, reference, trial});
  }
  std::size_t figures() const override { return figures_.size(); }

  std::optional<std::vector<bool>> claimed(const Supposition& supposition) override {
    const Change reference = change(*reference_, supposition.reference), trial = change(*trial_, supposition.trial);
    std::vector<bool> all;
    for (const Figure& figure : figures_)
      all.push_back(claimed_(figure.key, reference.of(figure.key, figure.reference),
                             trial.of(figure.key, supposition.nothing_late ? figure.reference : figure.trial)));
    return all;
  }
  bool reads_all_again() const override { return false; }
  std::optional<std::vector<std::size_t>> moved(std::size_t table, const AsOf::Seen& read,
                                                const AsOf::Seen& instead) const override {
    const ByKey before = parts_of_(table, read_alone((*trial_)[table], {read})),
                after = parts_of_(table, read_alone((*trial_)[table], {instead}));
    std::vector<std::size_t> places;
    const auto note = [&](const ByKey& from, const ByKey& to) {
      for (const auto& [key, parts] : from) {
        const auto other = to.find(key);
        if ((other == to.end() ? Parts{} : other->second) == parts) continue;
        if (const auto at = place_.find(key); at != place_.end()) places.push_back(at->second);
      }
    };
    note(before, after);
    note(after, before);
    return places;
  }

 private:
  struct Figure {
    Key key;
    Parts reference, trial;
  };
  struct Change {
    ByKey less, more;
    Parts of(const Key& key, Parts parts) const {
      if (const auto at = less.find(key); at != less.end()) parts -= at->second;
      if (const auto at = more.find(key); at != more.end()) parts += at->second;
      return parts;
    }
  };
  Change change(const std::vector<Reading>& side, const std::vector<Otherwise>& tables) const {
    Change all;
    for (std::size_t table = 0; table < tables.size(); ++table) {
      if (tables[table].read.empty()) continue;
      add_up(parts_of_(table, read_alone(side[table], tables[table].read)), all.less);
      add_up(parts_of_(table, read_alone(side[table], tables[table].instead)), all.more);
    }
    return all;
  }
  static void add_up(const ByKey& parts, ByKey& sum) {
    for (const auto& [key, part] : parts) sum[key] += part;
  }

  const std::vector<Reading>* reference_;
  const std::vector<Reading>* trial_;
  PartsOf parts_of_;
  Claimed claimed_;
  std::vector<Figure> figures_;
  std::map<Key, std::size_t> place_;
};

// Figures for which everything is read again, by the check's own reading of both sides.
class FiguresReadAgain : public SecondReading {
 public:
  using Claimed = std::function<std::optional<std::vector<bool>>(const SupposedSides& sides)>;
  FiguresReadAgain(const std::vector<Reading>& reference, const std::vector<Reading>& trial, std::size_t figures,
                   Claimed claimed)
      : reference_(&reference), trial_(&trial), figures_(figures), claimed_(std::move(claimed)) {}
  std::size_t figures() const override { return figures_; }
  std::optional<std::vector<bool>> claimed(const Supposition& supposition) override {
    return claimed_(supposed_sides(*reference_, *trial_, supposition));
  }
  bool reads_all_again() const override { return true; }
  std::optional<std::vector<std::size_t>> moved(std::size_t, const AsOf::Seen&, const AsOf::Seen&) const override {
    return std::nullopt;
  }

 private:
  const std::vector<Reading>* reference_;
  const std::vector<Reading>* trial_;
  std::size_t figures_;
  Claimed claimed_;
};

}  // namespace rehearse
