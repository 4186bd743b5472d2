# What `cmake --install` and `cpack` put in place. The installed program needs nothing from the source tree.
include(GNUInstallDirs)
install(TARGETS rehearse RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES LICENSE README.md cmake/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md" PATTERN "*.png")
install(DIRECTORY docs/examples DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs)
# The headers for a team's own logic, and what find_package reads, are in interface/CMakeLists.txt.

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

# The program itself prints its manual page and completions, from the table that it parses by: written when it is
# installed, so that building it needs no second step.
set(texts ${PROJECT_BINARY_DIR}/texts)
install(CODE "
  file(MAKE_DIRECTORY \"${texts}\")
  foreach(text IN ITEMS \"rehearse.1=manual\" \"rehearse.bash=completion bash\" \"_rehearse=completion zsh\"
                        \"rehearse.fish=completion fish\")
    string(REGEX MATCH \"^([^=]+)=(.*)$\" unused \"\${text}\")
    set(file \"${texts}/\${CMAKE_MATCH_1}\")
    separate_arguments(arguments UNIX_COMMAND \"\${CMAKE_MATCH_2}\")
    execute_process(COMMAND \"$<TARGET_FILE:rehearse>\" \${arguments} OUTPUT_FILE \"\${file}\" COMMAND_ERROR_IS_FATAL ANY)
  endforeach()
  file(ARCHIVE_CREATE OUTPUT \"${texts}/rehearse.1.gz\" PATHS \"${texts}/rehearse.1\" FORMAT raw COMPRESSION GZip)")
install(FILES ${texts}/rehearse.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${texts}/rehearse.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME rehearse)
install(FILES ${texts}/_rehearse DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES ${texts}/rehearse.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

# `cpack --config BUILD/CPackConfig.cmake` makes a Debian package; which libraries it needs, dpkg-shlibdeps finds out.
# It takes the program as it is built and builds nothing itself.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY TRUE)
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME rehearse)
set(CPACK_PACKAGE_VENDOR Rehearse)
set(CPACK_PACKAGE_CONTACT "The Rehearse developers <developers@rehearse.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "rehearse a data migration before production sees it")
set(CPACK_PACKAGE_DESCRIPTION "Rehearse simulates the move from a batch pipeline to a streaming one, or from an old store \
to a new one, knows the truth of every row, and says whether the plan's checks, gates and rollback did their job.")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
include(CPack)
