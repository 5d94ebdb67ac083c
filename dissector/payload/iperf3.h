// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "dissector/payload/decoder.h"

namespace vsdump::payload {

/// iperf3 and iperf-vsock: the control connection with its parameters and results, and the data
/// connections of the same cookie, whose bytes are counted and not looked at.
/// **Source** esnet/iperf src/iperf_api.{c,h}, iperf_client_api.c, iperf_server_api.c.
extern const Protocol kIperf3;

}  // namespace vsdump::payload
