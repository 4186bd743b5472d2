#include "tests/twins/sink_twin.h"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <queue>
#include <tuple>

#include "sim/kernel/wide.h"

namespace rehearse::twins {
namespace {

// At one instant in this order.
enum Kind { flush_ends, service_ends, fetch, flush_starts };

struct Event {
  Time at;
  Kind kind;
  std::size_t index;         // of the writer, the worker or the partition
  std::uint64_t generation;  // an event of an older plan is void
  bool operator>(const Event& b) const { return std::tie(at, kind, index) > std::tie(b.at, b.kind, b.index); }
};

struct Record {
  std::uint32_t partition;
  std::uint64_t offset;
  TableId table;
  RowId row;
  Write write;
  bool removes, snapshot, copy;
  std::uint64_t position;
  unsigned delivery;
  Mark mark;
  Time commit, append;
  bool fetched = false;         // since the last crash that rewound over it
  bool fetched_before = false;  // before a crash
  bool ended = false;           // written or lost, at least once
  bool done = false;            // written, or lost for good, since it was fetched
};

// Work that takes simulated time at a speed that may change.
struct Work {
  std::int64_t left = 0;
  Time since;
};

struct Worker {
  std::optional<Record*> record;
  bool blocked = false;
  Work work;
  std::uint64_t generation = 0;
  std::deque<Record*> queue;  // by key
};

struct Writer {
  std::deque<Record*> pending;
  std::size_t in_flush = 0;  // 0: not flushing
  Work work;
  std::uint64_t generation = 0;
};

class Twin {
 public:
  Twin(const SmallLanes& lanes, Time until)
      : lanes_(lanes),
        options_(lanes.world.sink),
        until_(until),
        workers_(options_.workers),
        writers_(options_.writers) {
    const std::size_t tables = lanes.world.tables.size();
    result_.cells.resize(tables);
    result_.extra_copies.resize(tables);
    for (std::uint32_t p = 0; p < lanes.topic.options.partitions; ++p) {
      records_.emplace_back();
      const auto& log = lanes.topic.partitions[p].records;
      for (std::uint64_t offset = 0; offset < log.end(); ++offset)
        records_.back().push_back(resolve(p, offset, log[offset]));
    }
    waiting_.resize(records_.size());
    handed_on_.resize(records_.size());
  }

  SinkTwinResult run() {
    const auto& controls = lanes_.world.controls;
    while (true) {
      const Time control = next_control_ < controls.size() ? controls[next_control_].at : Time::never();
      const std::optional<Event> event = next_event();
      if (std::min(event ? event->at : Time::never(), control) > until_) break;
      if (event && event->at <= control) {
        happen(*event);
      } else {
        now_ = control;
        carry_out(controls[next_control_++]);
      }
    }
    conclude();
    return std::move(result_);
  }

 private:
  Record resolve(std::uint32_t p, std::uint64_t offset, const TopicRecord& r) const {
    Record record{.partition = p,
                  .offset = offset,
                  .table = 0,
                  .row = 0,
                  .write = 0,
                  .removes = false,
                  .snapshot = r.snapshot(),
                  .copy = false,
                  .position = r.position(),
                  .delivery = r.delivery(),
                  .mark = r.mark(),
                  .commit = Time{0},
                  .append = r.append};
    if (r.snapshot()) {
      const Connector::SnapshotRow& row = lanes_.connector.snapshot_row(r.position());
      std::tie(record.table, record.row, record.write) = std::tuple{row.table, row.row, row.write};
    } else {
      const LogRecord& change = lanes_.source.log()[r.position()];
      std::tie(record.table, record.row, record.write) = std::tuple{change.table(), change.row, change.write};
      record.removes = change.op() == Op::remove;
      record.commit = change.commit();
    }
    if (r.noted()) record.copy = lanes_.topic.partitions[p].notes.at(offset).copy;
    return record;
  }

  // ---- events

