# The faults that there are, in the order in which they are listed, and their parameters. A new fault adds its name here.
include_guard(GLOBAL)
include(${PROJECT_SOURCE_DIR}/scenarios/annotations/proto.cmake)
set(REHEARSE_FAULTS connector_restart duplicate_delivery out_of_order_deletes schema_drift burst field_corruption)
set(parameters)
foreach(fault IN LISTS REHEARSE_FAULTS)
  list(APPEND parameters faults/${fault}/${fault}.proto)
endforeach()
rehearse_proto(rehearse_faults_proto faults/schedule.proto faults/schema_change.proto ${parameters} DEPS rehearse_annotations)
