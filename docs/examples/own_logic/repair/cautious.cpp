// A repair: reloads rows that are missing or differ, and sets the others aside for people to look at. More than `most`
// claims at once are a sign of something worse, and nothing is touched then.
#include <rehearse/own_logic.h>

namespace own = rehearse::own;

namespace {

class Cautious : public own::Repair {
  void run(const own::RepairQuestion& question, own::RepairAnswer& answer) override {
    if (static_cast<double>(question.claims.size()) > question.parameters.number("most", 100)) return;
    for (const own::Claim& claim : question.claims)
      answer.repair(claim, claim.kind == "extra" ? "quarantine" : "reload_from_source");
  }
};

}  // namespace

REHEARSE_OWN_REPAIR(Cautious)
