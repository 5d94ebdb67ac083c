# cmake --install: the program with its man page and completions, and the libraries with their headers, for
# find_package(vsdump) and the targets vsdump::dissector and vsdump::capture.
include(CMakePackageConfigHelpers)

set(vsdump_config_folder ${CMAKE_INSTALL_LIBDIR}/cmake/vsdump)
set_target_properties(vsdump_dissector PROPERTIES EXPORT_NAME dissector)
set_target_properties(vsdump_capture PROPERTIES EXPORT_NAME capture)
install(TARGETS vsdump_dissector vsdump_capture EXPORT vsdump-targets)
install(EXPORT vsdump-targets NAMESPACE vsdump:: DESTINATION ${vsdump_config_folder})
install(
  DIRECTORY dissector capture
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/vsdump
  FILES_MATCHING
  PATTERN "*.h")

write_basic_package_version_file(${PROJECT_BINARY_DIR}/vsdump-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES cmake/dependencies.cmake cmake/vsdump-config.cmake ${PROJECT_BINARY_DIR}/vsdump-config-version.cmake
        DESTINATION ${vsdump_config_folder})

install(FILES README.md ARCHITECTURE.md CHANGELOG.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} OPTIONAL)

