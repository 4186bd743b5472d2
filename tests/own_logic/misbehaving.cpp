// A library that does whatever the parameter `do` says, well or badly.
#include <rehearse/own_logic.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <vector>

namespace own = rehearse::own;

namespace {

constexpr std::size_t flood_lines = 2'000'000;

struct NoException {};

void misbehave(const std::string& what) {
  if (what == "throw") throw std::runtime_error("no luck today");
  if (what == "throw_other") throw NoException{};
  if (what == "crash") ::raise(SIGSEGV);
  if (what == "abort") std::abort();
  if (what == "exit") std::exit(0);
  if (what == "hang")
    for (;;) ::pause();
  if (what == "print") std::puts("{\"figure\": 7}");
  if (what == "eat_memory")
    for (std::vector<std::vector<char>> all;;) all.emplace_back(64 << 20, 'x');
}

class Check : public own::Check {
  void run(const own::CheckQuestion& question, own::CheckAnswer& answer) override {
    const std::string what = question.parameters.text("do", "");
    misbehave(what);
    const own::Dataset& orders = question.datasets.at(0);
    if (what == "lie") answer.discrepancy({{424242}});
    if (what == "wrong_class") answer.discrepancy({{1}, "wrong"});
    if (what == "wrong_column") answer.discrepancy({{1}, "", {"absent"}});
    if (what == "wrong_dataset") answer.discrepancy({{1}, "", {}, "absent"});
    if (what == "no_column") orders.trial.column("absent");
    if (what == "two_figures")
      for (const double figure : {1.0, 2.0}) answer.figure(figure);
    if (what == "flood")
      for (std::size_t i = 0; i < flood_lines; ++i) answer.discrepancy({{1}, "mismatch", {"amount", "status", "id"}});
    if (what == "remember") answer.figure(static_cast<double>(++remembered_));
    if (what == "addresses") answer.figure(static_cast<double>(reinterpret_cast<std::uintptr_t>(&orders)));
    if (what == "leave_a_trace") {  // nothing of it may be there the second time
      answer.figure(std::ifstream("trace") ? 1 : 0);
      std::ofstream("trace") << "x";
    }
    if (what == "figure") answer.figure(-0.5);
    if (what == "environment") answer.figure(std::getenv("REHEARSE_TEST_LEAK") != nullptr ? 1 : 0);
    if (what == "rows") {  // each row of either side once, with its copies
      double rows = 0;
      for (own::Rows all = orders.reference.rows(); all.next();) ++rows;
      for (own::Rows all = orders.trial.rows(); all.next();) rows += 100;
      answer.figure(rows);
    }
    if (what == "nulls") {
      const std::size_t amount = orders.trial.column("amount");
      for (own::Rows all = orders.trial.rows(); all.next();)
        if (all[amount].is_null()) answer.discrepancy({all.key(), "", {"amount"}});
    }
  }
  static int remembered_;
};
int Check::remembered_ = 0;

class Repair : public own::Repair {
  void run(const own::RepairQuestion& question, own::RepairAnswer& answer) override {
    const std::string what = question.parameters.text("do", "");
    misbehave(what);
    for (const own::Claim& claim : question.claims) {
      if (what == "lie") answer.repair({claim.dataset, "424242", claim.kind, {}}, "delete");
      else answer.repair(claim, what == "wrong_action" ? "perhaps" : "reload_from_source");
    }
  }
};

class Decision : public own::Decision {
  own::Say run(const own::DecisionQuestion& question) override {
    const std::string what = question.parameters.text("do", "");
    misbehave(what);
    if (what == "hold") return {own::Say::What::hold, "not yet"};
    if (what == "full" && question.phase == "full") return {own::Say::What::roll_back, "seen enough"};
    if (!question.metric("age").latest()) return {own::Say::What::hold, "no data"};
    return {own::Say::What::proceed};
  }
};

}  // namespace

REHEARSE_OWN_CHECK(Check)
REHEARSE_OWN_REPAIR(Repair)
REHEARSE_OWN_DECISION(Decision)
