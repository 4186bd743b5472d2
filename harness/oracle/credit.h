// Credit follows sight: which causes a claim about a figure hangs on, and which claims are about rows that are overdue.
//
// When a run claims figures, the readings that it made of both sides are still open and the ledger knows their
// divergent rows, so the figures are read a second time with rows otherwise (harness/reconcile/second_reading.h).
// - A claim *catches* a cause if the figure would not be claimed with what this cause did put right, or would be
// claimed
//   with nothing wrong or late but what this cause did.
// - It is *right* if it catches a cause, or would not be claimed with everything put right.
// - Of the rows of a cause that is caught, those are caught whose own part in a claimed figure changes when what the
//   cause did to them is put right; where a row's part cannot be told from the others', all of them.
// Figures that are sums over rows cost as much as there are divergent rows. Others are read again as a whole: by one
// check at most `second_readings_most` times, and for at most `causes_read_most` causes a run. What is beyond is
// *untold*: the claim is neither right nor a false alarm, and whether it catches a cause is not known. A claimed row is
// *overdue* if, when it was read, a side lacked a change of it for longer than its pipeline promises.
//
// Leaves out: rows of the reference that were divergent when it was read and are not when the other side is; the causes
// of lateness.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "harness/oracle/oracle.h"
#include "harness/reconcile/second_reading.h"

namespace rehearse {

inline constexpr std::size_t second_readings_most = 256, causes_read_most = 8;

enum class FigureVerdict : std::uint8_t { wrong, right, untold };

// The claims about figures of one run, in their order.
struct JudgedFigures {
  std::uint32_t check = 0;
  std::uint64_t run = 0;
  std::vector<FigureVerdict> claims;
};

// A divergent row that a run's claims about figures caught by these causes; once for each cause and interval.
struct FigureCatch {
  std::uint32_t check = 0;
  std::uint64_t run = 0;
  StoreId store = 0;
  TableId table = 0;
  RowId row = 0;
  Time since;  // the onset of its divergence
  CauseSet causes = 0;
};

// Claimed rows that were overdue in a store.
struct OverdueClaims {
  std::uint32_t check = 0;
  std::uint64_t run = 0;
  TableId table = 0;
  PackedRows rows;
};

// A cause of which a check was not asked whether its claims catch it.
struct UntoldCause {
  std::uint32_t check = 0;
  CauseId cause = 0;
  auto operator<=>(const UntoldCause&) const = default;
};

struct CreditRecord {
  std::vector<JudgedFigures> figures;  // in the order of reports, as the next two
  std::vector<FigureCatch> catches;
  std::vector<OverdueClaims> overdue;
  std::vector<UntoldCause> untold;  // sorted, each once
};

// What is known so far: a value, as a rehearsal under way is one.
class Credit {
 public:
  const CreditRecord& record() const { return record_; }

 private:
  friend class CreditingOnlooker;
  struct Caught {
    Time since;
    CauseSet causes = 0;
  };
  struct UnderWay {  // of the run of a check that has not reported
    std::vector<FigureVerdict> figures;
    std::vector<FigureCatch> catches;
    std::vector<UntoldCause> untold;
    std::vector<ChangedRows> overdue;  // by side: rows with a change that was promised to be visible and is not
  };
  CreditRecord record_;
  std::map<std::uint32_t, UnderWay> under_way_;  // by check
  std::map<StoreId, UnreadChanges> unread_;
  std::map<std::uint32_t, std::size_t> readings_;  // by check: second ones that were made
  std::map<std::uint32_t, std::map<std::pair<StoreId, RowKey>, Caught>> caught_;  // by check
};

// Looks on while one event is handled.
class CreditingOnlooker : public Onlooker {
 public:
  CreditingOnlooker(World& world, const Oracle& oracle, Credit& credit)
      : world_(&world), oracle_(&oracle), credit_(&credit) {}
  void has_read(const CheckDescription& check, const CheckRun& run) override;
  void claims_figures(const CheckDescription& check, const CheckRun& run, const std::vector<Reading>& reference,
                      const std::vector<Reading>& trial, SecondReading& second) override;
  void has_reported(const CheckDescription& check, const CheckRun& run) override;

 private:
  World* world_;
  const Oracle* oracle_;
  Credit* credit_;
};

}  // namespace rehearse
