# Copies the plugin PLUGIN, and PROGRAM, which captures, to where Wireshark WIRESHARK looks for those of the user who runs
# this.
set(settings $ENV{XDG_CONFIG_HOME})
if(NOT settings)
  set(settings $ENV{HOME}/.config)
endif()

function(put file folder)
  file(INSTALL "${file}" DESTINATION "${folder}" USE_SOURCE_PERMISSIONS MESSAGE_NEVER)
  cmake_path(GET file FILENAME name)
  message(STATUS "installed ${folder}/${name}")
endfunction()

put("${PLUGIN}" $ENV{HOME}/.local/lib/wireshark/plugins/${WIRESHARK}/epan)
if(PROGRAM)
  put("${PROGRAM}" ${settings}/wireshark/extcap)
endif()
