# find_package(vsdump): the targets vsdump::dissector and vsdump::capture.
include(${CMAKE_CURRENT_LIST_DIR}/dependencies.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/vsdump-targets.cmake)