  std::optional<Event> next_event() {
    const bool stands = down_ || speed_ == 0;
    const auto is_void = [&](const Event& e) {
      return e.generation != (e.kind == service_ends ? workers_[e.index].generation : writers_[e.index].generation);
    };
    while (!events_.empty() && is_void(events_.top())) events_.pop();
    std::optional<Event> next;
    if (!events_.empty() && !stands) next = events_.top();
    const Record* head = nullptr;
    for (std::size_t p = 0; p < records_.size(); ++p) {
      auto& partition = records_[p];
      const auto unfetched =
          std::find_if(partition.begin(), partition.end(), [](const Record& r) { return !r.fetched; });
      if (unfetched != partition.end() && is_there(p, *unfetched) && (!head || unfetched->append < head->append))
        head = &*unfetched;
    }
    if (!head) return next;
    // Whoever cannot fetch the record has lost it from the first instant on at which the topic does not keep it.
    const bool fetches = !stands && queued() < options_.max_poll_records;
    const Time dropped = head->append + lanes_.topic.options.retention + nanosecond;
    const Event event{std::max(fetches ? head->append : dropped, now_), fetch, head->partition, 0};
    if (!next || *next > event) next = event;
    return next;
  }

  // What a connector appends at the instant at which it is resumed comes after whatever else happens then.
  bool is_there(std::size_t p, const Record& record) const {
    return next_control_ == lanes_.topic_ends.size() || record.offset < lanes_.topic_ends[next_control_][p];
  }

  std::size_t queued() const {
    std::size_t n = shared_queue_.size();
    for (const Worker& worker : workers_) n += worker.queue.size();
    return n;
  }

  void happen(const Event& event) {
    if (event.kind != fetch) events_.pop();
    now_ = event.at;
    switch (event.kind) {
      case flush_ends:
        end_flush(event.index);
        break;
      case service_ends:
        end_service(workers_[event.index], event.index);
        break;
      case fetch:
        fetch_next(event.index);
        break;
      case flush_starts:
        start_flush(event.index);
        break;
    }
  }

  void fetch_next(std::size_t p) {
    Record& record = *std::find_if(records_[p].begin(), records_[p].end(), [](const Record& r) { return !r.fetched; });
    record.fetched = true;
    ++result_.counts.fetched;
    if (now_ > record.append + lanes_.topic.options.retention) {
      ++result_.counts.expired;
      return lose(record);
    }
    if (options_.dispatch == Dispatch::by_key) {
      const std::uint64_t key = finalise((std::uint64_t{record.table} << 32 | record.row) ^ 0x5bd1e9955bd1e995ULL);
      Worker& worker = workers_[below(key, workers_.size())];
      if (worker.record) worker.queue.push_back(&record);
      else serve(worker, record);
      return;
    }
    for (Worker& worker : workers_)
      if (!worker.record) return serve(worker, record);
    shared_queue_.push_back(&record);
  }

  void serve(Worker& worker, Record& record) {
    const Stream draws = stream(lanes_.world.seed, "cdc.processor.service_time");
    const std::uint64_t id = record.snapshot ? (std::uint64_t{1} << 40) + record.position : record.position;
    const unsigned delivery = record.delivery + (record.fetched_before ? 16 * crashes_ : 0);
    worker.record = &record;
    worker.work = {options_.service_time(bits(draws, id, delivery)).ns, now_};
    plan(worker);
  }

  void plan(Worker& worker) {
    ++worker.generation;
    const std::size_t index = static_cast<std::size_t>(&worker - workers_.data());
    if (worker.record && !worker.blocked && speed_ > 0)
      events_.push({end_of(worker.work), service_ends, index, worker.generation});
  }

  void end_service(Worker& worker, std::size_t index) {
    ++worker.generation;
    if (in_buffer() < options_.buffer || waited_for(**worker.record)) return leave(worker);
    worker.blocked = true;
    blocked_.push_back(index);
  }

  // The worker's record goes to the buffer and the worker takes the next one.
  void leave(Worker& worker) {
    Record& record = **worker.record;
    worker.record.reset();
    worker.blocked = false;
    if (options_.dispatch == Dispatch::by_key) hand_on(record);
    else hand_on_in_order(record);
    std::deque<Record*>& queue = options_.dispatch == Dispatch::by_key ? worker.queue : shared_queue_;
    if (queue.empty()) return;
    Record& next = *queue.front();
    queue.pop_front();
    serve(worker, next);
  }

  // The first record of the partition that waits in the buffer may not be handed on before this one.
  bool waited_for(const Record& record) const {
    const auto& waiting = waiting_[record.partition];
    return !waiting.empty() && record.offset < waiting.begin()->first;
  }

  // Records of a partition go on in the order of their offsets; those that are done with need not go.
  void hand_on_in_order(Record& record) {
    auto& waiting = waiting_[record.partition];
    waiting.emplace(record.offset, &record);
    std::uint64_t& next = handed_on_[record.partition];
    while (next < records_[record.partition].size()) {
      if (const auto ready = waiting.find(next); ready != waiting.end()) {
        hand_on(*ready->second);
        waiting.erase(ready);
      } else if (!records_[record.partition][next].done) {
        return;
      }
      ++next;
    }
  }

