#include "faults/catalogue.h"

#include <google/protobuf/message.h>

#include "faults/burst/burst.h"
#include "faults/connector_restart/connector_restart.h"
#include "faults/duplicate_delivery/duplicate_delivery.h"
#include "faults/field_corruption/field_corruption.h"
#include "faults/out_of_order_deletes/out_of_order_deletes.h"
#include "faults/schema_drift/schema_drift.h"
#include "sim/kernel/assert.h"

namespace rehearse {

const std::vector<FaultEntry>& fault_catalogue() {
  static const std::vector<FaultEntry> entries{
      {"connector_restart", "rehearse.faults.ConnectorRestart", connector_restart_causes, connector_restart_text,
       make_connector_restart},
      {"duplicate_delivery", "rehearse.faults.DuplicateDelivery", duplicate_delivery_causes, duplicate_delivery_text,
       make_duplicate_delivery},
      {"out_of_order_deletes", "rehearse.faults.OutOfOrderDeletes", out_of_order_deletes_causes,
       out_of_order_deletes_text, make_out_of_order_deletes},
      {"schema_drift", "rehearse.faults.SchemaDrift", schema_drift_causes, schema_drift_text, make_schema_drift},
      {"burst", "rehearse.faults.Burst", burst_causes, burst_text, make_burst},
      {"field_corruption", "rehearse.faults.FieldCorruption", field_corruption_causes, field_corruption_text,
       make_field_corruption},
  };
  return entries;
}

const FaultEntry& fault_entry(const google::protobuf::Message& parameters) {
  for (const FaultEntry& entry : fault_catalogue())
    if (entry.parameters == parameters.GetDescriptor()->full_name()) return entry;
  REHEARSE_ASSERT(false, "every fault of the scenario schema is in the catalogue");
}

}  // namespace rehearse
