// Where every change had gone when the rehearsal ended. Four equations must hold whatever happened, and are asserted.
// Of deliveries: what the connector read is in the topic, held back or dropped; what is in the topic was fetched or
// waits; what was fetched was settled, was abandoned by a crash and is fetched again, or is under way. Of changes, each
// once: what the source has committed, and the rows of the initial snapshot, are visible, were settled otherwise, or
// are in flight, be it in the source's log.
#include "harness/judge/parts.h"
#include "sim/kernel/assert.h"

namespace rehearse::judging {
namespace {

void write(const StreamCounts& n, result::Conservation& out) {
  REHEARSE_ASSERT(n.read + n.snapshot + n.replayed + n.copied == n.appended + n.held + n.tapped,
                  "what the connector read is in the topic, held back or dropped");
  REHEARSE_ASSERT(n.fetched >= n.refetched && n.appended >= n.fetched - n.refetched,
                  "nothing is fetched that is not in the topic");
  const std::uint64_t settled = n.applied + n.applied_again + n.ignored + n.deduplicated + n.expired + n.dropped;
  REHEARSE_ASSERT(n.fetched == settled + n.abandoned + n.under_way,
                  "what was fetched was settled, was abandoned by a crash, or is under way");
  out.set_pipeline(n.pipeline);
  out.set_applied(n.applied);
  out.set_applied_again(n.applied_again);
  out.set_in_flight(n.not_visible);
  out.set_filtered(n.ignored);
  out.set_expired(n.expired);
  out.set_dropped(n.tapped + n.dropped);
  out.set_deduplicated(n.deduplicated);
  out.set_not_first(n.not_first);
  out.set_changes(n.read + n.snapshot + n.unread);
  REHEARSE_ASSERT(out.changes() + out.not_first() == out.applied() + out.in_flight() + out.filtered() + out.expired() +
                                                         out.dropped() + out.deduplicated(),
                  "each change is visible, was settled otherwise, or is in flight");
  out.set_balanced(true);
}

void write(const BatchCounts& n, result::Conservation& out) {
  REHEARSE_ASSERT(n.extracted + n.not_yet <= n.changes, "a batch job loads no more changes than there were");
  out.set_pipeline(n.pipeline);
  out.set_changes(n.changes);
  out.set_applied(n.extracted);
  out.set_in_flight(n.not_yet);
  out.set_superseded(n.changes - n.extracted - n.not_yet);
  out.set_balanced(true);
}

}  // namespace

void write_conservation(const Case& c, result::Result& result) {
  for (const BatchCounts& batch : c.in.batches) write(batch, *result.add_conservation());
  for (const StreamCounts& stream : c.in.streams) write(stream, *result.add_conservation());
}

}  // namespace rehearse::judging
