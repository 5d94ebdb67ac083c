// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace vsdump {

/// Whether Wireshark has started the program, as a program of its extcap interface: it asks which
/// interfaces there are and how they are set up, and then for a capture, with options of its own.
/// **Source** https://www.wireshark.org/docs/wsdg_html_chunked/ChCaptureExtcap.html
bool isExtcapCall(int argc, const char* const* argv);

/// Answers, or captures. Returns the exit code.
int runExtcap(int argc, const char* const* argv);

}  // namespace vsdump
