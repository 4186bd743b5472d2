#include "harness/judge/spans.h"

#include <algorithm>

#include "sim/kernel/sort_by_key.h"

namespace rehearse::judging {

Spans merged(Spans spans) {
  sort_by_key(spans, [](const Span& span) { return in_order(span.from); });
  Spans out;
  for (const Span& span : spans) {
    if (span.until <= span.from) continue;
    if (!out.empty() && span.from <= out.back().until) out.back().until = std::max(out.back().until, span.until);
    else out.push_back(span);
  }
  return out;
}

Spans united(const Spans& a, const Spans& b) {
  Spans both = a;
  both.insert(both.end(), b.begin(), b.end());
  return merged(std::move(both));
}

Spans intersected(const Spans& a, const Spans& b) {
  Spans out;
  for (std::size_t i = 0, k = 0; i < a.size() && k < b.size();) {
    const Span common{std::max(a[i].from, b[k].from), std::min(a[i].until, b[k].until)};
    if (common.from < common.until) out.push_back(common);
    if (a[i].until < b[k].until) ++i;
    else ++k;
  }
  return out;
}

Spans without(const Spans& a, const Spans& b) {
  Spans rest;
  Time from = Time::before_all();
  for (const Span& span : b) {
    rest.push_back({from, span.from});
    from = span.until;
  }
  rest.push_back({from, Time::never()});
  return intersected(a, rest);
}

Spans cut_at(const Spans& spans, Time end) { return intersected(spans, {{Time::before_all(), end}}); }

const Span* first_touching(const Spans& spans, Time from, Time to) {
  // The first that is not over before `from`.
  const auto found =
      std::partition_point(spans.begin(), spans.end(), [&](const Span& span) { return span.until <= from; });
  return found != spans.end() && found->from <= to ? &*found : nullptr;
}

Duration total(const Spans& spans) {
  Duration sum;
  for (const Span& span : spans) sum += span.until - span.from;
  return sum;
}

std::optional<Time> first_free(const Spans& spans, Time from, Duration length) {
  while (const Span* span = first_touching(spans, from, later(from, length))) {
    if (span->until == Time::never()) return std::nullopt;
    from = span->until;
  }
  return from;
}

const Span* longest(const Spans& spans) {
  const auto found = std::max_element(spans.begin(), spans.end(),
                                      [](const Span& a, const Span& b) { return a.until - a.from < b.until - b.from; });
  return found == spans.end() ? nullptr : &*found;
}

}  // namespace rehearse::judging
