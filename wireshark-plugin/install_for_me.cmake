# Copies the plugin PLUGIN to where Wireshark WIRESHARK looks for those of the user who runs this.
set(folder $ENV{HOME}/.local/lib/wireshark/plugins/${WIRESHARK}/epan)
file(INSTALL "${PLUGIN}" DESTINATION "${folder}" TYPE MODULE MESSAGE_NEVER)
cmake_path(GET PLUGIN FILENAME name)
message(STATUS "installed ${folder}/${name}")
