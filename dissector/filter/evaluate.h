// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

#include "dissector/filter/ast.h"
#include "dissector/filter/facts.h"
#include "dissector/wire/frame.h"

namespace vsdump::filter {

/// Whether a record by itself may be one that the condition selects, in the only order of
/// evaluation there is: from left to right, as far as it takes.
///
/// - What needs bytes that the record does not have (cut off by the snapshot length, or never
///   there) rejects the record, whatever else the condition says: pcap-filter's rule.
/// - A field of the virtio header is in records of the virtio transport whose header is long
///   enough. Elsewhere a condition on it is false, and its negation true.
/// - On loopback the reply to `1.p > 2.q` is `1.q > 1.p`. A record that may be such a reply is kept
///   by a condition on connections (`cid`, `conn`), and by its negation too, unless the facts tell
///   whose it is.
/// - A packet of which the facts know no connection is in none: `connection 3` and its like are
///   false, and their negations true.
///
/// Total: every record gives an answer, nothing outside its bytes is read, nothing is allocated.
bool matches(const Expression& expression, const Frame& frame, const Facts& facts = {});

}  // namespace vsdump::filter
