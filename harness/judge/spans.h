// Sets of instants as disjoint half-open spans [from, until) in order; a span that lasts has until = Time::never().
#pragma once

#include <optional>
#include <vector>

#include "harness/oracle/truth_record.h"
#include "sim/kernel/time.h"

namespace rehearse::judging {

using Spans = std::vector<Span>;

// Disjoint and in order, whatever was given; spans that touch become one, empty ones go.
Spans merged(Spans spans);
Spans united(const Spans& a, const Spans& b);  // of merged ones, as all below
Spans intersected(const Spans& a, const Spans& b);
Spans without(const Spans& a, const Spans& b);
Spans cut_at(const Spans& spans, Time end);  // what lies before `end`

// The first span that has an instant in [from, to], both included; null if none has.
const Span* first_touching(const Spans& spans, Time from, Time to);
inline bool touches(const Spans& spans, Time from, Time to) { return first_touching(spans, from, to) != nullptr; }
inline const Span* at(const Spans& spans, Time t) { return first_touching(spans, t, t); }

Duration total(const Spans& spans);       // of bounded ones
const Span* longest(const Spans& spans);  // of bounded ones, the first of those; null if there is none

// The first t >= from such that no span touches [t, t + length]; none if there is none.
std::optional<Time> first_free(const Spans& spans, Time from, Duration length);

// t + d without running over.
inline Time later(Time t, Duration d) { return d >= Time::never() - t ? Time::never() : t + d; }

}  // namespace rehearse::judging