  std::size_t in_buffer() const {
    std::size_t n = 0;
    for (const auto& waiting : waiting_) n += waiting.size();
    for (const Writer& writer : writers_) n += writer.pending.size();
    return n;
  }

  void hand_on(Record& record) {
    Writer& writer = writers_[record.partition % writers_.size()];
    writer.pending.push_back(&record);
    plan_start(writer);
  }

  void plan_start(Writer& writer) {
    if (writer.in_flush > 0) return;
    ++writer.generation;
    if (writer.pending.empty()) return;
    const bool at_once = options_.flush_every.ns == 0 || writer.pending.size() >= options_.flush_rows;
    events_.push({at_once ? now_ : tick_at_or_after(now_, options_.flush_every), flush_starts, index_of(writer),
                  writer.generation});
  }
  std::size_t index_of(const Writer& writer) const { return static_cast<std::size_t>(&writer - writers_.data()); }

  void start_flush(std::size_t index) {
    Writer& writer = writers_[index];
    writer.in_flush = std::min<std::size_t>(writer.pending.size(), options_.flush_rows);
    writer.work = {options_.row_time.ns * static_cast<std::int64_t>(writer.in_flush), now_};
    plan_end(writer);
  }
  void plan_end(Writer& writer) {
    ++writer.generation;
    if (speed_ > 0) events_.push({end_of(writer.work), flush_ends, index_of(writer), writer.generation});
  }

  void end_flush(std::size_t index) {
    Writer& writer = writers_[index];
    for (; writer.in_flush > 0; --writer.in_flush) {
      apply(*writer.pending.front());
      writer.pending.pop_front();
    }
    while (const std::optional<std::size_t> worker = next_admitted()) leave(workers_[*worker]);
    plan_start(writer);
  }

  // Whoever blocked first, while there is room; without room, whoever is waited for.
  std::optional<std::size_t> next_admitted() {
    const bool room = in_buffer() < options_.buffer;
    const auto first = std::find_if(blocked_.begin(), blocked_.end(),
                                    [&](std::size_t worker) { return room || waited_for(**workers_[worker].record); });
    if (first == blocked_.end()) return std::nullopt;
    const std::size_t worker = *first;
    blocked_.erase(first);
    return worker;
  }

  // ---- what a record does to its row

  void apply(Record& record) {
    const bool again = record.copy || record.ended;
    if (record.snapshot && !record.ended) ++result_.snapshot_written;
    if (!again) note_stale(record.commit);
    if (!again && !record.snapshot) result_.latency.add(now_ - record.commit);
    if (!record.ended) result_.time_in_system += static_cast<std::uint64_t>((now_ - record.append).ns);
    record.done = record.ended = true;

    std::vector<Cell>& cells = result_.cells[record.table];
    std::vector<std::uint32_t>& extra = result_.extra_copies[record.table];
    if (record.row >= cells.size()) cells.resize(record.row + 1);
    if (record.row >= extra.size()) extra.resize(record.row + 1);
    Cell& cell = cells[record.row];
    const bool known = cell.write != 0 && record.write <= cell.write;
    if (known && (options_.deduplicate || options_.write == WriteMode::upsert_if_newer)) {
      ++result_.counts.deduplicated;
    } else if (record.removes && options_.deletes == DeleteMode::ignore) {
      ++result_.counts.ignored;
    } else {
      ++(again ? result_.counts.applied_again : result_.counts.applied);
      if (record.removes) extra[record.row] = 0;
      else if (options_.write == WriteMode::append && cell.live()) ++extra[record.row];
      cell = {record.write, record.removes ? absent : record.mark, 0};
    }
    result_.writes.push_back({now_, record.table, record.row, record.write, cell, extra[record.row]});
  }

  void lose(Record& record) {
    if (!record.copy && !record.ended) note_stale(record.commit);
    record.done = record.ended = true;
    result_.losses.push_back({now_, record.table, record.row, record.write, {}, 0});
  }

  void note_stale(Time commit) {
    result_.worst_age = std::max(result_.worst_age, now_ - commit);
    result_.older_than.resize(options_.ages.size());
    for (std::size_t age = 0; age < options_.ages.size(); ++age)
      if (commit + options_.ages[age] < now_) result_.older_than[age].push_back({commit + options_.ages[age], now_});
  }

