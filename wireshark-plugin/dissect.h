// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace vsdump {

/// Makes the dissector known, with its protocol, fields, taps and preferences.
void registerDissector();

/// Takes packets of link type VSOCK over from Wireshark's own dissector.
void takeOver();

}  // namespace vsdump
