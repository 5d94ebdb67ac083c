// SPDX-License-Identifier: GPL-2.0-or-later
// What Wireshark looks for in a plugin. It takes one that was built for its own MAJOR.MINOR only.
#include "wireshark-plugin/dissect.h"
#include "wireshark-plugin/epan.h"

extern "C" {

WS_DLL_PUBLIC_DEF extern const char plugin_version[];
WS_DLL_PUBLIC_DEF extern const int plugin_want_major;
WS_DLL_PUBLIC_DEF extern const int plugin_want_minor;
WS_DLL_PUBLIC void plugin_register();

const char plugin_version[] = VSDUMP_PLUGIN_VERSION;
const int plugin_want_major = WIRESHARK_VERSION_MAJOR;
const int plugin_want_minor = WIRESHARK_VERSION_MINOR;

void plugin_register() {
  static proto_plugin plugin = {vsdump::registerDissector, vsdump::takeOver};
  proto_register_plugin(&plugin);
}

}  // extern "C"
