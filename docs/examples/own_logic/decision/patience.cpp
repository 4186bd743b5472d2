// A decision: goes back when the metric `bad` has been above zero in the last `times` samples, holds while its latest
// is, and proceeds otherwise. Without data it holds.
#include <rehearse/own_logic.h>

namespace own = rehearse::own;

namespace {

class Patience : public own::Decision {
  own::Say run(const own::DecisionQuestion& question) override {
    const own::Metric& bad = question.metric("bad");
    if (!bad.latest()) return {own::Say::What::hold, "there is no data"};
    if (*bad.latest() == 0) return {own::Say::What::proceed};
    const auto times = static_cast<std::size_t>(question.parameters.number("times", 3));
    std::size_t in_a_row = 0;
    for (auto sample = bad.samples.rbegin(); sample != bad.samples.rend() && sample->value.value_or(0) > 0; ++sample)
      ++in_a_row;
    if (in_a_row >= times) return {own::Say::What::roll_back, "bad " + std::to_string(in_a_row) + " times in a row"};
    return {own::Say::What::hold, "bad now"};
  }
};

}  // namespace

REHEARSE_OWN_DECISION(Patience)
