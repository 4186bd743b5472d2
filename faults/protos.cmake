# The faults' parameters. A new fault adds its line here.
include_guard(GLOBAL)
include(${PROJECT_SOURCE_DIR}/scenarios/annotations/proto.cmake)
rehearse_proto(rehearse_faults_proto
  faults/schedule.proto
  faults/schema_change.proto
  faults/burst/burst.proto
  faults/connector_restart/connector_restart.proto
  faults/duplicate_delivery/duplicate_delivery.proto
  faults/field_corruption/field_corruption.proto
  faults/out_of_order_deletes/out_of_order_deletes.proto
  faults/schema_drift/schema_drift.proto
  DEPS rehearse_annotations)
