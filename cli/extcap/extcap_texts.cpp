// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/extcap/extcap_texts.h"

#include "cli/extcap/extcap_options.h"

namespace vsdump {

std::string extcapInterfaces() {
  return "extcap {version=1}"
         "{display=vsdump}\n"
         "interface {value=vsockmon}{display=vsockmon: this machine}\n"
         "interface {value=vsockmon-ssh}{display=vsockmon: over ssh}\n"
         "control {number=0}{type=string}{display=Show only}"
         "{tooltip=A filter of vsdump: from here on Wireshark gets the packets that it selects. "
         "Empty: all}"
         "{placeholder=port 1024 and op rw}\n"
         "control {number=1}{type=button}{role=logger}{display=Statistics}"
         "{tooltip=How many packets have passed}\n";
}

std::string extcapLinkTypes() {
  return "dlt {number=271}{name=VSOCK}{display=Linux vsock}\n";
}

std::string extcapConfiguration(std::string_view interface) {
  if (interface == kExtcapHere) {
    return "arg {number=0}{call=--device}{display=Device}{type=string}"
           "{tooltip=A vsockmon device that is up. Empty: the first one, or one that is made for "
           "the capture}"
           "{placeholder=made for the capture}\n";
  }
  return "arg {number=0}{call=--remote-host}{display=Host}{type=string}{required=true}"
         "{tooltip=As the ssh program knows it, whose own settings and keys are used}\n"
         // No number: Wireshark begins those with 0, which none may be.
         "arg {number=1}{call=--remote-port}{display=Port}{type=string}{validation=^[0-9]*$}"
         "{tooltip=Empty: what ssh is set to}\n"
         "arg {number=2}{call=--remote-username}{display=User}{type=string}"
         "{tooltip=Empty: what ssh is set to}\n"
         "arg {number=3}{call=--remote-command}{display=Command}{type=string}{default=vsdump}"
         "{tooltip=What starts vsdump there, such as: sudo -n vsdump}\n";
}

}  // namespace vsdump