  // ---- speed, crashes

  Time end_of(const Work& work) const {
    const Unsigned128 whole = static_cast<Unsigned128>(work.left) * 1'000'000;
    return work.since + Duration{static_cast<std::int64_t>((whole + speed_ - 1) / speed_)};
  }
  void spend(Work& work) {
    const auto done = static_cast<std::int64_t>(static_cast<Unsigned128>((now_ - work.since).ns) * speed_ / 1'000'000);
    work = {std::max<std::int64_t>(0, work.left - done), now_};
  }

  void carry_out(const Control& what) {
    switch (what.kind) {
      case Control::Kind::speed:
        for (Worker& worker : workers_) spend(worker.work);
        for (Writer& writer : writers_) spend(writer.work);
        speed_ = what.value;
        for (Worker& worker : workers_) plan(worker);
        for (Writer& writer : writers_)
          if (writer.in_flush > 0) plan_end(writer);
          else plan_start(writer);
        break;
      case Control::Kind::sink_crash:
        crash();
        break;
      case Control::Kind::sink_resume:
        down_ = false;
        break;
      default:
        break;
    }
  }

  void crash() {
    ++crashes_;
    down_ = true;
    for (Worker& worker : workers_)
      worker = {.record = {}, .blocked = false, .work = {}, .generation = worker.generation + 1, .queue = {}};
    for (Writer& writer : writers_)
      writer = {.pending = {}, .in_flush = 0, .work = {}, .generation = writer.generation + 1};
    shared_queue_.clear();
    blocked_.clear();
    for (std::size_t p = 0; p < records_.size(); ++p) {
      waiting_[p].clear();
      bool behind = false;  // a record before it in the partition is not done
      std::uint64_t next = 0;
      for (Record& record : records_[p]) {
        if (!record.fetched) break;
        if (options_.delivery == Delivery::at_most_once && !record.done) {
          ++result_.counts.dropped;
          lose(record);
        }
        behind |= !record.done;
        if (behind) {
          ++result_.counts.refetched;
          result_.counts.abandoned += !record.done;
          record.fetched_before = true;
          record.fetched = record.done = false;
        } else {
          ++next;
        }
      }
      handed_on_[p] = next;
    }
  }

  // ---- the end

  void conclude() {
    for (const auto& partition : records_) {
      std::uint64_t next = 0;
      Lsn position = 0;
      // Before a crash, the position had been reached by what was done then: being done never ends for that prefix.
      for (; next < partition.size() && partition[next].done; ++next)
        if (!partition[next].snapshot) position = std::max(position, partition[next].position + 1);
      result_.next_unwritten.push_back(next);
      result_.positions.push_back(position);
      for (const Record& record : partition) {
        result_.under_way += record.fetched && !record.done;
        if (record.append > until_ || record.done) continue;
        if (!record.copy && !record.ended)
          result_.oldest_not_visible = std::min(result_.oldest_not_visible, record.commit);
        if (!record.ended) result_.time_in_system += static_cast<std::uint64_t>((until_ - record.append).ns);
      }
    }
    merge_stale();
  }

  void merge_stale() {
    for (std::vector<SinkLane::Span>& spans : result_.older_than) {
      std::sort(spans.begin(), spans.end(), [](const auto& a, const auto& b) { return a.from < b.from; });
      std::vector<SinkLane::Span> merged;
      for (const SinkLane::Span& span : spans)
        if (!merged.empty() && span.from <= merged.back().until)
          merged.back().until = std::max(merged.back().until, span.until);
        else merged.push_back(span);
      spans = merged;
    }
  }

  const SmallLanes& lanes_;
  const SinkOptions& options_;
  Time until_;
  std::vector<std::vector<Record>> records_;  // by partition
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  Time now_;
  std::size_t next_control_ = 0;
  std::uint32_t speed_ = 1'000'000;
  bool down_ = false;
  unsigned crashes_ = 0;
  std::vector<Worker> workers_;
  std::vector<Writer> writers_;
  std::deque<Record*> shared_queue_;
  std::deque<std::size_t> blocked_;
  std::vector<std::map<std::uint64_t, Record*>> waiting_;  // shared workers: in the buffer, before their turn
  std::vector<std::uint64_t> handed_on_;                   // by partition: the offset whose turn it is
  SinkTwinResult result_;
};

}  // namespace

SinkTwinResult sink_twin(const SmallLanes& lanes, Time until) { return Twin(lanes, until).run(); }

}  // namespace rehearse::twins
