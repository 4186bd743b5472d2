// Writes a scenario's synthetic source as files that a real pipeline can be fed with: schema, rows before, the changes
// of the tables behind every streaming pipeline as a connector delivers them, and what each dataset should end with.
//
// The rows are the simulation's own: the world runs, and what connectors of its tables append (emit_connector.h) is
// written down. So the stream shows what happens before the topic (bursts, schema changes, records delivered twice or
// again after a restart of the connector, held back, altered) and nothing that happens behind it (the sink's restarts,
// retention, repairs, and what is made of rows on the way). Left out: rows of the initial snapshot (they are the CSV
// files), and statement times: created_at and updated_at are commits' times. Memory: what the rehearsal itself needs,
// each stream's connector once more, and of each table up to 18 bytes a row for times and versions.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/campaign/assembler.h"

namespace rehearse {

enum class EmitFormat : std::uint8_t { wal2json2, wal2json1, debezium, maxwell, canal, sql };
struct EmitFormatName {
  const char* name;
  EmitFormat format;
  std::uint64_t bytes_a_change, bytes_a_column;  // of each change, about
};
const std::vector<EmitFormatName>& emit_formats();

struct EmitOptions {
  EmitFormat format = EmitFormat::wal2json2;
  const std::atomic<bool>* interrupted = nullptr;  // set: stop, and say so
  std::function<void(Time now, Time end)> progress;
};

struct EmittedFile {
  std::string name;
  std::string what;
  std::uint64_t rows = 0;  // or change records
};

struct Emitted {
  std::optional<std::string> problem;  // a sentence: why there is nothing to use in the folder
  std::vector<EmittedFile> files;
};

// Why this scenario cannot be emitted, if so; known without running it.
std::optional<std::string> refuse_to_emit(const LoadedScenario& scenario);

// How much will be written, as far as tables and rates tell beforehand: it may be half as much, or twice.
std::uint64_t about_bytes(const LoadedScenario& scenario, EmitFormat format);

// Into a folder that exists and is empty. The scenario must not be refused.
Emitted emit(const LoadedScenario& scenario, const SharedInputs& inputs, const std::filesystem::path& folder,
             const EmitOptions& options = {});

}  // namespace rehearse
