# rehearse_proto(TARGET file.proto... [DEPS target...]): the messages of these files, whose paths are given from the
# project's root, as a library; headers are included by the same path with .pb.h.
include_guard(GLOBAL)
function(rehearse_proto target)
  cmake_parse_arguments(ARG "" "" "DEPS" ${ARGN})
  set(generated)
  list(TRANSFORM ARG_UNPARSED_ARGUMENTS PREPEND ${PROJECT_SOURCE_DIR}/ OUTPUT_VARIABLE all)
  foreach(proto IN LISTS ARG_UNPARSED_ARGUMENTS)
    string(REGEX REPLACE "\\.proto$" "" stem ${proto})
    set(outputs ${PROJECT_BINARY_DIR}/gen/${stem}.pb.cc ${PROJECT_BINARY_DIR}/gen/${stem}.pb.h)
    add_custom_command(
      OUTPUT ${outputs}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/gen
      COMMAND protobuf::protoc -I ${PROJECT_SOURCE_DIR} --cpp_out=${PROJECT_BINARY_DIR}/gen ${PROJECT_SOURCE_DIR}/${proto}
      DEPENDS ${all}
      COMMENT "Generating ${stem}.pb.h"
      VERBATIM)
    list(APPEND generated ${outputs})
  endforeach()
  add_library(${target} STATIC ${generated})
  # Generated code is not ours to keep free of warnings.
  target_include_directories(${target} SYSTEM PUBLIC ${PROJECT_BINARY_DIR}/gen)
  target_compile_options(${target} PRIVATE -w -fno-sanitize=all)
  target_link_libraries(${target} PUBLIC protobuf::libprotobuf ${ARG_DEPS})
endfunction()
