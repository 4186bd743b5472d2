# The helpers every folder uses: a layer is one static library, a test is one executable known to ctest.

# rehearse_compiled_headers(NAME header... DEPS target...): generated headers that are compiled once, as target NAME, for
# the layers that name it and the tests of these. The headers of messages are most of what a file costs to compile. A
# build that must see whether each file includes what it needs sets CMAKE_DISABLE_PRECOMPILE_HEADERS.
function(rehearse_compiled_headers name)
  cmake_parse_arguments(ARG "" "" "DEPS" ${ARGN})
  set(source ${PROJECT_BINARY_DIR}/gen/${name}.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "namespace {}\n")
  add_library(${name} STATIC ${source})
  target_link_libraries(${name} PUBLIC rehearse_options ${ARG_DEPS})
  list(TRANSFORM ARG_UNPARSED_ARGUMENTS PREPEND ${PROJECT_BINARY_DIR}/gen/ OUTPUT_VARIABLE headers)
  target_precompile_headers(${name} PRIVATE ${headers})
endfunction()

# rehearse_reads_headers(TARGET NAME): TARGET begins each file with the headers that were compiled as NAME.
function(rehearse_reads_headers target name)
  target_precompile_headers(${target} REUSE_FROM ${name})
  set_target_properties(${target} PROPERTIES REHEARSE_HEADERS ${name})
endfunction()

# rehearse_layer(NAME [DEPS target...]): the *.cpp of the calling folder (not of its subfolders) as target rehearse_NAME.
function(rehearse_layer name)
  cmake_parse_arguments(ARG "" "" "DEPS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(sources)
    add_library(rehearse_${name} STATIC ${sources})
    target_link_libraries(rehearse_${name} PUBLIC rehearse_options ${ARG_DEPS})
  else()
    add_library(rehearse_${name} INTERFACE)
    target_link_libraries(rehearse_${name} INTERFACE rehearse_options ${ARG_DEPS})
  endif()
endfunction()

# rehearse_test(NAME source... [DEPS target...] [LABELS label...]): one Boost.Test executable test_NAME, one ctest entry.
function(rehearse_test name)
  cmake_parse_arguments(ARG "" "" "DEPS;LABELS" ${ARGN})
  add_executable(test_${name} ${ARG_UNPARSED_ARGUMENTS})
  target_compile_definitions(test_${name} PRIVATE BOOST_TEST_DYN_LINK REHEARSE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  # The module's name brings main() with it: into the first file alone.
  list(GET ARG_UNPARSED_ARGUMENTS 0 first)
  set_source_files_properties(${first} PROPERTIES COMPILE_DEFINITIONS "BOOST_TEST_MODULE=${name}")
  target_link_libraries(test_${name} PRIVATE rehearse_options ${ARG_DEPS} Boost::unit_test_framework)
  foreach(tested IN LISTS ARG_DEPS)
    get_target_property(headers ${tested} REHEARSE_HEADERS)
    if(headers)
      rehearse_reads_headers(test_${name} ${headers})
      break()
    endif()
  endforeach()
  add_test(NAME ${name} COMMAND test_${name} --color_output=no)
  set_tests_properties(${name} PROPERTIES TIMEOUT 1800)
  if(ARG_LABELS)
    set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}")
  endif()
endfunction()
