# What `cmake --install` puts in place. The installed program needs nothing from the source tree.
include(GNUInstallDirs)
install(TARGETS rehearse RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES LICENSE README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

# Scenario files and the captures that they replay, in their folders; not the code that reads them.
file(GLOB_RECURSE shipped RELATIVE ${PROJECT_SOURCE_DIR}/scenarios CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/scenarios/*)
list(FILTER shipped EXCLUDE REGEX "(\\.(h|cpp|proto|cmake)|CMakeLists\\.txt)$")
foreach(file IN LISTS shipped)
  get_filename_component(folder ${file} DIRECTORY)
  set(kind FILES)
  if(file MATCHES "\\.(sh|py)$")
    set(kind PROGRAMS)
  endif()
  install(${kind} scenarios/${file} DESTINATION ${CMAKE_INSTALL_DATADIR}/rehearse/scenarios/${folder})
endforeach()
